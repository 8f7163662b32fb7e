"""Whither the payer of a payment is led back, by what was asked and the merchant's settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain import return_urls

if TYPE_CHECKING:
    from app.models import Merchant


def check(merchant: Merchant, url: str, *, livemode: bool) -> str:
    """Return an address that was given, as it is kept. Raises BadInputError at `return_url`."""
    return return_urls.check(url, merchant.return_hosts.split(), livemode=livemode)


def onward(merchant: Merchant, url: str, *, livemode: bool) -> str:
    """Return the address that was given, or else the merchant's usual one.

    Raises what `check` raises for the address that was given.
    """
    return return_urls.chosen(
        url, merchant.return_url, merchant.return_hosts.split(), livemode=livemode
    )


def still_allowed(merchant: Merchant, url: str, *, livemode: bool) -> str:
    """Return an address that was kept before; empty where the settings no longer allow it."""
    hosts = merchant.return_hosts.split()
    return url if return_urls.is_allowed(url, hosts, livemode=livemode) else ""
