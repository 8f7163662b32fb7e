"""Scopes, secrets and address lists of API keys, without a database."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import api_keys
from app.domain.api_keys import PERMISSIONS, KeyState, NewKey, Scope
from app.domain.permissions import ROLES, RoleName
from app.errors import BadInputError, CardNumberRefusedError

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KEY = NewKey(name="Shop", scopes=frozenset({Scope.PAYMENTS_READ}))


def test_a_secret_tells_its_book_and_has_256_bits() -> None:
    test, live = api_keys.secret(False), api_keys.secret(True)
    assert re.fullmatch(r"sk_test_[0-9A-Za-z]{43}", test)
    assert re.fullmatch(r"sk_live_[0-9A-Za-z]{43}", live)
    assert api_keys.is_secret(test)
    assert len({api_keys.secret(False) for _ in range(500)}) == 500
    assert 62**43 > 2**256
    assert api_keys.prefix(test) == test[:12]
    assert api_keys.digest(test) == hashlib.sha256(test.encode()).digest()


@pytest.mark.parametrize("text", ["", "sk_test_", "sk_prod_" + "a" * 43, "sk_test_" + "ü" * 43])
def test_what_is_no_secret(text: str) -> None:
    assert not api_keys.is_secret(text)
    assert not api_keys.is_secret(f"{api_keys.secret(False)}\n{text}")


def test_each_scope_gives_no_more_than_an_owner_has() -> None:
    assert set(PERMISSIONS) == set(Scope)
    assert api_keys.permissions(Scope) <= ROLES[RoleName.MERCHANT_OWNER]
    assert api_keys.permissions({Scope.REFUNDS_WRITE}) == {"payments:refund"}
    assert api_keys.permissions([]) == frozenset()


@given(st.frozensets(st.sampled_from(Scope)))
def test_scopes_are_read_back_as_they_were_kept(scopes: frozenset[Scope]) -> None:
    assert api_keys.kept(api_keys.written(scopes)) == scopes
    assert api_keys.kept(api_keys.written(scopes) + " payments:everything") == scopes


@given(st.ip_addresses(network="203.0.113.0/24"), st.ip_addresses(v=4))
def test_an_address_is_let_in_however_it_is_written(
    inside: ipaddress.IPv4Address, other: ipaddress.IPv4Address
) -> None:
    networks = api_keys.check_networks("::ffff:203.0.113.0/120\n 2001:db8::/32 \n")
    assert networks == ("203.0.113.0/24", "2001:db8::/32")
    for address in (inside, f"::ffff:{inside}", "2001:db8::1"):
        assert api_keys.allows(networks, str(address))
    is_inside = other in ipaddress.ip_network(networks[0])
    assert api_keys.allows(networks, f"::ffff:{other}") is is_inside
    assert api_keys.allows([str(inside)], str(other)) is (inside == other)
    assert api_keys.allows([], str(other))


@pytest.mark.parametrize("address", ["", "localhost", "203.0.113.7:443", "2001:db9::1"])
def test_what_is_no_address_of_the_list_is_let_in_by_an_empty_one_only(address: str) -> None:
    assert not api_keys.allows(["203.0.113.7", "2001:db8::/32"], address)
    assert api_keys.allows([], address)


@pytest.mark.parametrize("line", ["203.0.113.256", "203.0.113.7/24", "shop.example.com", "1"])
def test_a_line_that_is_no_network_is_named(line: str) -> None:
    with pytest.raises(BadInputError, match="line 3 is no address") as refused:
        api_keys.check_networks(f"203.0.113.7\n\n{line}")
    assert refused.value.place == "networks"


def test_twenty_networks_are_enough() -> None:
    lines = [f"203.0.113.{number}" for number in range(20)]
    assert len(api_keys.check_networks("\n".join([*lines, lines[0]]))) == 20
    with pytest.raises(BadInputError, match="more than 20"):
        api_keys.check_networks("\n".join([*lines, "203.0.113.99"]))


@pytest.mark.parametrize(
    "wanted, place",
    [
        (replace(KEY, name="  "), "name"),
        (replace(KEY, name="x" * 61), "name"),
        (replace(KEY, name=api_keys.secret(True)), "name"),
        (replace(KEY, scopes=frozenset()), "scopes"),
        (replace(KEY, expires_at=NOW), "expires_at"),
        (replace(KEY, networks=("nowhere",)), "networks"),
    ],
)
def test_what_cannot_be_a_key_is_named_by_its_place(wanted: NewKey, place: str) -> None:
    with pytest.raises(BadInputError) as refused:
        api_keys.check(wanted, NOW)
    assert refused.value.place == place
    assert "sk_live_" not in str(refused.value)


def test_a_key_is_checked_as_it_will_be_kept() -> None:
    checked = api_keys.check(replace(KEY, name=" My  shop ", expires_at=NOW + HOUR), NOW)
    assert checked == replace(KEY, name="My shop", expires_at=NOW + HOUR)
    with pytest.raises(CardNumberRefusedError):
        api_keys.check(replace(KEY, name="4242 4242 4242 4242"), NOW)
    with pytest.raises(BadInputError, match="payments:all is none"):
        api_keys.check_scopes(["payments:read", "payments:all"])


@pytest.mark.parametrize("overlap", [-HOUR, timedelta(days=7, seconds=1)])
def test_keys_overlap_for_a_week_at_most(overlap: timedelta) -> None:
    api_keys.check_overlap(timedelta(days=7))
    with pytest.raises(BadInputError, match="7 days"):
        api_keys.check_overlap(overlap)


@pytest.mark.parametrize(
    "expires, ends, wanted",
    [
        (None, None, KeyState.ACTIVE),
        (HOUR, None, KeyState.ACTIVE),
        (None, HOUR, KeyState.ENDING),
        (timedelta(0), None, KeyState.EXPIRED),
        (-HOUR, HOUR, KeyState.EXPIRED),
        (-HOUR, timedelta(0), KeyState.ENDED),
        (HOUR, -HOUR, KeyState.ENDED),
    ],
)
def test_where_a_key_stands(
    expires: timedelta | None, ends: timedelta | None, wanted: KeyState
) -> None:
    moments = [None if since is None else NOW + since for since in (expires, ends)]
    assert api_keys.state(moments[0], moments[1], NOW) is wanted
