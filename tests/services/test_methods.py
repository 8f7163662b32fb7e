"""Payments by every family: what is refused and where, and what is learned of the method."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.adapters import clock, db
from app.errors import (
    BadInputError,
    CapabilityMissingError,
    CardNumberRefusedError,
    LimitExceededError,
    PayAgencyError,
    UnavailableError,
)
from app.models import Attempt, CryptoQuote
from app.providers.base import NextAction, Outcome, Reading
from app.queries import methods as rows
from app.queries import operations
from app.services import methods, routing
from tests.services import flows
from tests.services.families import (
    ADDRESS,
    EXPIRES,
    ROWS,
    ask,
    coins,
    describe,
    wish,
)

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.services.new_payment import NewPayment
    from tests.fixtures.application import World
    from tests.services.families import Provider

QR = NextAction("qr", fields={"payload": "upi://pay?pa=acme@bank&am=60.00&cu=INR"})


def attempt_of(world: World, operation: str) -> Attempt:
    with db.reading(world.owner()) as session:
        found = operations.get(session, operation)
        assert found is not None
        return operations.attempt_of(session, found)


def quote_of(world: World, payment: str) -> CryptoQuote:
    stored = flows.read(world.owner(), payment)
    with db.reading(world.owner()) as session:
        (quote,) = rows.quotes_of_payment(session, stored.id).values()
    return quote


def look(world: World, provider: Provider, operation: str, reading: Reading) -> None:
    """Let the provider say something and ask it again."""
    provider.says = reading
    flows.send(world.owner(), world.acme, operation)


def test_method_name_and_details_reach_the_provider(
    families: World, provider: Provider, migrator_engine: Engine
) -> None:
    describe(migrator_engine, mcc="6211")
    asked = wish("upi", "collect", currency="INR", details={"vpa": "success@sandbox"})
    assert "success" not in repr(asked)
    _, operation = ask(families.owner(), families.acme, asked)
    (sent,) = provider.asked
    assert (sent.method, sent.method_name) == ("upi", "collect")
    assert sent.details == {"vpa": "success@sandbox"}
    attempt = attempt_of(families, operation)
    assert (attempt.method_name, methods.details_of(attempt)) == ("collect", dict(sent.details))


def test_the_details_are_kept_encrypted(
    families: World, provider: Provider, migrator_engine: Engine
) -> None:
    asked = wish("crypto", "BTC", details={"refund_address": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"})
    ask(families.owner(), families.acme, asked)
    assert provider.asked[0].details == dict(asked.details)
    with migrator_engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT details FROM attempt").scalar_one()
    assert b"1Boat" not in stored


@pytest.mark.parametrize(
    "method, name, seconds",
    [("upi", "qr", 300), ("apm", "ideal", 1800), ("apm", "multibanco", None)],
)
def test_a_payment_expires_as_its_method_says(
    families: World, method: str, name: str, seconds: int | None
) -> None:
    asked = wish(method, name, currency="INR" if method == "upi" else "EUR")
    payment = flows.read(families.owner(), ask(families.owner(), families.acme, asked)[0])
    left = payment.expires_at and payment.expires_at - payment.created_at
    assert left == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    "asked, error, place",
    [
        (wish("upi", "qr", currency="EUR"), BadInputError, "currency"),
        (wish("upi", "qr", 10_000_001, "INR"), LimitExceededError, "amount"),
        (wish("upi", "collect", currency="INR"), BadInputError, "vpa"),
        (wish("apm", "ideal", 99), BadInputError, "amount"),
        (wish("apm", "ideal", 1_000_001), LimitExceededError, "amount"),
        (wish("apm", "ideal", capture="manual"), BadInputError, "capture"),
        (wish("apm", "ideal", details={"vpa": "jo@bank"}), BadInputError, "vpa"),
        (wish("apm", "klarna"), BadInputError, "apm_name"),
        (wish("crypto", ""), BadInputError, "asset"),
        (wish("card", ""), BadInputError, "card_token"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(
    families: World, asked: NewPayment, error: type[PayAgencyError], place: str
) -> None:
    with pytest.raises(error) as refused:
        ask(families.owner(), families.acme, asked, run=False)
    assert refused.value.data["place"] == place
    with db.reading(families.owner()) as session:
        assert session.query(Attempt).count() == 0


def test_a_verified_broker_may_take_five_lakh(families: World, migrator_engine: Engine) -> None:
    asked = wish("upi", "qr", 50_000_000, "INR")
    describe(migrator_engine, mcc="6211")
    with pytest.raises(LimitExceededError, match="100000.00 INR"):
        ask(families.owner(), families.acme, asked, run=False)
    describe(migrator_engine, verified=True)
    ask(families.owner(), families.acme, asked, run=False)
    with pytest.raises(LimitExceededError, match="500000.00 INR"):
        ask(families.owner(), families.acme, wish("upi", "qr", 50_000_001, "INR"), run=False)


def test_a_merchant_without_the_capability_is_refused(families: World) -> None:
    with pytest.raises(CapabilityMissingError):
        ask(families.stranger(), families.globex, wish("apm", "ideal"), run=False)


def test_a_card_number_in_a_detail_is_refused(families: World) -> None:
    asked = wish("upi", "collect", currency="INR", details={"vpa": "4242424242424242@bank"})
    with pytest.raises(CardNumberRefusedError, match="vpa"):
        ask(families.owner(), families.acme, asked, run=False)


def test_routing_finds_a_way_by_method_name_and_currency(families: World) -> None:
    found = routing.routes(livemode=False)
    assert found.choose("apm", "ideal", "EUR").row.title == "iDEAL"
    assert found.choose("apm", "ideal", "USD").account_id == families.connector_account
    assert [row.name for row in found.rows()] == [row.name for row in ROWS]
    with pytest.raises(UnavailableError, match="live book"):
        routing.choose("card", livemode=True)


def test_collect_is_offered_only_where_it_is_allowed(
    families: World, migrator_engine: Engine
) -> None:
    def names() -> list[str]:
        with db.reading(families.owner()) as session:
            found = routing.routes(livemode=False)
            offered = methods.offered(session, clock.now(), families.acme, found)
        return [row.name for row in offered if row.family == "upi"]

    assert names() == ["qr", "intent"]
    describe(migrator_engine, mcc="6012")
    assert names() == ["qr", "intent", "collect"]


def test_the_next_action_and_facts_are_kept_and_the_action_ends(
    families: World, provider: Provider
) -> None:
    provider.says = Reading(outcome=Outcome.ACTION, action=QR)
    payment, operation = ask(families.owner(), families.acme, wish("upi", "qr", currency="INR"))
    (stored,) = flows.read_operations(families.owner(), payment)
    assert json.loads(stored.next_action or "") == {
        "type": "qr",
        "url": "",
        "fields": dict(QR.fields),
    }
    facts = {"rrn": "412345678901", "vpa": "su…@sandbox", "note": "4242 4242 4242 4242"}
    look(families, provider, operation, Reading(outcome=Outcome.SUCCESS, method_facts=facts))
    (stored,) = flows.read_operations(families.owner(), payment)
    assert (stored.next_action, stored.action_url) == (None, None)
    known = methods.facts_of(attempt_of(families, operation))
    assert (known["rrn"], known["vpa"]) == ("412345678901", "su…@sandbox")
    assert "4242" not in known["note"]


def test_an_address_that_no_column_holds_is_kept_in_the_action(
    families: World, provider: Provider
) -> None:
    url = "https://bank.example/" + "p" * 300
    provider.says = Reading(outcome=Outcome.ACTION, action=NextAction("redirect", url))
    payment, _ = ask(families.owner(), families.acme, wish("apm", "ideal"))
    (stored,) = flows.read_operations(families.owner(), payment)
    assert stored.action_url is None
    assert json.loads(stored.next_action or "")["url"] == url


def test_a_quote_is_written_once_and_its_numbers_follow(
    families: World, provider: Provider
) -> None:
    provider.says = Reading(outcome=Outcome.PENDING, crypto=coins())
    payment, operation = ask(families.owner(), families.acme, wish("crypto", "BTC"))
    quote = quote_of(families, payment)
    assert (quote.asset, quote.expected_units, quote.expected_minor) == ("BTC", 100_000, 6000)
    assert (quote.address, quote.expires_at, quote.received_units) == (ADDRESS, EXPIRES, 0)
    arrived = coins(received_units=150_000, late_units=50_000, confirmations=1, chain_reference="t")
    look(
        families,
        provider,
        operation,
        Reading(outcome=Outcome.PENDING, crypto=arrived, received_minor=9000),
    )
    quote = quote_of(families, payment)
    assert (quote.received_units, quote.late_units, quote.received_minor) == (150_000, 50_000, 9000)
    assert (quote.confirmations, quote.chain_reference) == (1, "t")
    assert flows.read_operations(families.owner(), payment)[0].received_minor == 9000


def test_a_reorganisation_takes_the_numbers_back(families: World, provider: Provider) -> None:
    paid = coins(received_units=100_000, confirmations=2)
    provider.says = Reading(outcome=Outcome.PENDING, crypto=paid, received_minor=6000)
    payment, operation = ask(families.owner(), families.acme, wish("crypto", "BTC"))
    look(
        families,
        provider,
        operation,
        Reading(outcome=Outcome.PENDING, crypto=coins(), received_minor=0),
    )
    quote = quote_of(families, payment)
    assert (quote.received_units, quote.received_minor, quote.confirmations) == (0, 0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"address": "bc1qthief"},
        {"expected_units": 90_000},
        {"expected_units": 0},
        {"late_units": 1, "received_units": 0},
        {"received_units": 2**63},
        {"confirmations": 2**31},
        {"address": "b" * 129},
        {"chain_reference": "c" * 256},
        {"expires_at": EXPIRES.replace(tzinfo=None)},
    ],
)
def test_what_contradicts_the_quote_or_fits_no_column_changes_nothing(
    families: World, provider: Provider, changes: dict[str, Any]
) -> None:
    provider.says = Reading(outcome=Outcome.PENDING, crypto=coins())
    payment, operation = ask(families.owner(), families.acme, wish("crypto", "BTC"))
    before = quote_of(families, payment)
    told = coins(**{"received_units": 7, **changes})
    look(families, provider, operation, Reading(outcome=Outcome.PENDING, crypto=told))
    after = quote_of(families, payment)
    assert (after.address, after.expected_units) == (ADDRESS, 100_000)
    assert (after.received_units, after.changed_at) == (0, before.changed_at)
    assert flows.read(families.owner(), payment).status == "processing"
