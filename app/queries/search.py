"""What the search box finds: each way of naming a row is one statement that an index answers.

Nothing is counted, and nothing is looked for in the middle of a text. Each function answers the
newest MOST rows that the actor may see.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, or_, select

from app.adapters.crypto import blind_index
from app.domain.identifiers import made_between
from app.models import Attempt, Merchant, Operation, Payment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

    from app.domain.search_terms import Amount

    Rows = Sequence[Row[*tuple[Any, ...]]]

MOST: Final = 8
SHORTEST_BEGINNING: Final = 2
"""Fewer characters than this are the beginning of too much to be looked for."""

_LOOKED_THROUGH: Final = 200
# An id names the moment at which it was drawn; its row is written a little later.
_WRITTEN_WITHIN: Final = timedelta(minutes=1)
_ID_OF_A_MOMENT: Final = len("pay_") + 10
_SHOWN: Final = (
    Payment.public_id,
    Payment.merchant_id,
    Payment.reference,
    Payment.created_at,
    Payment.amount_minor,
    Payment.currency,
    Payment.method,
    Payment.status,
)


def payments_by_id(session: Session, beginning: str) -> Rows:
    """Return the payments whose id begins so.

    A short beginning names a span of time, and that is what is read: other merchants' ids lie
    between one's own.
    """
    found = select(*_SHOWN).where(Payment.public_id.startswith(beginning, autoescape=True))
    if len(beginning) < _ID_OF_A_MOMENT:
        first, last = made_between(beginning.partition("_")[2])
        found = found.where(
            Payment.created_at >= first, Payment.created_at < last + _WRITTEN_WITHIN
        )
    return _newest(session, found)


def payments_by_operation(session: Session, public_id: str) -> Rows:
    """Return the payment of an operation or a refund."""
    found = select(*_SHOWN).join(Operation, Operation.payment_id == Payment.id)
    return session.execute(found.where(Operation.public_id == public_id)).all()


def payments_by_provider_reference(session: Session, text: str) -> Rows:
    """Return the payments of which a provider calls an operation exactly so."""
    return _latest_of(session, Operation, Operation.provider_reference == text)


def payments_by_reference(session: Session, text: str) -> Rows:
    """Return the payments with exactly this reference, then those whose reference begins so.

    Of very many the last ones in the order of references are looked through, so that a common
    beginning costs no more than a rare one; typing on narrows it.
    """
    rows = list(_newest(session, select(*_SHOWN).where(Payment.reference == text)))
    if len(rows) < MOST and len(text) >= SHORTEST_BEGINNING:
        begins = (
            select(Payment.id)
            .where(Payment.reference.startswith(text, autoescape=True), Payment.reference != text)
            .order_by(Payment.reference.desc())
            .limit(_LOOKED_THROUGH)
        )
        rows += _of_ids(session, session.scalars(begins))
    return rows[:MOST]


def payments_by_email(session: Session, email: str) -> Rows:
    """Return the payments of a customer with this e-mail address, whatever its case."""
    index = blind_index(email, "payment.customer_email")
    return _newest(session, select(*_SHOWN).where(Payment.customer_email_index == index))


def payments_by_last4(session: Session, last4: str) -> Rows:
    """Return the payments that were tried with a card that ends so."""
    return _latest_of(session, Attempt, Attempt.card_last4 == last4)


def payments_by_amount(session: Session, amounts: Iterable[Amount]) -> Rows:
    """Return the payments of one of these amounts."""
    wanted: dict[str, set[int]] = {}
    for amount in amounts:
        for currency in amount.currencies:
            wanted.setdefault(currency, set()).add(amount.amount_minor)
    found: list[Row[*tuple[Any, ...]]] = []
    for currency in _used(session, wanted) if len(wanted) > 1 else wanted:
        same = Payment.amount_minor.in_(wanted[currency])
        found += _newest(session, select(*_SHOWN).where(same, Payment.currency == currency))
    return sorted(found, key=lambda row: row.created_at, reverse=True)[:MOST]


def _used(session: Session, wanted: Collection[str]) -> Iterator[str]:
    """Yield the currencies, among those wanted, in which payments were made.

    Each step asks for the next one in the index: read in one go they would cost as much as there
    are payments.
    """
    code = ""
    next_one = select(func.min(Payment.currency))
    while code := session.scalar(next_one.where(Payment.currency > code)) or "":
        if code in wanted:
            yield code


def merchants(session: Session, text: str, beginning_of_id: str = "") -> Rows:
    """Return the merchants whose name, short name or id begins so, by name."""
    if len(text) < SHORTEST_BEGINNING:
        return ()
    begins = [
        Merchant.name.startswith(text, autoescape=True),
        Merchant.key.startswith(text.lower(), autoescape=True),
    ]
    if beginning_of_id:
        begins = [Merchant.public_id.startswith(beginning_of_id, autoescape=True)]
    found = select(Merchant.id, Merchant.public_id, Merchant.key, Merchant.name, Merchant.country)
    return session.execute(found.where(or_(*begins)).order_by(Merchant.name).limit(MOST)).all()


def _newest(session: Session, found: Select[*tuple[Any, ...]]) -> Rows:
    ordered = found.order_by(Payment.created_at.desc(), Payment.id.desc())
    return session.execute(ordered.limit(MOST)).all()


def _latest_of(
    session: Session, model: type[Attempt | Operation], condition: ColumnElement[bool]
) -> Rows:
    found = select(model.payment_id).where(condition).order_by(model.id.desc())
    return _of_ids(session, session.scalars(found.limit(_LOOKED_THROUGH)))


def _of_ids(session: Session, ids: Iterable[int]) -> Rows:
    """Return the newest of these payments, which were found in another order."""
    wanted = list(dict.fromkeys(ids))
    return _newest(session, select(*_SHOWN).where(Payment.id.in_(wanted))) if wanted else ()
