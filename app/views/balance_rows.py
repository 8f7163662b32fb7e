"""What moved a merchant's balances, as screens show it: the very rows that programs are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from app.domain.balance_transactions import PLACES, id_of, number_of, place_of
from app.domain.ledger.accounts import AccountType, normal_sign
from app.domain.ledger.journals import JournalKind
from app.errors import NotFoundError, said
from app.models.tenancy import actor_of
from app.queries import balance_lines, home_desk, operations
from app.queries.listing import Slice
from app.services.told import balance as told
from app.views import account_words, codes, fee_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.queries.balance_lines import Found, LineFilter
    from app.queries.listing import Window
    from app.services.told.shapes import BalanceTransactionTold
    from app.views.fee_words import Fee


@dataclass(frozen=True, slots=True)
class Line:
    """One balance transaction; what the merchant is owed more is positive, in minor units."""

    public_id: str
    created_at: datetime
    kind: str
    place: str
    amount_minor: int
    currency: str
    payment: str | None
    available_at: datetime | None


@dataclass(frozen=True, slots=True)
class Figure:
    """What stands at one place in one currency, and the ledger account behind it, if any."""

    place: str
    amount_minor: int
    account: str


@dataclass(frozen=True, slots=True)
class Opened:
    """One balance transaction with what else its occasion moved, and the fees of a capture."""

    line: Line
    others: Sequence[Line]
    fees: Sequence[Fee]


def place_word(place: str, actor: Actor) -> str:
    """Return what a place of a merchant's money is called: the house speaks of the merchant."""
    words = codes.ACCOUNTS if actor.merchant_id is not None else account_words.CHART
    return str(words[f"merchant:{place}"])


def page(session: Session, wanted: LineFilter, window: Window) -> Slice:
    """Return one page of balance transactions, newest first.

    Narrowed by kind or days, it may end before it is full. Raises NotFoundError where the edge is
    no line that the actor may see.
    """
    if window.newer:
        found = balance_lines.page(
            session, wanted, limit=window.limit, newer=_number(session, window.newer)
        )
        if found.cursor is not None and found.rows:
            lines = _lines(session, found.rows)
            return Slice(lines, older=lines[-1].public_id, newer=lines[0].public_id)
        # What is left is the first page: it is shown whole, as without an edge.
    edge = "" if window.newer else window.older
    older = _number(session, edge) if edge else None
    found = balance_lines.page(session, wanted, limit=window.limit, older=older)
    lines = _lines(session, found.rows)
    first = lines[0].public_id if lines else edge
    return Slice(
        lines,
        older=None if found.cursor is None else id_of(found.cursor),
        newer=first if edge else None,
    )


def standing(session: Session, merchant_id: int) -> dict[str, list[Figure]]:
    """Return currency → what stands at each place, as `GET /v1/balance` tells it."""
    found: dict[str, dict[str, Figure]] = {}
    for each in home_desk.balances(session, merchant_id):
        place = place_of(each.code)
        figures = found.setdefault(each.currency, {name: Figure(name, 0, "") for name in PLACES})
        if place in figures:
            minor = normal_sign(AccountType(each.type)) * each.balance_minor
            figures[place] = Figure(place, minor, each.public_id)
    return {currency: list(figures.values()) for currency, figures in sorted(found.items())}


def opened(session: Session, public_id: str) -> Opened:
    """Return one balance transaction. Raises NotFoundError."""
    number = number_of(public_id)
    found = None if number is None else balance_lines.one(session, number)
    if number is None or found is None:
        raise NotFoundError(said("There is no balance transaction {id}.", id=public_id))
    same = balance_lines.of_same_occasion(session, number)
    lines = _lines(session, same)
    (line,) = (each for each in lines if each.public_id == public_id)
    others = [each for each in lines if each is not line]
    return Opened(line, others, _fees(session, found, lines))


def _fees(session: Session, found: Found, lines: Sequence[Line]) -> Sequence[Fee]:
    """Return the fee that made these lines what they are, else all that the payment has."""
    payment_key = found[6]
    if found[1] != JournalKind.CAPTURE or payment_key is None:
        return ()
    fees = fee_words.of_operations(operations.of_payment(session, payment_key))
    left_minor = sum(each.amount_minor for each in lines)
    exact = [fee for fee in fees if fee.gross_minor - fee.total_minor - fee.tax_minor == left_minor]
    return exact[:1] or fees


def _lines(session: Session, rows: Sequence[Found]) -> list[Line]:
    livemode = bool(actor_of(session).livemode)
    return [_line(each) for each in told.transactions(session, rows, livemode=livemode)]


def _line(found: BalanceTransactionTold) -> Line:
    available = found.available_on
    return Line(
        public_id=found.id,
        created_at=datetime.fromisoformat(found.created),
        kind=found.type,
        place=found.account,
        amount_minor=found.amount,
        currency=found.currency,
        payment=found.payment,
        available_at=None if available is None else datetime.fromisoformat(available),
    )


def _number(session: Session, public_id: str) -> int:
    number = number_of(public_id)
    if number is None or balance_lines.one(session, number) is None:
        raise NotFoundError(said("This page of the list does not exist. Open the list again."))
    return number
