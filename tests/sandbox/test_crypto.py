from __future__ import annotations

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import crypto, rates
from sandbox.errors import ApiError
from sandbox.family import Asked
from sandbox.records import Made, Timer
from sandbox.steps import Case, sums

if TYPE_CHECKING:
    from tests.sandbox.conftest import Clock, Shop

FAMILY = crypto.CryptoFamily()
SETTINGS = {"late_seconds": 5, "late_rate_percent": 90}


def ask(shop: Shop, asset: str = "BTC", key: str = "k1", **more: object) -> dict[str, Any]:
    return shop.ask({"type": "crypto", "asset": asset}, key, **more)


@pytest.mark.parametrize("asset", list(rates.ASSETS))
def test_a_quote_has_a_fresh_address_and_an_exact_amount(shop: Shop, asset: str) -> None:
    first, second = (ask(shop, asset, key=key) for key in ("k1", "k2"))
    action, quote = first["action"], first["crypto"]
    assert (first["status"], action["type"], action["asset"]) == (
        "requires_action",
        "crypto_address",
        asset,
    )
    assert action["address"] == quote["address"] != second["crypto"]["address"]
    whole, decimals = action["amount"].split(".")
    assert len(decimals) == quote["decimals"]
    assert int(whole + decimals) == quote["expected_units"] > 0
    assert not re.search(r"\d{8}", quote["address"])
    assert quote["expires_at"] == first["expires_at"] == "2026-11-26T23:15:00Z"


def test_exactly_this_is_seen_then_confirmed(shop: Shop) -> None:
    charge = ask(shop)
    expected = charge["crypto"]["expected_units"]
    seen = shop.do(charge["id"], "deposit", units=expected)
    assert (seen["status"], seen["received_minor"], seen["captured_minor"]) == (
        "processing",
        1050,
        0,
    )
    assert seen["crypto"]["confirmations"] == 0
    done = shop.do(charge["id"], "confirm")
    assert (done["status"], done["captured_minor"]) == ("succeeded", 1050)
    assert done["crypto"]["confirmations"] == done["crypto"]["confirmations_needed"]
    assert done["crypto"]["chain_reference"]
    assert [(e["kind"], e["key"]) for e in shop.effects() if e["kind"] == "purchase"] == [
        ("purchase", "k1")
    ]


def test_too_little_waits_for_the_rest_and_fails_at_the_end(shop: Shop, clock: Clock) -> None:
    charge = ask(shop)
    shop.do(charge["id"], "deposit", units=charge["crypto"]["expected_units"] // 2)
    assert shop.do(charge["id"], "confirm")["status"] == "processing"
    clock.pass_seconds(900)
    failed = shop.read(charge["id"])
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "insufficient_amount")
    assert (failed["received_minor"], failed["captured_minor"]) == (524, 0)
    shop.set(late_rate_percent=90)
    topped = shop.do(charge["id"], "pay")
    assert (topped["status"], topped["failure"]) == ("succeeded", None)
    assert 0 < topped["crypto"]["late_units"] < topped["crypto"]["received_units"]
    assert topped["received_minor"] == topped["captured_minor"] == 997


def test_too_much_is_received_and_not_captured(shop: Shop) -> None:
    charge = ask(shop, "USDC@ethereum", currency="USD")
    shop.do(charge["id"], "deposit", units=15_750_000)
    paid = shop.do(charge["id"], "confirm")
    assert (paid["received_minor"], paid["captured_minor"]) == (1575, 1050)
    path = f"/v1/charges/{charge['id']}/refunds"
    assert shop.post(path, "r1", amount_minor=1575).get_json()["status"] == "succeeded"


def test_one_percent_less_is_enough(shop: Shop) -> None:
    charge = ask(shop, "USDT@tron", currency="USD")
    shop.do(charge["id"], "deposit", units=10_395_000)
    paid = shop.do(charge["id"], "confirm")
    assert (paid["status"], paid["captured_minor"]) == ("succeeded", 1039)


def test_nothing_at_all_expires_and_all_of_it_may_come_late(shop: Shop, clock: Clock) -> None:
    charge = ask(shop)["id"]
    clock.pass_seconds(900)
    assert shop.read(charge)["failure"]["code"] == "expired"
    assert shop.do(charge, "deposit")["status"] == "processing"
    late = shop.do(charge, "confirm")
    assert late["status"] == "succeeded"
    assert late["crypto"]["late_units"] == late["crypto"]["expected_units"]


