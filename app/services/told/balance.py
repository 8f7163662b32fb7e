"""What moved a merchant's balances, as programs are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.domain.balance_transactions import id_of, place_of
from app.domain.ledger.lots import LotKind
from app.queries import balance_lines
from app.services.told import objects
from app.services.told.shapes import BalanceTransactionTold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.queries.balance_lines import Found

_AVAILABLE: Final = "available"
_KEPT: Final = frozenset(LotKind)


def transactions(
    session: Session, rows: Sequence[Found], *, livemode: bool
) -> list[BalanceTransactionTold]:
    """Return what is told of lines of a merchant's accounts, in one more statement.

    Their amounts are signed as the merchant counts: what it is owed more is positive.
    """
    payments = {row[6] for row in rows if row[6] is not None}
    due = balance_lines.releases(session, payments) if payments else {}
    return [_told(row, due, livemode=livemode) for row in rows]


def _told(
    row: Found, due: Mapping[tuple[int, str, datetime], datetime], *, livemode: bool
) -> BalanceTransactionTold:
    number, kind, amount_minor, currency, created_at, code, payment_key, payment = row
    place = place_of(code)
    available = created_at if place == _AVAILABLE else None
    if place in _KEPT and amount_minor < 0 and payment_key is not None:
        available = due.get((payment_key, place, created_at))
    return BalanceTransactionTold(
        id=id_of(number),
        type=kind,
        account=place,
        amount=-amount_minor,
        currency=currency,
        payment=payment,
        available_on=None if available is None else objects.moment(available),
        livemode=livemode,
        created=objects.moment(created_at),
    )
