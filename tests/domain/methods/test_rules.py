from dataclasses import replace
from datetime import date

import pytest

from app.domain.methods.rows import MethodRow
from app.domain.methods.rules import Seller, Wish, faults, is_offered
from app.domain.money import Money

TODAY = date(2026, 3, 1)
ACME = Seller("IN", "5411")
IDEAL = MethodRow(
    family="apm",
    name="ideal",
    title="iDEAL",
    currencies=frozenset({"EUR"}),
    countries=frozenset({"IN", "NL"}),
    minimum_minor={"EUR": 100},
    maximum_minor={"EUR": 50_000},
)
COLLECT = MethodRow(
    family="upi",
    name="collect",
    title="UPI collect",
    currencies=frozenset({"INR"}),
    details=("vpa",),
)
CARD = MethodRow(family="card", name="", title="Card", manual_capture=True)
EUR = Money(1050, "EUR")


def found(
    row: MethodRow, wish: Wish, seller: Seller = ACME, on: date = TODAY
) -> list[tuple[str, str]]:
    return [(fault.place, fault.code) for fault in faults(row, wish, seller, on)]


def test_what_the_row_allows_is_taken() -> None:
    assert found(IDEAL, Wish(EUR)) == []
    assert found(CARD, Wish(EUR, manual=True, has_card=True)) == []
    assert found(replace(IDEAL, currencies=None, countries=None), Wish(Money(5, "JPY"))) == []


@pytest.mark.parametrize(
    "wish, fault",
    [
        (Wish(Money(1050, "USD")), ("currency", "currency_not_taken")),
        (Wish(Money(99, "EUR")), ("amount", "amount_too_small")),
        (Wish(Money(50_001, "EUR")), ("amount", "limit_exceeded")),
        (Wish(EUR, manual=True), ("capture", "capture_not_possible")),
        (Wish(EUR, details={"vpa": "jo@bank"}), ("vpa", "detail_not_asked")),
        (Wish(EUR, details={"refund_address": "0x\n"}), ("refund_address", "detail_invalid")),
        (Wish(EUR, details={"refund_address": "a" * 256}), ("refund_address", "detail_invalid")),
    ],
)
def test_each_rule_of_the_row_speaks_at_its_place(wish: Wish, fault: tuple[str, str]) -> None:
    assert found(IDEAL, wish) == [fault]


def test_a_merchant_of_another_country_is_not_offered_it() -> None:
    assert found(IDEAL, Wish(EUR), Seller("US")) == [("method", "country_not_served")]
    assert not is_offered(IDEAL, Seller("US"), TODAY)
    assert is_offered(IDEAL, Seller("NL"), TODAY)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    wish = Wish(Money(5, "USD"), manual=True)
    assert [place for place, _ in found(IDEAL, wish, Seller("US"))] == [
        "method",
        "currency",
        "capture",
    ]


def test_a_card_needs_a_token() -> None:
    assert found(CARD, Wish(EUR)) == [("card_token", "card_token_missing")]


def test_upi_keeps_the_limit_of_the_category() -> None:
    over = Wish(Money(10_000_001, "INR"), details={"vpa": "jo@bank"})
    broker = Seller("IN", "6211", verified=True)
    assert found(COLLECT, over, Seller("IN", "6211")) == [("amount", "limit_exceeded")]
    assert found(COLLECT, over, broker) == []
    assert found(COLLECT, over, broker, date(2025, 9, 14)) == [("amount", "limit_exceeded")]


def test_the_limit_is_named_in_the_sentence() -> None:
    (fault,) = faults(IDEAL, Wish(Money(50_001, "EUR")), ACME, TODAY)
    assert fault.most == Money(50_000, "EUR")
    assert fault.reason == "iDEAL takes at most 500.00 EUR at once."


def test_a_collect_request_needs_an_address_and_a_category() -> None:
    inr, broker = Money(500, "INR"), Seller("IN", "6211")
    assert found(COLLECT, Wish(inr), broker) == [("vpa", "detail_missing")]
    assert found(COLLECT, Wish(inr, details={"vpa": "jo"}), broker) == [("vpa", "vpa_invalid")]
    wish = Wish(inr, details={"vpa": "jo@bank"})
    assert found(COLLECT, wish) == [("vpa", "collect_withdrawn")]
    assert found(COLLECT, wish, on=date(2026, 2, 27)) == []
    assert is_offered(COLLECT, broker, TODAY)
    assert not is_offered(COLLECT, ACME, TODAY)
