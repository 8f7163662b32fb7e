"""API keys of merchants: what one may do, from where, until when, and how its secret is made.

A secret is told once and kept nowhere; its digest finds the key again, its prefix names it to
people.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
import string
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeAlias

from app.domain.card_numbers import refuse
from app.domain.permissions import Permission
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from app.domain.actors import Livemode

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

API_VERSION: Final = "2026-11-01"
"""The version of the API that a new key is pinned to."""
MOST_LIVING: Final = 20
"""How many keys of a merchant may work at a time in one book."""
MOST_NETWORKS: Final = 20
LONGEST_NAME: Final = 60
LONGEST_OVERLAP: Final = timedelta(days=7)
"""How long at most an old key works beside the one that follows it."""

_ALPHABET: Final = string.ascii_letters + string.digits
_BODY_LENGTH: Final = 43
_PREFIX_LENGTH: Final = 12
_SECRET: Final = re.compile(rf"sk_(?:test|live)_[0-9A-Za-z]{{{_BODY_LENGTH}}}")
_MAPPED: Final = ipaddress.IPv6Network("::ffff:0:0/96")
_P: Final = Permission


class Scope(StrEnum):
    """One thing that a key may do, in the words of the API."""

    PAYMENTS_READ = "payments:read"
    PAYMENTS_WRITE = "payments:write"
    LINKS_READ = "links:read"
    LINKS_WRITE = "links:write"
    REFUNDS_READ = "refunds:read"
    REFUNDS_WRITE = "refunds:write"
    BALANCE_READ = "balance:read"
    DISPUTES_READ = "disputes:read"
    UPLOADS_READ = "uploads:read"
    UPLOADS_WRITE = "uploads:write"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"


# What stands behind a scope without a permission is guarded by the scope alone: a key that may see
# refunds must not thereby see payments.
PERMISSIONS: Mapping[Scope, frozenset[Permission]] = MappingProxyType(
    {
        Scope.PAYMENTS_READ: frozenset({_P.PAYMENTS_READ}),
        Scope.PAYMENTS_WRITE: frozenset(
            {_P.PAYMENTS_CREATE, _P.PAYMENTS_CAPTURE, _P.PAYMENTS_VOID}
        ),
        Scope.LINKS_READ: frozenset({_P.LINKS_READ}),
        Scope.LINKS_WRITE: frozenset({_P.LINKS_UPDATE}),
        Scope.REFUNDS_READ: frozenset(),
        Scope.REFUNDS_WRITE: frozenset({_P.PAYMENTS_REFUND}),
        Scope.BALANCE_READ: frozenset({_P.LEDGER_READ}),
        Scope.DISPUTES_READ: frozenset({_P.DISPUTES_READ}),
        Scope.UPLOADS_READ: frozenset({_P.UPLOADS_READ}),
        Scope.UPLOADS_WRITE: frozenset({_P.UPLOADS_CREATE, _P.UPLOADS_CONFIRM}),
        Scope.WEBHOOKS_READ: frozenset({_P.WEBHOOKS_READ}),
        Scope.WEBHOOKS_WRITE: frozenset({_P.WEBHOOKS_UPDATE}),
    }
)
"""What each scope lets a key do, in the services' terms."""


class KeyState(StrEnum):
    """Where a key stands: ending while the one that follows it works already."""

    ACTIVE = "active"
    ENDING = "ending"
    EXPIRED = "expired"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewKey:
    """What a key shall be; `networks` as `check_networks` answers them, none lets all in."""

    name: str
    scopes: frozenset[Scope]
    networks: tuple[str, ...] = ()
    expires_at: datetime | None = None


def secret(livemode: Livemode, *, choose: Callable[[str], str] = secrets.choice) -> str:
    """Return a new secret of a book: 43 letters and digits by chance, 256 bits, behind its kind.

    `choose` takes one character of a text by chance.
    """
    body = "".join(choose(_ALPHABET) for _ in range(_BODY_LENGTH))
    return f"sk_{'live' if livemode else 'test'}_{body}"


def refuse_secret(text: str, place: str) -> None:
    """Raise BadInputError at `place` where a secret stands anywhere in a text that is kept."""
    if _SECRET.search(text):
        raise BadInputError(
            place,
            said("contains the secret of an API key."),
            said("Take it out: its first characters tell which one it is. Nothing was kept."),
        )


def is_secret(text: str) -> bool:
    """Tell whether a text has the shape of a secret."""
    return _SECRET.fullmatch(text) is not None


def digest(text: str) -> bytes:
    """Return the SHA-256 of a secret: 32 bytes, by which it is found again.

    A slow hash protects passwords, which can be guessed. A secret here has 256 bits of chance, so
    that nobody can try them all; a plain hash is right, and lets one look-up find the key.
    """
    return hashlib.sha256(text.encode()).digest()


