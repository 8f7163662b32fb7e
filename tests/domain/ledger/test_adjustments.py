from __future__ import annotations

import pytest

from app.domain.ledger import adjustments
from app.domain.ledger.accounts import is_sharded
from app.domain.ledger.adjustments import ADJUSTABLE, Line
from app.domain.ledger.journals import JournalKind
from app.domain.money import Money
from app.errors import BadInputError

DEBIT = Line("merchant:available", 100, "EUR")
CREDIT = Line("revenue:mdr", -100, "EUR")


def test_lines_become_a_journal() -> None:
    draft = adjustments.adjustment([DEBIT, CREDIT])
    assert draft.kind is JournalKind.ADJUSTMENT
    assert [(each.account.code, each.amount_minor) for each in draft.postings] == [
        ("merchant:available", 100),
        ("revenue:mdr", -100),
    ]
    assert not adjustments.needs_connector(draft)


@pytest.mark.parametrize(
    "lines,words",
    [
        ([], "between 2 and 6"),
        ([DEBIT], "between 2 and 6"),
        ([DEBIT, CREDIT] * 4, "between 2 and 6"),
        ([DEBIT, Line("revenue:mdr", -99, "EUR")], "off by 0.01 EUR"),
        ([DEBIT, Line("revenue:mdr", -100, "USD")], "off by 1.00 EUR"),
        ([DEBIT, Line("merchant:pending", -100, "EUR")], "merchant:pending, which is not adjusted"),
        ([DEBIT, Line("petty:cash", -100, "EUR")], "petty:cash"),
        ([DEBIT, Line("tax:fee", 0, "EUR"), CREDIT], "without an amount"),
        ([DEBIT, Line("tax:fee", 2**63, "EUR")], "without an amount"),
        ([DEBIT, CREDIT, DEBIT, CREDIT], "an account twice"),
    ],
)
def test_what_cannot_be_posted_is_refused_in_words(lines: list[Line], words: str) -> None:
    with pytest.raises(BadInputError, match=words) as refusal:
        adjustments.adjustment(lines)
    assert refusal.value.place == "lines"


def test_two_currencies_may_stand_in_one_journal() -> None:
    other = [Line("suspense", 5, "USD"), Line("expense:network_fee", -5, "USD")]
    draft = adjustments.adjustment([DEBIT, CREDIT, *other])
    assert len(draft.postings) == 4
    assert adjustments.needs_connector(draft)


@pytest.mark.parametrize("amount_minor", [0, -1])
def test_nothing_cannot_be_written_off(amount_minor: int) -> None:
    with pytest.raises(BadInputError, match="more than zero"):
        adjustments.write_off(Money(amount_minor, "EUR"))


def test_a_write_off_is_our_loss() -> None:
    lines = {
        each.account.code: each.amount_minor
        for each in adjustments.write_off(Money(177, "EUR")).postings
    }
    assert lines == {"expense:chargeback_loss": 177, "merchant:available": -177}


def test_a_line_knows_its_side_and_money() -> None:
    assert (DEBIT.is_debit, CREDIT.is_debit, CREDIT.money) == (True, False, Money(100, "EUR"))
    assert any(is_sharded(ref) for ref in ADJUSTABLE.values())
