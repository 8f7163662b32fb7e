"""The dry run: every bad cell of a file named, everything counted, nothing changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.domain.bulk_cells import error_of
from app.domain.bulk_rows import CellError, PaymentRow, RowErrors, parse_row
from app.domain.card_numbers import CARD_REMOVED
from app.domain.money import Money
from app.errors import said
from app.queries import payments
from app.services.bulk.verdicts import Judged, Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.domain.bulk_header import Header
    from app.domain.money import DecimalMark
    from app.services.bulk.table import Record

BATCH_ROWS = 1_000
METHODS_OF_FILES = frozenset({"card"})
"""What a row may ask for in this form of the upload."""
_A_CARD_NUMBER = "4242424242424242"


@dataclass(frozen=True, slots=True)
class Rules:
    """By what rows are read; `methods` is what the merchant may be paid by in files."""

    merchant_id: int
    header: Header
    decimal_mark: DecimalMark
    methods: frozenset[str] = METHODS_OF_FILES


@dataclass(slots=True)
class Tally:
    """What a dry run counted: rows, and bad `cells`.

    `valid` rows would be new payments; `amounts` are theirs, in minor units by currency.
    """

    total: int = 0
    valid: int = 0
    done: int = 0
    retry: int = 0
    invalid: int = 0
    cells: int = 0
    amounts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be taken, as it stands in the file, and why."""

    record: Record
    errors: tuple[CellError, ...]


def parse(rules: Rules, record: Record) -> PaymentRow | RowErrors:
    """Read one record by the rules."""
    cells = record.cells
    # Card numbers were taken out when the file came; their mark is judged as they would be.
    if any(CARD_REMOVED in cell for cell in cells):
        cells = [cell.replace(CARD_REMOVED, _A_CARD_NUMBER) for cell in cells]
    return parse_row(
        rules.header,
        cells,
        line=record.line,
        decimal_mark=rules.decimal_mark,
        enabled_methods=rules.methods,
    )


def enabled_methods(session: Session, merchant_id: int) -> frozenset[str]:
    """Return by what the merchant may be paid in files."""
    return METHODS_OF_FILES & payments.capability_kinds(session, merchant_id)


class DryRun:
    """Takes a file batch by batch; remembers references and limits, never rows."""

    def __init__(self, rules: Rules) -> None:
        """Start with nothing counted."""
        self.tally = Tally()
        self._rules = rules
        self._lines: dict[str, int] = {}
        self._limits: dict[tuple[str, str], int | None] = {}

    def batch(self, session: Session, records: Sequence[Record]) -> list[BadRow]:
        """Judge the next records and return the bad ones, by line."""
        bad: dict[int, BadRow] = {}
        good: dict[int, PaymentRow] = {}
        for record in records:
            parsed = parse(self._rules, record)
            errors = parsed.errors if isinstance(parsed, RowErrors) else self._own(session, parsed)
            if errors:
                bad[record.line] = BadRow(record, errors)
            elif isinstance(parsed, PaymentRow):
                good[record.line] = parsed
        by_line = {record.line: record for record in records}
        for judged in judge(session, self._rules.merchant_id, list(good.values())):
            line = judged.row.line
            if judged.verdict is Verdict.COLLISION:
                error = CellError(line, "reference", "reference_taken", judged.collision)
                bad[line] = BadRow(by_line[line], (error,))
            else:
                self._count(judged)
        self.tally.total += len(records)
        self.tally.invalid += len(bad)
        self.tally.cells += sum(len(row.errors) for row in bad.values())
        return [bad[line] for line in sorted(bad)]

    def _own(self, session: Session, row: PaymentRow) -> tuple[CellError, ...]:
        """Find what is wrong with a row beside the others of its file and the merchant's limits."""
        errors = []
        first = self._lines.setdefault(row.reference, row.line)
        if first != row.line:
            reason = said(
                "stands on line {line} of this file already. Give each row a reference of its own.",
                line=first,
            )
            errors.append(error_of(row.line, "reference", "duplicate_reference", reason))
        limit = self._limit(session, row)
        if limit is not None and row.amount.amount_minor > limit:
            reason = said(
                "the largest single {method} payment is {most}. Ask us to raise it.",
                method=row.method,
                most=Money(limit, row.amount.currency),
            )
            errors.append(error_of(row.line, "amount", "limit_exceeded", reason))
        return tuple(errors)

    def _limit(self, session: Session, row: PaymentRow) -> int | None:
        key = (row.method, row.amount.currency)
        if key not in self._limits:
            self._limits[key] = payments.limit_minor(session, self._rules.merchant_id, *key)
        return self._limits[key]

    def _count(self, judged: Judged) -> None:
        tally, amount = self.tally, judged.row.amount
        if judged.verdict is Verdict.NEW:
            tally.valid += 1
            so_far = tally.amounts.get(amount.currency, 0)
            tally.amounts[amount.currency] = so_far + amount.amount_minor
        elif judged.verdict is Verdict.RETRY:
            tally.retry += 1
        else:
            tally.done += 1
