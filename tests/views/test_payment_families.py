"""The form and the page of a payment by every family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.providers.base import NextAction, Outcome, Reading
from tests.services import flows
from tests.services.families import ADDRESS, ask, coins, describe, wish
from tests.views.paying import made, pay

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.services.families import Provider
    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]


@pytest.fixture
def owner(desk: Desk, families: object) -> Person:
    """Return acme's owner at the screens, where acme may be paid by every family."""
    assert families is desk.world
    return desk.person("acme-owner")


def test_the_form_offers_what_the_merchant_and_the_providers_allow(
    owner: Person, desk: Desk, migrator_engine: Engine
) -> None:
    text = owner.get("/payments/new")
    for part in ('value="upi"', 'value="qr"', "Bitcoin", "iDEAL", "tok_approve"):
        assert part in text
    assert "success@sandbox" not in text, "collect requests are withdrawn for this category"
    describe(migrator_engine, mcc="6211")
    assert "success@sandbox" in owner.get("/payments/new")
    stranger = desk.person("globex-owner").get("/payments/new")
    assert "Bitcoin" not in stranger
    assert 'value="upi"' not in stranger


@pytest.mark.parametrize(
    "fields, method, name",
    [
        ({"method": "upi", "currency": "INR"}, "upi", "qr"),
        ({"method": "upi", "currency": "INR", "upi_flow": "intent"}, "upi", "intent"),
        ({"method": "crypto", "asset": "usdc@ethereum"}, "crypto", "USDC@ethereum"),
        ({"method": "apm", "apm_name": "ideal"}, "apm", "ideal"),
        ({"method": "card", "asset": "BTC", "vpa": "left@over"}, "card", ""),
    ],
)
def test_each_family_is_asked_for_by_its_own_fields(
    owner: Person, provider: Provider, fields: dict[str, str], method: str, name: str
) -> None:
    pay(owner, **fields)
    (sent,) = provider.asked
    assert (sent.method, sent.method_name, dict(sent.details)) == (method, name, {})
    assert (sent.card_token is not None) is (method == "card")


def test_a_collect_request_carries_the_address(
    owner: Person, provider: Provider, migrator_engine: Engine
) -> None:
    describe(migrator_engine, mcc="6012")
    page = pay(owner, method="upi", currency="INR", upi_flow="collect", vpa="Success@Sandbox")
    assert provider.asked[0].details == {"vpa": "success@sandbox"}
    text = owner.get(page)
    assert "su…@sandbox" in text
    assert "success@sandbox" not in text


@pytest.mark.parametrize(
    "fields, place",
    [
        ({"method": "upi", "currency": "EUR"}, "currency"),
        ({"method": "upi", "currency": "INR", "amount": "100000.01"}, "amount"),
        ({"method": "upi", "currency": "INR", "upi_flow": "collect"}, "vpa"),
        ({"method": "upi", "currency": "INR", "upi_flow": "collect", "vpa": "x@y"}, "vpa"),
        ({"method": "upi", "currency": "INR", "upi_flow": "collect", "vpa": "jo@bank"}, "vpa"),
        ({"method": "crypto"}, "asset"),
        ({"method": "crypto", "asset": "EUR"}, "asset"),
        ({"method": "apm"}, "apm_name"),
        ({"method": "apm", "apm_name": "klarna"}, "apm_name"),
        ({"method": "apm", "apm_name": "ideal", "amount": "0.99"}, "amount"),
        ({"method": "barter"}, "method"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    owner: Person, desk: Desk, fields: dict[str, str], place: str
) -> None:
    values = {"amount": "60.00", "currency": "EUR", "reference": "order-17", **fields}
    answer = owner.post("/payments/new", {**values, **owner.form("/payments/new")})
    assert answer.status_code == 422
    assert f'<a href="#{place}">' in answer.text
    assert f'id="{place}"' in answer.text
    assert made(desk) == []


def test_what_was_typed_stays_and_the_chosen_family_with_it(owner: Person) -> None:
    fields = {"method": "apm", "apm_name": "ideal", "currency": "EUR", "amount": "x"}
    text = owner.post("/payments/new", {**fields, **owner.form("/payments/new")}).text
    assert 'value="apm" checked' in text
    assert 'value="ideal" selected' in text


def test_the_same_key_with_another_method_is_refused(owner: Person, desk: Desk) -> None:
    hidden = owner.form("/payments/new")
    values = {"amount": "60.00", "currency": "EUR", "reference": "order-17", "method": "crypto"}
    pay(owner, **hidden, **values, asset="BTC")
    answer = owner.post("/payments/new", {**hidden, **values, "asset": "USDC@ethereum"})
    assert "sent before with other values" in answer.text
    assert made(desk) == ["order-17"]


def test_the_page_shows_the_payers_page_while_it_is_open(
    owner: Person, desk: Desk, provider: Provider
) -> None:
    action = NextAction("redirect", "https://bank.example/confirm")
    provider.says = Reading(outcome=Outcome.ACTION, action=action)
    payment, operation = ask(desk.world.owner(), desk.world.acme, wish("apm", "ideal"))
    token = flows.read(desk.world.owner(), payment).page_token
    text = owner.get(f"/payments/{payment}")
    assert f'href="/pay/{token}"' in text
    assert "The payer has until" in text
    provider.says = Reading(outcome=Outcome.SUCCESS)
    flows.send(desk.world.owner(), desk.world.acme, operation)
    text = owner.get(f"/payments/{payment}")
    assert token not in text
    assert "iDEAL" in text


def test_the_page_tells_the_banks_reference_and_masks_the_address(
    owner: Person, desk: Desk, provider: Provider
) -> None:
    facts = {"rrn": "412345678901", "vpa": "someone@bank"}
    provider.says = Reading(outcome=Outcome.SUCCESS, method_facts=facts)
    payment, _ = ask(desk.world.owner(), desk.world.acme, wish("upi", "qr", currency="INR"))
    text = owner.get(f"/payments/{payment}")
    assert "412345678901" in text
    assert "so…@bank" in text
    assert "someone@bank" not in text


def test_the_page_tells_received_over_and_late_as_numbers(
    owner: Person, desk: Desk, provider: Provider
) -> None:
    told = coins(received_units=170_000, late_units=50_000, chain_reference="tx-1", confirmations=1)
    provider.says = Reading(outcome=Outcome.PENDING, crypto=told, received_minor=10_200)
    payment, _ = ask(desk.world.owner(), desk.world.acme, wish("crypto", "BTC"))
    facts = owner.get(f"/payments/{payment}").partition('id="method"')[2].partition("</section>")[0]
    for label, text in (
        ("Expected", "0.00100000 BTC"),
        ("Received", "0.00170000 BTC"),
        ("Over", "0.00020000 BTC"),
        ("Late", "0.00050000 BTC"),
        ("Rate", "60000.00 EUR"),
        ("Confirmations", "1 / 2"),
    ):
        assert f"<dt>{label}</dt>\n          <dd>{text}</dd>" in facts
    assert ADDRESS in facts
    assert "tx-1" in facts
    assert "Missing" not in facts
