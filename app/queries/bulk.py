"""Reads and writes of bulk uploads; the only file with statements that the guard does not see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, func, insert, select, update

from app.domain.payment_links import LinkKind
from app.errors import TenancyError, said
from app.models import BulkReference, BulkRow, BulkUpload, Payment, PaymentLink
from app.models.tenancy import actor_of
from app.queries.changes import changed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

_ROWS_A_READ = 500


@dataclass(frozen=True, slots=True)
class Taken:
    """Who holds a reference: a payment or a link, and the file's row that made it (None: no file).

    `payment` is its public id. A link has neither `payment_id` nor a status.
    """

    payment_id: int | None
    payment: str
    status: str
    reference_id: int | None
    content_digest: bytes | None


def get(session: Session, public_id: str) -> BulkUpload | None:
    """Return an upload that the actor may see, fresh from the database."""
    return session.scalars(
        select(BulkUpload)
        .where(BulkUpload.public_id == public_id)
        .execution_options(populate_existing=True)
    ).one_or_none()


def move(session: Session, upload: BulkUpload, statuses: Collection[str], **values: object) -> bool:
    """Change an upload that is in one of `statuses`; False when it has moved on."""
    moved = (
        update(BulkUpload)
        .where(BulkUpload.id == upload.id, BulkUpload.status.in_(statuses))
        .values(**values)
    )
    return changed(session, moved) == 1


def taken(session: Session, merchant_id: int, references: Sequence[str]) -> dict[str, Taken]:
    """Return who holds these references: rows of confirmed files before all others.

    A payment that was begun by a one-off link has the reference of its link.
    """
    by_links = select(PaymentLink.reference, PaymentLink.public_id).where(
        PaymentLink.merchant_id == merchant_id,
        PaymentLink.reference.in_(references),
        PaymentLink.kind == LinkKind.ONE_OFF,
    )
    found = {
        reference: Taken(None, link, "", None, None)
        for reference, link in session.execute(by_links)
    }
    by_payments = select(Payment.reference, Payment.id, Payment.public_id, Payment.status).where(
        Payment.merchant_id == merchant_id, Payment.reference.in_(references)
    )
    found |= {
        reference: Taken(payment_id, payment, status, None, None)
        for reference, payment_id, payment, status in session.execute(by_payments)
    }
    by_rows = (
        select(
            BulkReference.reference,
            Payment.id,
            func.coalesce(Payment.public_id, PaymentLink.public_id),
            func.coalesce(Payment.status, ""),
            BulkReference.id,
            BulkReference.content_digest,
        )
        .outerjoin(Payment, Payment.id == BulkReference.payment_id)
        .outerjoin(PaymentLink, PaymentLink.id == BulkReference.payment_link_id)
        .where(
            BulkReference.merchant_id == merchant_id,
            BulkReference.kind == "payments",
            BulkReference.reference.in_(references),
        )
    )
    found.update((row[0], Taken(*row[1:])) for row in session.execute(by_rows))
    return found


def retake(
    session: Session, reference_id: int, failed_payment_id: int, payment_id: int, upload_id: int
) -> bool:
    """Hand a reference to the payment that tries again; False when another one was faster."""
    handed = (
        update(BulkReference)
        .where(BulkReference.id == reference_id, BulkReference.payment_id == failed_payment_id)
        .values(payment_id=payment_id, upload_id=upload_id)
    )
    return changed(session, handed) == 1


def insert_rows(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Add bulk rows for the actor's merchant and book."""
    _insert(session, BulkRow, rows)


def insert_references(session: Session, rows: Sequence[Mapping[str, object]]) -> None:
    """Take references for the actor's merchant and book; IntegrityError when one is taken."""
    _insert(session, BulkReference, rows)


def _insert(
    session: Session,
    model: type[BulkRow | BulkReference],
    rows: Sequence[Mapping[str, object]],
) -> None:
    actor = actor_of(session)
    if not session.info.get("writable", False) or actor.merchant_id is None:
        raise TenancyError(
            said("{actor} may not add rows of an upload.", actor=actor.label), model=model.__name__
        )
    owner = {"merchant_id": actor.merchant_id, "livemode": actor.livemode}
    if rows:
        session.execute(insert(model), [{**row, **owner} for row in rows])


def row_counts(session: Session, upload_id: int) -> dict[str, int]:
    """Return state → number of the rows of a confirmed upload."""
    counted = (
        select(BulkRow.state, func.count())
        .where(BulkRow.upload_id == upload_id)
        .group_by(BulkRow.state)
    )
    return dict(session.execute(counted).all())


def payment_counts(session: Session, upload_id: int) -> dict[str, int]:
    """Return status → number of the payments that an upload made."""
    counted = (
        select(Payment.status, func.count())
        .join(BulkRow, BulkRow.payment_id == Payment.id)
        .where(BulkRow.upload_id == upload_id)
        .group_by(Payment.status)
    )
    return dict(session.execute(counted).all())


def link_counts(session: Session, upload_id: int) -> tuple[int, int]:
    """Return how many payment links an upload made, and how many of them were paid."""
    made = select(func.count()).where(
        BulkRow.upload_id == upload_id, BulkRow.payment_link_id.is_not(None)
    )
    paid = (
        select(func.count(func.distinct(BulkRow.id)))
        .join(
            Payment,
            and_(
                Payment.merchant_id == BulkRow.merchant_id,
                Payment.livemode == BulkRow.livemode,
                Payment.payment_link_id == BulkRow.payment_link_id,
            ),
        )
        .where(BulkRow.upload_id == upload_id, Payment.captured_minor > 0)
    )
    return session.scalar(made) or 0, session.scalar(paid) or 0


def results(session: Session, upload_id: int) -> Iterator[Sequence[Any]]:
    """Yield the rows of a confirmed upload with their payments, by line, some hundred at a time."""
    found = (
        select(
            BulkRow.merchant_id,
            BulkRow.line,
            BulkRow.reference,
            BulkRow.amount_minor,
            BulkRow.currency,
            BulkRow.state,
            BulkRow.message,
            Payment.public_id.label("payment"),
            Payment.status,
            Payment.method,
            Payment.page_token,
            PaymentLink.public_id.label("link"),
            PaymentLink.token.label("link_token"),
        )
        .outerjoin(Payment, Payment.id == BulkRow.payment_id)
        .outerjoin(PaymentLink, PaymentLink.id == BulkRow.payment_link_id)
        .where(BulkRow.upload_id == upload_id)
        .order_by(BulkRow.line)
        .limit(_ROWS_A_READ)
    )
    line = 0
    while True:
        rows = session.execute(found.where(BulkRow.line > line)).all()
        yield rows
        if len(rows) < _ROWS_A_READ:
            return
        line = rows[-1].line


def refused_rows(session: Session, upload_id: int) -> Iterator[BulkRow]:
    """Yield the rows that were refused while the upload ran, by line, some hundred at a time."""
    line = 0
    while True:
        found = session.scalars(
            select(BulkRow)
            .where(BulkRow.upload_id == upload_id, BulkRow.state == "refused", BulkRow.line > line)
            .order_by(BulkRow.line)
            .limit(_ROWS_A_READ)
        ).all()
        yield from found
        if len(found) < _ROWS_A_READ:
            return
        line = found[-1].line
        session.expunge_all()
