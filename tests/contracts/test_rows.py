"""What every connector declares of its methods: each row complete, sensible, and taken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app.domain.currencies import exponent, iso_codes
from app.providers.base import Outcome, Verb
from app.providers.registry import CONNECTORS
from tests.contracts.samples import SAMPLES
from tests.contracts.test_connectors import config, every_connector, request
from tests.providers.answering import Answering

if TYPE_CHECKING:
    from app.domain.methods.rows import MethodRow

ROWS = [
    pytest.param(name, row, id=f"{name} {row.family} {row.name}".strip())
    for name, connector in sorted(CONNECTORS.items())
    for row in connector.capabilities.rows
]
VPA = "asha.rao@payersbank"
every_row = pytest.mark.parametrize("name, row", ROWS)


@every_connector
def test_every_family_has_rows_and_no_method_is_there_twice(name: str) -> None:
    can = CONNECTORS[name].capabilities
    names = [(row.family, row.name) for row in can.rows]
    assert {family for family, _ in names} == can.methods
    assert len(names) == len(set(names))
    assert all(can.row(row.family, row.name) is row for row in can.rows)
    assert can.row("card", "no such card") is None


@every_row
def test_a_row_names_its_method_and_money(name: str, row: MethodRow) -> None:
    limited = row.minimum_minor.keys() | row.maximum_minor.keys()
    assert row.title
    assert len(row.name) <= 32
    assert limited <= (row.currencies or iso_codes()) <= iso_codes()
    assert all(
        0 < row.minimum_minor.get(currency, 1) <= row.maximum_minor.get(currency, 2**63 - 1)
        for currency in limited
    )
    assert CONNECTORS[name].capabilities.currencies is None or row.currencies is not None


@every_row
def test_what_a_row_says_of_itself_goes_together(name: str, row: MethodRow) -> None:
    verbs = CONNECTORS[name].capabilities.verbs
    assert (row.family == "card") is (row.name == "")
    assert row.refundable or not row.partial_refund
    assert not row.refundable or Verb.REFUND in verbs
    assert not row.manual_capture or {Verb.AUTHORIZE, Verb.CAPTURE, Verb.VOID} <= verbs.keys()
    assert (row.tolerance_bps > 0) is row.payer_sets_amount is (row.family == "crypto")
    assert row.decimals == (exponent(row.name) if row.family == "crypto" else None)
    assert row.expires_seconds is None or row.expires_seconds > 0
    assert row.expires_seconds or not (row.late_days or row.payer_sets_amount)
    assert row.family != "upi" or row.currencies == frozenset(("INR",))


@every_row
def test_a_row_that_is_declared_is_asked_for(name: str, row: MethodRow) -> None:
    """Every verb of it leaves as one call, the same each time, and no detail is written down."""
    verbs = [Verb.PURCHASE, Verb.AUTHORIZE] if row.manual_capture else [Verb.PURCHASE]
    currency = min(row.currencies or {"EUR"})
    with Answering() as provider:
        for verb in verbs * 2:
            asked = replace(
                request(verb),
                method=row.family,
                method_name=row.name,
                currency=currency,
                card_token="tok_contract" if row.family == "card" else None,
                details=dict.fromkeys(row.details, VPA),
            )
            answer = CONNECTORS[name].run(config(name, provider.url), asked, timeout_seconds=2)
            assert VPA not in repr(answer)
            if row.details:
                bare = replace(asked, details={})
                told = CONNECTORS[name].run(config(name, provider.url), bare, timeout_seconds=2)
                assert told.outcome is Outcome.NOT_SENT
    bodies = [asked.body for asked in provider.asked]
    assert len(bodies) == 2 * len(verbs)
    assert len(set(bodies)) == len(verbs)
    assert SAMPLES[name].key_header in provider.asked[0].headers
