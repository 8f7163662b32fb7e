"""Which mails tell of what happened: to payers, merchants' owners, people about themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.locales import DEFAULT as DEFAULT_LOCALE
from app.domain.notifications import NotificationKind
from app.domain.payments import PaymentStatus
from app.domain.permissions import RoleName
from app.domain.webhooks_out import FAILING_LASTS
from app.queries import operations, people
from app.services.notify.asking import Notice, Recipient, ask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.webhooks_out import Standing
    from app.models import BulkUpload, MerchantApplication, Payment, WebhookEndpoint
    from app.queries.people import Person

REFUSED_ROW = "refused"
LINKED_ROW = "linked"


def receipt(session: Session, now: datetime, payment: Payment, before: Standing) -> None:
    """Send the payer of a payment that has become paid a receipt, if the merchant wants that."""
    is_paid = payment.status == PaymentStatus.SUCCEEDED
    if not is_paid or payment.captured_minor <= before.captured_minor or not payment.customer_email:
        return
    merchant = operations.merchant_of(session, payment.merchant_id)
    if not merchant.receipts:
        return
    notice = Notice(
        kind=NotificationKind.RECEIPT,
        to=Recipient(
            payment.customer_email, payment.payer_locale or DEFAULT_LOCALE, merchant.timezone
        ),
        object_type="payment",
        object_id=payment.public_id,
        params={
            "merchant": merchant.name_for_payers,
            "amount_minor": payment.captured_minor,
            "currency": payment.currency,
            "description": payment.description,
            "reference": payment.reference,
            "payment": payment.public_id,
            "paid_at": now.isoformat(),
        },
        merchant_id=payment.merchant_id,
        livemode=payment.livemode,
    )
    ask(session, now, notice)


def upload_finished(
    session: Session, now: datetime, upload: BulkUpload, counts: Mapping[str, int]
) -> None:
    """Tell a merchant's owners and whoever uploaded a file that it was worked off.

    `counts` are its rows by what they became. A merchant may do without.
    """
    merchant = operations.merchant_of(session, upload.merchant_id)
    if not merchant.upload_mails:
        return
    owners = people.with_role(session, upload.merchant_id, RoleName.MERCHANT_OWNER)
    uploader = people.member_named(session, upload.merchant_id, upload.created_by)
    refused = counts.get(REFUSED_ROW, 0)
    for to in _recipients([*owners, *uploader], merchant.timezone):
        notice = Notice(
            kind=NotificationKind.UPLOAD_FINISHED,
            to=to,
            object_type="bulk_upload",
            object_id=upload.public_id,
            params={
                "merchant": merchant.name,
                "file": upload.filename,
                "upload": upload.public_id,
                "loaded": sum(counts.values()) - refused - counts.get(LINKED_ROW, 0),
                "links": counts.get(LINKED_ROW, 0),
                "refused": refused,
                "done_at": now.isoformat(),
            },
            merchant_id=upload.merchant_id,
            livemode=upload.livemode,
        )
        ask(session, now, notice)


def webhook_disabled(
    session: Session, now: datetime, endpoint: WebhookEndpoint, *, gone: bool
) -> None:
    """Tell a merchant's owners that nothing more is sent to an endpoint that answers nothing well.

    An endpoint may be disabled more than once; each time is told.
    """
    merchant = operations.merchant_of(session, endpoint.merchant_id)
    owners = people.with_role(session, endpoint.merchant_id, RoleName.MERCHANT_OWNER)
    for to in _recipients(owners, merchant.timezone):
        notice = Notice(
            kind=NotificationKind.WEBHOOK_DISABLED,
            to=to,
            object_type="webhook_endpoint",
            object_id=endpoint.public_id,
            occasion=now.isoformat(),
            params={
                "merchant": merchant.name,
                "url": endpoint.url,
                "endpoint": endpoint.public_id,
                "is_gone": gone,
                "days": FAILING_LASTS.days,
                "disabled_at": now.isoformat(),
            },
            merchant_id=endpoint.merchant_id,
            livemode=endpoint.livemode,
        )
        ask(session, now, notice)


def application_rejected(
    session: Session, now: datetime, row: MerchantApplication, reason: str
) -> None:
    """Tell who signed a business up that it is not taken on, and why."""
    if not row.email:
        return
    notice = Notice(
        kind=NotificationKind.SIGN_UP_REJECTED,
        to=Recipient(row.email, row.locale, row.timezone),
        object_type="merchant_application",
        object_id=row.public_id,
        params={"first_name": row.first_name or "", "business": row.business, "reason": reason},
    )
    ask(session, now, notice)


def password_changed(session: Session, now: datetime, user_id: int) -> None:
    """Tell somebody that their password was changed, whoever changed it."""
    person = people.by_id(session, user_id)
    if person is None:
        return
    notice = Notice(
        kind=NotificationKind.RESET_DONE,
        to=reader(person),
        object_type="user",
        object_id=str(person.user_id),
        occasion=now.isoformat(),
        params={"username": person.username, "changed_at": now.isoformat()},
    )
    ask(session, now, notice)


def reader(person: Person, zone: str = "UTC") -> Recipient:
    """Return where and how a person reads; `zone` is theirs where they chose none."""
    return Recipient(person.email, person.locale or "en", person.zone or zone)


def _recipients(found: Iterable[Person], zone: str) -> list[Recipient]:
    """Return everybody once, however many reasons there are to tell them."""
    return [reader(each, zone) for each in {each.user_id: each for each in found}.values()]
