"""Addresses that a provider's or a merchant's URL may lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import config
from app.adapters import outbound
from app.adapters.outbound import AddressRefusedError
from app.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Yield a patch after whose changes the settings are read anew."""
    yield monkeypatch
    monkeypatch.undo()
    config.get.cache_clear()


def _set(patch: pytest.MonkeyPatch, cidrs: str) -> None:
    patch.setenv("OUTBOUND_ALLOW_CIDRS", cidrs)
    config.get.cache_clear()


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:4700::1111", "127.0.0.1", "::1"])
def test_public_and_in_development_loopback_addresses_pass(
    configured: pytest.MonkeyPatch, address: str
) -> None:
    _set(configured, "")
    outbound.check(address)


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "169.254.169.254",
        "192.168.1.1",
        "0.0.0.8",
        "fe80::1",
        "::ffff:10.0.0.1",
        "224.0.0.1",
        "100.64.0.1",
    ],
)
def test_private_and_reserved_addresses_are_refused(
    configured: pytest.MonkeyPatch, address: str
) -> None:
    _set(configured, "")
    with pytest.raises(AddressRefusedError, match="OUTBOUND_ALLOW_CIDRS"):
        outbound.check(address)


def test_a_named_range_replaces_the_default(configured: pytest.MonkeyPatch) -> None:
    _set(configured, "10.1.0.0/16")
    outbound.check("10.1.2.3")
    with pytest.raises(AddressRefusedError):
        outbound.check("127.0.0.1")


def test_a_wrong_range_is_a_configuration_fault(configured: pytest.MonkeyPatch) -> None:
    _set(configured, "10.1.0.0/33")
    with pytest.raises(ConfigurationError, match="OUTBOUND_ALLOW_CIDRS"):
        outbound.check("10.1.2.3")
