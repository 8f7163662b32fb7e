"""Which addresses outside our control may be connected to (OUTBOUND_ALLOW_CIDRS).

The check is made on the resolved address that is then connected to, so that a name cannot be
pointed elsewhere in between.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

import config
from app.errors import ConfigurationError, PayAgencyError, said

_LOOPBACK = ("127.0.0.0/8", "::1/128")


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
    found = ip_address(address)
    mapped = getattr(found, "ipv4_mapped", None)
    target = mapped or found
    settings = config.get()
    allowed = _networks(settings.outbound_allow_cidrs)
    if not allowed and settings.environment == "development":
        allowed = _networks(",".join(_LOOPBACK))
    if target.is_global and not target.is_multicast:
        return
    if any(target.version == network.version and target in network for network in allowed):
        return
    raise AddressRefusedError(
        said(
            "{address} is not a public address. "
            "Name its range in OUTBOUND_ALLOW_CIDRS to allow it.",
            address=address,
        )
    )
