"""Which addresses outside our control may be connected to (OUTBOUND_ALLOW_CIDRS).

The check is made on the resolved address that is then connected to, so that a name cannot be
pointed elsewhere in between.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import config
from app.adapters import http
from app.errors import BadInputError, ConfigurationError, PayAgencyError, said

_LOOPBACK = ("127.0.0.0/8", "::1/128")
_Address: TypeAlias = IPv4Address | IPv6Address

# What counts as global and leads inside all the same: 6to4's relays, the metadata of a cloud.
_CLOSED: Final = (ip_network("192.88.99.0/24"), ip_network("168.63.129.16/32"))
_GLOBAL_UNICAST: Final = ip_network("2000::/3")
_6TO4: Final = ip_network("2002::/16")


class AddressRefusedError(PayAgencyError):
    """An address in a private or reserved range that nobody allowed."""

    code = "address_refused"
    status = 422
    title = said("This address may not be connected to")


@lru_cache(maxsize=8)
def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise ConfigurationError(
            [f"OUTBOUND_ALLOW_CIDRS: {error}. Write ranges such as 10.1.0.0/16,10.2.0.0/16."]
        ) from error


def check(address: str) -> None:
    """Raise AddressRefusedError unless the IP address is public or explicitly allowed."""
    target = _plain(address)
    if _is_public(target) or _is_allowed(target):
        return
    raise AddressRefusedError(
        said(
            "{address} is not a public address. "
            "Name its range in OUTBOUND_ALLOW_CIDRS to allow it.",
            address=address,
        )
    )


def check_unencrypted(address: str) -> None:
    """Raise AddressRefusedError unless plain http may be spoken with the IP address.

    That is so in development, and with the ranges of OUTBOUND_ALLOW_CIDRS.
    """
    check(address)
    if config.get().environment == "development" or _is_allowed(_plain(address)):
        return
    raise AddressRefusedError(said("Only https may be spoken with {address}.", address=address))


def check_for(url: str) -> http.AddressCheck:
    """Return the check that every address behind a URL must pass."""
    return check if urlsplit(url).scheme == "https" else check_unencrypted


def check_url(url: str, place: str) -> None:
    """Look the URL's name up and check every address behind it, as each connection will.

    Raises BadInputError at `place`, which does not tell what the name leads to.
    """
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = http.addresses(parts.hostname or "", port)
    except (OSError, UnicodeError):
        raise BadInputError(
            place,
            said("leads nowhere: its name has no address."),
            said("Check how it is written."),
        ) from None
    try:
        for address in found:
            check_for(url)(address)
    except AddressRefusedError:
        raise BadInputError(
            place,
            said("leads to an address that is not public, or not by https."),
            said("Give the https address of a server on the internet."),
        ) from None


def _plain(address: str) -> _Address:
    """Return the address that is meant: an IPv4 one may be written as an IPv6 one."""
    found = ip_address(address.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found


def _is_public(target: _Address) -> bool:
    if not target.is_global or target.is_multicast or target.is_reserved:
        return False
    if isinstance(target, IPv6Address):
        # Outside lie the ways to IPv4 (NAT64 and the like), whose ends are not checked.
        return target in _GLOBAL_UNICAST and target not in _6TO4
    return not any(target in network for network in _CLOSED)


def _is_allowed(target: _Address) -> bool:
    settings = config.get()
    allowed = _networks(settings.outbound_allow_cidrs)
    if not allowed and settings.environment == "development":
        allowed = _networks(",".join(_LOOPBACK))
    return any(target.version == network.version and target in network for network in allowed)
