"""Whither payers are led back: addresses, and the hosts that a merchant allows for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app.domain.card_numbers import refuse
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from urllib.parse import SplitResult

LONGEST: Final = 255
MOST_HOSTS: Final = 20
LONGEST_LIST: Final = 2000
"""How many characters all hosts of a merchant have together."""
ANY_BELOW: Final = "*."
"""Before a host, what lets every host below it through, though not the host itself."""
PLACE: Final = "return_url"

_OWN_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_LONGEST_HOST: Final = 253
_LABEL: Final = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?:\*\.{_LABEL}\.)?{_LABEL}(?:\.{_LABEL})*")


def parse_hosts(text: str) -> tuple[str, ...]:
    """Return hosts that were written one a line, each once, as browsers write them.

    Raises BadInputError at `return_hosts`, naming the first line that is no host.
    """
    found = dict.fromkeys(_host(line) for line in text.replace(",", "\n").split())
    if len(found) > MOST_HOSTS or len(kept(found)) > LONGEST_LIST:
        raise _bad_hosts(said("are more than {most} hosts.", most=MOST_HOSTS))
    return tuple(found)


def kept(hosts: Iterable[str]) -> str:
    """Return hosts as they are kept and shown in a form: one a line."""
    return "\n".join(hosts)


def check_address(text: str) -> str:
    """Return a web address without blanks around it, empty for none; its host is not judged here.

    Raises BadInputError at `return_url`, CardNumberRefusedError.
    """
    url = text.strip()
    refuse(url, PLACE)
    if url and _parts(url) is None:
        raise _bad(said("is no web address."), said("Begin it with https://."))
    if len(url) > LONGEST:
        raise _bad(said("is longer than {count} characters.", count=LONGEST))
    return url


def check(text: str, hosts: Collection[str], *, livemode: bool) -> str:
    """Return an address for a payer to go on to, without blanks around it; empty for none.

    https on one of `hosts`, or any where there are none; http only on one's own machine, in the
    test book. Raises BadInputError at `return_url`, CardNumberRefusedError.
    """
    url = check_address(text)
    parts = _parts(url)
    if parts is None:
        return ""
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme == "http" and (livemode or host not in _OWN_MACHINE):
        raise _bad(said("goes over http, where others can read along."), said("Use https://."))
    if hosts and not any(_is_of(host, allowed) for allowed in hosts):
        raise _bad(
            said("leads to {host}, which the merchant's settings do not allow.", host=host),
            said("Allow this host there, or use one of {hosts}.", hosts=", ".join(hosts)),
        )
    return url


def is_allowed(url: str, hosts: Collection[str], *, livemode: bool) -> bool:
    """Tell whether `check` would take an address that was kept before; none is no address."""
    try:
        return bool(check(url, hosts, livemode=livemode))
    except BadInputError:
        return False


def chosen(asked: str, usual: str, hosts: Collection[str], *, livemode: bool) -> str:
    """Return the address that was asked for, or else the usual one where it may be used.

    Raises what `check` raises for the address that was asked for.
    """
    own = check(asked, hosts, livemode=livemode)
    return own or (usual if is_allowed(usual, hosts, livemode=livemode) else "")


def _parts(url: str) -> SplitResult | None:
    """Return the parts of a web address; None where it is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    is_plain = url.isprintable() and not {" ", "\\"} & set(url) and "@" not in parts.netloc
    return parts if is_plain and parts.scheme in {"http", "https"} and parts.hostname else None


def _is_of(host: str, allowed: str) -> bool:
    if allowed.startswith(ANY_BELOW):
        return host.endswith(allowed[1:]) and host != allowed[2:]
    return _ascii(host) == allowed


def _host(line: str) -> str:
    host = _ascii(line.casefold().rstrip("."))
    if len(host) > _LONGEST_HOST or not _HOST.fullmatch(host):
        raise _bad_hosts(said("hold {line}, which is no host.", line=line))
    return host


def _ascii(host: str) -> str:
    """Return a host as it goes over the wire: shöp.example is xn--shp-tna.example."""
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return host


def _bad(reason: str, way_out: str = "") -> BadInputError:
    return BadInputError(PLACE, reason, way_out)


def _bad_hosts(reason: str) -> BadInputError:
    return BadInputError(
        "return_hosts", reason, said("Write hosts such as shop.example.com, one a line.")
    )
