"""Addresses that a provider's or a merchant's URL may lead to."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any, Final

import pytest

import config
from app.adapters import http, outbound
from app.adapters.outbound import AddressRefusedError
from app.errors import BadInputError, ConfigurationError
from tests.providers.answering import Answering

if TYPE_CHECKING:
    from collections.abc import Iterator

PRODUCTION: Final = {
    "ENVIRONMENT": "staging",
    "SECRET_KEY": "k" * 40,
    "PAYAGENCY_REQUIRE_2FA": "1",
    "DATABASE_URL": "mysql+pymysql://a:b@127.0.0.1/c",
    "REDIS_URL": "redis://127.0.0.1",
    "BASE_URL": "https://pay.example",
    "MAIL_URL": "smtp://127.0.0.1:1025",
}


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
        "100.100.100.200",
        "168.63.129.16",
        "192.88.99.1",
        "240.0.0.1",
        "255.255.255.255",
        "::10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::1",
        "2002:a00:1::1",
        "2001:db8::1",
        "fd00:ec2::254",
        "fec0::1",
        "ff02::1",
        "fe80::1%eth0",
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


@pytest.mark.parametrize(
    "url",
    [
        "https://localhost",
        "https://2130706433",
        "https://0x7f.1",
        "https://127.1",
        "https://[::1]",
        "https://[::ffff:10.0.0.1]",
        "http://10.99.0.1.example:8080",
        "https://nowhere.invalid",
    ],
)
def test_a_url_that_leads_inside_or_nowhere_is_refused_without_telling_where(
    configured: pytest.MonkeyPatch, url: str
) -> None:
    _set(configured, "10.99.0.0/16")
    with pytest.raises(BadInputError, match="url: leads") as refused:
        outbound.check_url(url, "url")
    assert "127.0.0.1" not in str(refused.value)


def test_plain_http_is_for_development_and_for_named_ranges(
    configured: pytest.MonkeyPatch,
) -> None:
    for name, value in PRODUCTION.items():
        configured.setenv(name, value)
    _set(configured, "10.99.0.0/16")
    outbound.check_url("http://10.99.1.1:8080", "url")
    outbound.check_url("https://93.184.216.34", "url")
    with pytest.raises(BadInputError, match="https"):
        outbound.check_url("http://93.184.216.34:8080", "url")


def test_a_name_that_changes_between_look_up_and_connection_leads_nowhere(
    configured: pytest.MonkeyPatch,
) -> None:
    _set(configured, "10.99.0.0/16")
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def resolve(*_host: object, **_more: object) -> list[Any]:
        return [(2, 1, 6, "", (next(answers), 443))]

    configured.setattr(socket, "getaddrinfo", resolve)
    url = "https://rebinding.example"
    outbound.check_url(url, "url")
    posted = http.post(
        url, headers={}, content=b"", check=outbound.check_for(url), seconds=1, most_bytes=9
    )
    assert posted.status is None
    assert "not a public address" in posted.error


def test_the_address_that_was_checked_is_the_one_that_is_connected_to(
    configured: pytest.MonkeyPatch,
) -> None:
    _set(configured, "127.0.0.0/8")
    checked: list[str] = []
    looked_up: list[object] = []
    with Answering(body=b"x" * 100) as sink:

        def resolve(host: object, *_more: object, **_named: object) -> list[Any]:
            looked_up.append(host)
            return [(2, 1, 6, "", ("127.0.0.1", sink.port))]

        configured.setattr(socket, "getaddrinfo", resolve)
        posted = http.post(
            f"http://name.example:{sink.port}/",
            headers={},
            content=b"body",
            check=checked.append,
            seconds=2,
            most_bytes=9,
        )
    assert (posted.status, posted.address, posted.content) == (200, "127.0.0.1", b"x" * 9)
    assert (checked, looked_up) == (["127.0.0.1"], ["name.example", "127.0.0.1"])
    assert sink.asked[0].headers["Host"] == f"name.example:{sink.port}"


def test_a_proxy_of_the_environment_is_not_used(configured: pytest.MonkeyPatch) -> None:
    _set(configured, "")
    configured.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    with Answering(status=302, headers={"Location": "http://127.0.0.1:9/"}) as sink:
        posted = http.post(
            sink.url, headers={}, content=b"", check=outbound.check, seconds=2, most_bytes=9
        )
    assert (posted.status, len(sink.asked)) == (302, 1)
