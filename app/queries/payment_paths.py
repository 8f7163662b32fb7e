"""Which index a list of payments or refunds is read by; servers guess wrong where it matters.

Left alone, MariaDB reads a filtered page at depth from the newest row on, and a narrow range of
amounts by the whole book. So the ids of a page are found first, by an index that is named and holds
all that they are narrowed by, and the rows come second.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from app.models import Attempt, Operation, Payment
from app.models.tenancy import actor_of

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Sequence

    from sqlalchemy import ColumnElement, Select
    from sqlalchemy.orm import Session

    Ids = Select[*tuple[Any, ...]]

FEW: Final = 10_000
"""So many entries of an index are sorted as quickly as a page is looked for among all rows."""

FEW_IDS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Path:
    """The conditions of a list, and the indexes of its book or of its only merchant's."""

    session: Session
    conditions: Sequence[ColumnElement[bool]]
    scope: str

    def newest(self) -> list[Ids]:
        """Read from the newest row on; the filters stand in the index."""
        return [self._ids(f"ix_payment_{self.scope}_newest")]

    def by_status(self, statuses: Collection[str], *, counting: bool) -> list[Ids]:
        """Read each status newest first; together they are put in order again.

        A count needs no order and reads them at once.
        """
        name = "ix_payment_merchant_status" if self.scope == "merchant" else "ix_payment_status"
        if counting:
            return [self._ids(name)]
        return [self._ids(name).where(Payment.status == status) for status in statuses]

    def equal_to(self, column: str) -> list[Ids]:
        """Read what equals one value of a column, which an index holds newest first."""
        return [self._ids(f"ix_payment_{self.scope}_{column}")]

    def narrowed_by(self, column: str, key: Hashable) -> list[Ids]:
        """Read what an index on a column leaves, if that is little; `key` names the question."""
        found = self._ids(f"ix_payment_{self.scope}_{column}")
        known = _numbers(self.session)
        if key not in known:
            some = found.limit(FEW + 1).subquery()
            known[key] = self.session.scalar(select(func.count()).select_from(some)) or 0
        return [found] if known[key] <= FEW else self.newest()

    def _ids(self, index: str) -> Ids:
        found = select(Payment.id, Payment.created_at).where(*self.conditions)
        return pinned(found, Payment, index)


def number_of(session: Session, key: Hashable) -> int | None:
    """Return how many rows a question finds, where its path was looked for and they are few."""
    number = _numbers(session).get(key)
    return number if number is not None and number <= FEW else None


def _numbers(session: Session) -> dict[Hashable, int]:
    numbers: dict[Hashable, int] = session.info.setdefault("payment_paths", {})
    return numbers


def scope_of(session: Session, merchant_ids: Sequence[int] | None) -> str:
    """Return `merchant` where the list is that of one merchant, else `book`."""
    one = actor_of(session).merchant_id is not None or len(merchant_ids or ()) == 1
    return "merchant" if one else "book"


def refunds(
    session: Session, conditions: Sequence[ColumnElement[bool]], merchant_ids: Sequence[int] | None
) -> list[Ids]:
    """Return the statement that reads refunds from the newest one on."""
    found = select(Operation.id, Operation.created_at).where(*conditions)
    index = f"ix_operation_{scope_of(session, merchant_ids)}_kind"
    return [pinned(found, Operation, index)]


def pinned(found: Ids, model: type[Payment | Operation], index: str) -> Ids:
    """Let MySQL and MariaDB read a table by this index and no other."""
    return found.with_hint(model, f"FORCE INDEX ({index})", "mysql")


def among(
    session: Session,
    model: type[Attempt | Operation],
    condition: ColumnElement[bool],
    *,
    counting: bool,
) -> tuple[ColumnElement[bool], bool]:
    """Return the condition that rows around a payment set, and whether it leads to the payments.

    Few are found first. Many are asked row by row for a page, which needs fifty of them; as a set
    they would be made whole each time. A count, which needs a thousand, takes the set.
    """
    ids = select(model.payment_id).where(condition).distinct().limit(FEW_IDS + 1)
    few = session.scalars(ids).all()
    if len(few) <= FEW_IDS:
        return Payment.id.in_(few), True
    if counting:
        return Payment.id.in_(select(model.payment_id).where(condition)), True
    of_payment = select(func.max(model.id)).where(
        model.merchant_id == Payment.merchant_id,
        model.livemode == Payment.livemode,
        model.payment_id == Payment.id,
        condition,
    )
    return of_payment.scalar_subquery().is_not(None), False
