"""The dry run: every bad cell of a file named, everything counted, nothing changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.adapters import clock
from app.domain.bulk_cells import error_of
from app.domain.bulk_rows import (
    LINK,
    METHODS,
    CellError,
    PaymentRow,
    RowErrors,
    parse_row,
)
from app.domain.card_numbers import CARD_REMOVED
from app.errors import BadInputError, UnavailableError, joined, said
from app.queries import operations, payments
from app.services import methods
from app.services.bulk import linking
from app.services.bulk.asking import asked
from app.services.bulk.verdicts import Judged, Verdict, judge

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.orm import Session

    from app.domain.bulk_header import Header
    from app.domain.money import DecimalMark
    from app.errors import PayAgencyError
    from app.models import Merchant
    from app.services.bulk.table import Record
    from app.services.routing import Routes

BATCH_ROWS = 1_000
METHODS_OF_FILES = frozenset((*METHODS, LINK))
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

    `valid` rows would be new payments or links, `for_payers` those of them that their payer must
    finish; `links` of them would be payment links, and `mails` of these mailed. `amounts` are those
    of the payments and `link_amounts` those of the links, in minor units by currency.
    """

    total: int = 0
    valid: int = 0
    done: int = 0
    retry: int = 0
    for_payers: int = 0
    invalid: int = 0
    cells: int = 0
    links: int = 0
    mails: int = 0
    amounts: dict[str, int] = field(default_factory=dict)
    link_amounts: dict[str, int] = field(default_factory=dict)


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
    """Return by what the merchant may be paid in files: links too, where there is any method."""
    found = METHODS_OF_FILES & payments.capability_kinds(session, merchant_id)
    return found | {LINK} if found else found


class DryRun:
    """Takes a file batch by batch; remembers references, never rows."""

    def __init__(self, rules: Rules, routes: Routes) -> None:
        """Start with nothing counted."""
        self.tally = Tally()
        self._rules = rules
        self._routes = routes
        self._lines: dict[str, int] = {}

    def batch(self, session: Session, records: Sequence[Record]) -> list[BadRow]:
        """Judge the next records and return the bad ones, by line."""
        merchant = operations.merchant_of(session, self._rules.merchant_id)
        bad: dict[int, BadRow] = {}
        good: dict[int, PaymentRow] = {}
        for record in records:
            parsed = parse(self._rules, record)
            errors = (
                parsed.errors
                if isinstance(parsed, RowErrors)
                else (*self._doubled(parsed), *self._forbidden(session, merchant, parsed))
            )
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

    def _doubled(self, row: PaymentRow) -> Iterator[CellError]:
        first = self._lines.setdefault(row.reference, row.line)
        if first != row.line:
            reason = said(
                "stands on line {line} of this file already. Give each row a reference of its own.",
                line=first,
            )
            yield error_of(row.line, "reference", "duplicate_reference", reason)

    def _forbidden(
        self, session: Session, merchant: Merchant, row: PaymentRow
    ) -> Iterator[CellError]:
        """Find what the method's rules, its provider and our own limits have against a row."""
        if row.link is not None:
            found = linking.faults(session, clock.now(), merchant, row, self._routes)
            yield from (_of_link(row.line, error) for error in found)
            return
        wanted = asked(row)
        try:
            route = self._routes.choose(row.method, row.method_name, row.amount.currency)
        except BadInputError as error:
            yield error_of(row.line, error.place, "method_not_offered", error.without_place)
            return
        except UnavailableError as error:
            yield error_of(row.line, "method", "method_not_offered", error.detail)
            return
        for fault in methods.every_fault(session, clock.now(), merchant, wanted, route.row):
            reason = joined([fault.reason, fault.way_out], " ") if fault.way_out else fault.reason
            yield error_of(row.line, fault.place, fault.code, reason)

    def _count(self, judged: Judged) -> None:
        tally, amount = self.tally, judged.row.amount
        if judged.verdict is Verdict.NEW:
            tally.valid += 1
            tally.for_payers += not judged.row.card_token
            link = judged.row.link
            tally.links += link is not None
            tally.mails += link is not None and link.send
            amounts = tally.amounts if link is None else tally.link_amounts
            amounts[amount.currency] = amounts.get(amount.currency, 0) + amount.amount_minor
        elif judged.verdict is Verdict.RETRY:
            tally.retry += 1
        else:
            tally.done += 1


def _of_link(line: int, error: PayAgencyError) -> CellError:
    """Return what is against a link as the fault of a cell of its row."""
    place = str(error.data.get("place", "method"))
    column = linking.COLUMNS.get(place, place)
    reason = error.without_place if isinstance(error, BadInputError) else error.detail
    return error_of(line, column, error.code, reason)