def test_late_money_comes_by_itself(shop: Shop, clock: Clock) -> None:
    charge = ask(shop)["id"]
    expired = shop.do(charge, "late")
    assert (expired["status"], expired["expires_at"]) == ("failed", "2026-11-26T23:00:00Z")
    clock.pass_seconds(5)
    assert shop.read(charge)["status"] == "succeeded"


def test_a_reorganised_chain_takes_the_success_back(shop: Shop, clock: Clock) -> None:
    charge = ask(shop)["id"]
    shop.do(charge, "pay")
    back = shop.do(charge, "reorganize")
    assert (back["status"], back["received_minor"], back["captured_minor"]) == ("processing", 0, 0)
    assert back["crypto"]["confirmations"] == 0
    clock.pass_seconds(5)
    assert shop.read(charge)["failure"]["code"] == "chain_reorganized"
    assert shop.do(charge, "pay")["captured_minor"] == 1050
    keys = [effect["key"] for effect in shop.effects() if effect["kind"] == "purchase"]
    assert keys == ["k1", f"{charge} purchase 2"]


def test_a_deposit_that_comes_again_in_time_is_not_given_up(shop: Shop, clock: Clock) -> None:
    charge = ask(shop)["id"]
    shop.do(charge, "pay")
    shop.do(charge, "reorganize")
    shop.do(charge, "deposit")
    clock.pass_seconds(60)
    assert shop.read(charge)["status"] == "processing"
    assert shop.do(charge, "confirm")["status"] == "succeeded"
    assert "failed" not in shop.kinds()


@pytest.mark.parametrize("do", ["confirm", "reorganize", "decline", "return"])
def test_there_is_nothing_to_do_on_an_empty_chain(shop: Shop, do: str) -> None:
    charge = ask(shop)["id"]
    assert shop.door(f"charges/{charge}", do=do).status_code == 409


@pytest.mark.parametrize("units, status", [(0, 409), (1, 409), (10**15 + 1, 409), ("1", 422)])
def test_a_deposit_that_cannot_be_is_refused(shop: Shop, units: object, status: int) -> None:
    charge = ask(shop)["id"]
    assert shop.door(f"charges/{charge}", do="deposit", units=units).status_code == status
    assert shop.effects() == []


@given(
    st.sampled_from(sorted(rates.ASSETS)),
    st.sampled_from(sorted(rates.CURRENCIES)),
    st.integers(1, 10**9),
)
def test_the_quote_covers_the_amount_and_not_a_unit_more(
    asset: str, currency: str, amount: int
) -> None:
    units = rates.units(asset, currency, amount)
    whole = Decimal(rates.rate(asset, currency)) * 10 ** rates.CURRENCIES[currency][0]
    price = whole / 10 ** rates.ASSETS[asset].decimals
    assert (units - 1) * price < amount <= units * price


def quoted(amount_minor: int) -> Case:
    asked = Asked({}, {"asset": "BTC"}, "sbx_ch_1", "/pay/1", amount_minor, "EUR", capture=True)
    facts = {"amount_minor": amount_minor, "currency": "EUR", "metadata": {}, "expires_ms": 9}
    made = Made("sbx_ch_1", "charge", "sbx_ch_1", "k1", "p", {**facts, **FAMILY.facts(asked)})
    return Case(made, (), 0, SETTINGS)


def moved(case: Case, move: tuple[str, int]) -> Case:
    """Do one thing, as far as it is possible; `fire` lets the reorganised chain give up."""
    what, percent = move
    try:
        if what == "fire":
            return case.after(FAMILY.fire(case, Timer("t", "c", "c", "give_up", 0)))
        units = case.made.facts["units"] * percent // 100 if what == "deposit" else None
        return case.after(FAMILY.do(case, what, units))
    except ApiError:
        return case


MOVES = st.sampled_from(("deposit", "confirm", "reorganize", "expire", "fire", "pay"))


@given(st.integers(1, 10**9), st.lists(st.tuples(MOVES, st.integers(1, 160)), max_size=12))
def test_whatever_happens_the_sums_and_the_status_agree(
    amount: int, moves: list[tuple[str, int]]
) -> None:
    case = quoted(amount)
    for move in moves:
        case = moved(case, move)
        total, state = sums(case.effects), FAMILY.state(case)
        deposits = crypto.standing(case)
        assert total.received == sum(deposit.amount_minor for deposit in deposits)
        assert (total.captured > 0) == (state.status == "succeeded")
        assert total.captured <= min(total.received, amount)
        assert FAMILY.shown(case, state)["received_minor"] == total.received
        assert unique([effect.key for effect in case.effects])
        if state.status == "requires_action":
            assert not deposits


def unique(keys: list[str]) -> bool:
    return len(set(keys)) == len(keys)