def prefix(text: str) -> str:
    """Return what of a secret may be shown later, to tell keys apart: its first 12 characters."""
    return text[:_PREFIX_LENGTH]


def permissions(scopes: Iterable[Scope]) -> frozenset[Permission]:
    """Return what a key with these scopes may do."""
    return frozenset[Permission]().union(*(PERMISSIONS[scope] for scope in scopes))


def written(scopes: Iterable[Scope]) -> str:
    """Return scopes as they are kept: sorted, with blanks between."""
    return " ".join(sorted(scopes))


def kept(text: str) -> frozenset[Scope]:
    """Return kept scopes; one that is not known here lets nobody do anything."""
    return frozenset(scope for scope in Scope if scope in text.split())


def check_scopes(texts: Iterable[str]) -> frozenset[Scope]:
    """Return the scopes that were asked for. Raises BadInputError at `scopes`."""
    wanted = set(texts)
    unknown = sorted(wanted - set(Scope))
    if unknown:
        raise BadInputError(
            "scopes",
            said("{scope} is none that there is.", scope=unknown[0][:40]),
            said("Choose from the list."),
        )
    if not wanted:
        raise BadInputError(
            "scopes", said("is empty."), said("Choose at least one thing that the key may do.")
        )
    return frozenset(Scope(text) for text in wanted)


def check(wanted: NewKey, now: datetime) -> NewKey:
    """Return what a key shall be, its name without blanks around it.

    Raises BadInputError at `name`, `scopes`, `networks` or `expires_at`.
    """
    name = " ".join(wanted.name.split())
    refuse(name, "name")
    refuse_secret(name, "name")
    if not name or len(name) > LONGEST_NAME:
        raise BadInputError(
            "name",
            said("is empty or longer than {count} characters.", count=LONGEST_NAME),
            said("Name what will use the key, such as Shop."),
        )
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise BadInputError(
            "expires_at", said("is not in the future."), said("Choose a later day, or none.")
        )
    return NewKey(
        name=name,
        scopes=check_scopes(wanted.scopes),
        networks=check_networks("\n".join(wanted.networks)),
        expires_at=wanted.expires_at,
    )


def check_overlap(overlap: timedelta) -> None:
    """Refuse an overlap below nothing or above 7 days: BadInputError at `overlap`."""
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise BadInputError(
            "overlap",
            said("is not between now and {count} days.", count=LONGEST_OVERLAP.days),
            said("Choose from the list."),
        )


def check_networks(text: str) -> tuple[str, ...]:
    """Return the addresses and networks of a text, one a line, each once, as they are kept.

    Raises BadInputError at `networks`, naming the line that is none.
    """
    lines = enumerate(text.splitlines(), start=1)
    found = tuple(dict.fromkeys(_network(line.strip(), no) for no, line in lines if line.strip()))
    if len(found) > MOST_NETWORKS:
        raise BadInputError(
            "networks",
            said("has more than {count} lines.", count=MOST_NETWORKS),
            said("Put addresses together into networks, such as 203.0.113.0/24."),
        )
    return found


def allows(networks: Sequence[str], address: str) -> bool:
    """Tell whether a key with these networks may be used from an address; none lets all in.

    An IPv4 address that is written as an IPv6 one (`::ffff:203.0.113.7`) counts as what it is.
    """
    if not networks:
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in ipaddress.ip_network(network) for network in networks)


def state(expires_at: datetime | None, ended_at: datetime | None, now: datetime) -> KeyState:
    """Return where a key stands at a moment."""
    if ended_at is not None and ended_at <= now:
        return KeyState.ENDED
    if expires_at is not None and expires_at <= now:
        return KeyState.EXPIRED
    return KeyState.ACTIVE if ended_at is None else KeyState.ENDING


def _network(line: str, number: int) -> str:
    try:
        found = _plain(ipaddress.ip_network(line))
    except ValueError:
        raise BadInputError(
            "networks",
            said("line {number} is no address and no network.", number=number),
            said(
                "Write 203.0.113.7 for one address or 203.0.113.0/24 for a network, one on a line."
            ),
        ) from None
    single = found.prefixlen == found.max_prefixlen
    return str(found.network_address) if single else str(found)


def _plain(found: Network) -> Network:
    """Return an IPv4 network that was written as an IPv6 one as what it is."""
    if isinstance(found, ipaddress.IPv6Network) and found.subnet_of(_MAPPED):
        mapped = found.network_address.ipv4_mapped
        return ipaddress.IPv4Network((int(mapped or 0), found.prefixlen - _MAPPED.prefixlen))
    return found
