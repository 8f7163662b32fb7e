"""What the page of a payer tells: sums by currency and status, and the newest of what was paid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from app.domain.permissions import Permission
from app.queries import disputes, listing, payers, payment_list
from app.queries.disputes import DisputeFilter
from app.queries.listing import Window
from app.queries.payment_list import PaymentFilter, RefundFilter
from app.views import words

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.queries.listing import Slice
    from app.queries.payers import Payer, PayerRow, Sum

MOST_ROWS: Final = 10
_NOTHING: Final = listing.Slice([], None, None)


@dataclass
class Total:
    """What a payer has paid in one currency, in minor units; `statuses` is status → payments."""

    currency: str
    number: int = 0
    captured_minor: int = 0
    refunded_minor: int = 0
    charged_back_minor: int = 0
    statuses: dict[str, int] = field(default_factory=dict)

    def add(self, part: Sum, status: str) -> None:
        """Take in the payments with one status, as this reader sees it."""
        self.number += part.number
        self.captured_minor += part.captured_minor
        self.refunded_minor += part.refunded_minor
        self.charged_back_minor += part.charged_back_minor
        self.statuses[status] = self.statuses.get(status, 0) + part.number


@dataclass(frozen=True, slots=True)
class PayerPage:
    """Everything that the template shows."""

    row: PayerRow
    merchant: str
    totals: list[Total]
    payments: Slice
    refunds: Slice
    disputes: Slice


def build(session: Session, actor: Actor, payer: Payer) -> PayerPage:
    """Read what this actor may see of a payer."""
    row, few = payers.told(session, payer), Window(limit=MOST_ROWS)
    totals = _totals(actor, payers.sums(session, payer))
    names = listing.merchant_names(session, [payer.merchant_id])
    return PayerPage(
        row=row,
        merchant=names[payer.merchant_id],
        totals=totals,
        payments=payment_list.payments(
            session, PaymentFilter(payer=row.public_id), few, besides=()
        ),
        refunds=payment_list.refunds(session, RefundFilter(payer=row.public_id), few),
        disputes=disputes.page(session, DisputeFilter(payer=row.public_id), few)
        if actor.may(Permission.DISPUTES_READ)
        else _NOTHING,
    )


def _totals(actor: Actor, sums: list[Sum]) -> list[Total]:
    found: dict[str, Total] = {}
    for each in sums:
        total = found.setdefault(each.currency, Total(each.currency))
        total.add(each, words.shown_status(each.status, actor).value)
    return list(found.values())
