"""What waits for somebody: numbers with the age of the oldest, balances and the newest rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import distinct, func, literal, or_, select, union_all

import config
from app.domain.applications import ApplicationState
from app.domain.operations import OperationState
from app.domain.payments import DisputeStatus, PaymentStatus
from app.models import (
    ApiKey,
    AuditEntry,
    BulkUpload,
    Capability,
    ConnectorAccount,
    DeskCase,
    Dispute,
    LedgerAccount,
    LedgerBalance,
    LedgerJournal,
    Membership,
    Merchant,
    MerchantApplication,
    Operation,
    Outbox,
    Payment,
    PriceList,
    WebhookEndpoint,
)
from app.models.base import UtcDateTime
from app.queries import approvals

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement, Row, Select
    from sqlalchemy.orm import Session

    Question = Callable[["Since"], Select[Any, Any]]


EXPIRES_SOON_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Since:
    """From when on things are old or still new: the begin of today, and that of some days ago.

    `decides` are the commands on whose requests the reader decides, `reader` is their id.
    """

    today: datetime
    lately: datetime
    decides: frozenset[str] = frozenset()
    reader: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many rows answer a question, and since when the oldest does."""

    name: str
    count: int
    oldest: datetime | None


@dataclass(frozen=True, slots=True)
class Balance:
    """An account with its shards summed; debit positive, minor units.

    `owner`: the name of the connector that an account of the house is kept for, if any.
    """

    public_id: str
    code: str
    currency: str
    type: str
    balance_minor: int
    owner: str


def _unanswered(_since: Since) -> Select[int, datetime]:
    """Payments of which a request to the provider got no answer."""
    return select(func.count(distinct(Operation.payment_id)), func.min(Operation.created_at)).where(
        Operation.state == OperationState.UNKNOWN
    )


def _slow(since: Since) -> Select[int, datetime]:
    """Payments made before today of which the provider still has the outcome."""
    return _payments(PaymentStatus.PROCESSING).where(Payment.created_at < since.today)


def _conflicted(_since: Since) -> Select[int, datetime]:
    return _payments(PaymentStatus.CONFLICTED)


def _in_review(_since: Since) -> Select[int, datetime]:
    return _payments(PaymentStatus.IN_REVIEW)


def _failed_tasks(_since: Since) -> Select[int, datetime]:
    return select(func.count(), func.min(Outbox.created_at)).where(
        Outbox.queue.in_(config.QUEUES), Outbox.state == "failed"
    )


def _ready_uploads(_since: Since) -> Select[int, datetime]:
    return _uploads("ready")


def _refused_uploads(since: Since) -> Select[int, datetime]:
    """Files that were refused lately: nobody mends an old one, it stays refused."""
    return _uploads("refused").where(BulkUpload.created_at >= since.lately)


def _owing(_since: Since) -> Select[int, datetime]:
    """Merchants' accounts with a debit; since when is not written down."""
    return select(func.count(), literal(None, UtcDateTime)).where(
        LedgerBalance.merchant_id.is_not(None), LedgerBalance.balance_minor > 0
    )


def _to_decide(since: Since) -> Select[int, datetime]:
    """Requests of others that wait for the reader's decision."""
    return approvals.to_decide(since.decides, since.reader)


def _cases(_since: Since) -> Select[int, datetime]:
    """Cases at the desk that nobody has ended."""
    return select(func.count(), func.min(DeskCase.opened_at)).where(DeskCase.state == "open")


def _payments(status: PaymentStatus) -> Select[int, datetime]:
    return select(func.count(), func.min(Payment.created_at)).where(Payment.status == status)


def _uploads(status: str) -> Select[int, datetime]:
    return select(func.count(), func.min(BulkUpload.created_at)).where(BulkUpload.status == status)


def _disabled_endpoints(_since: Since) -> Select[int, datetime]:
    # Only those that were disabled because they failed: whoever disables one by hand knows it.
    return select(func.count(), func.min(WebhookEndpoint.changed_at)).where(
        WebhookEndpoint.state == "disabled",
        WebhookEndpoint.failing_since.is_not(None),
        WebhookEndpoint.deleted_at.is_(None),
    )


def _applications(_since: Since) -> Select[int, datetime]:
    """Businesses that wait to be taken on."""
    return select(func.count(), func.min(MerchantApplication.created_at)).where(
        MerchantApplication.state == ApplicationState.WAITING
    )


def _to_answer(_since: Since) -> Select[int, datetime]:
    """Disputes that are open and have a date by which to answer."""
    return select(func.count(), func.min(Dispute.created_at)).where(
        Dispute.status == DisputeStatus.OPEN, Dispute.due_at.is_not(None)
    )


def _expiring_keys(since: Since) -> Select[int, datetime]:
    """API keys in use that end within days; since when is not what matters of them."""
    soon = since.today + timedelta(days=EXPIRES_SOON_DAYS + 1)
    return select(func.count(), literal(None, UtcDateTime)).where(
        ApiKey.ended_at.is_(None), ApiKey.expires_at >= since.today, ApiKey.expires_at < soon
    )


QUESTIONS: Final[Mapping[str, Question]] = {
    "unanswered": _unanswered,
    "slow": _slow,
    "conflicted": _conflicted,
    "in_review": _in_review,
    "failed_tasks": _failed_tasks,
    "ready_uploads": _ready_uploads,
    "refused_uploads": _refused_uploads,
    "owing": _owing,
    "to_decide": _to_decide,
    "cases": _cases,
    "disabled_endpoints": _disabled_endpoints,
    "applications": _applications,
    "to_answer": _to_answer,
    "expiring_keys": _expiring_keys,
}


def waiting(session: Session, names: Collection[str], since: Since) -> dict[str, Waiting]:
    """Answer some of QUESTIONS by one statement, by name; what nothing answers is left out."""
    if not names:
        return {}
    asked = [
        QUESTIONS[name](since).add_columns(literal(name).label("name")) for name in sorted(names)
    ]
    return {
        name: Waiting(name, int(count), oldest)
        for count, oldest, name in session.execute(union_all(*asked))
        if count
    }


def balances(session: Session, merchant_id: int | None = None) -> list[Balance]:
    """Return the accounts that belong to merchants, or to one, with their balances."""
    found = _balances(literal("")).where(LedgerAccount.merchant_id.is_not(None))
    if merchant_id is not None:
        found = found.where(LedgerAccount.merchant_id == merchant_id)
    return _summed(session, found)


def house_balances(session: Session) -> list[Balance]:
    """Return the house's accounts with their balances, and the connector that each is kept for."""
    found = (
        _balances(func.coalesce(func.min(ConnectorAccount.name), ""))
        # The code holds the connector's public id; of both there are few.
        .outerjoin(ConnectorAccount, LedgerAccount.code.contains(ConnectorAccount.public_id))
        .where(LedgerAccount.merchant_id.is_(None))
    )
    return _summed(session, found)


def _balances(owner: ColumnElement[str]) -> Select[str, str, str, str, int, str]:
    return (
        select(
            func.min(LedgerAccount.public_id),
            LedgerAccount.code,
            LedgerAccount.currency,
            func.min(LedgerAccount.type),
            func.sum(LedgerBalance.balance_minor),
            owner,
        )
        .join(LedgerBalance, LedgerBalance.account_id == LedgerAccount.id)
        .group_by(LedgerAccount.code, LedgerAccount.currency)
        .order_by(LedgerAccount.code, LedgerAccount.currency)
    )


def _summed(session: Session, found: Select[str, str, str, str, int, str]) -> list[Balance]:
    return [
        Balance(public_id, code, currency, kind, int(balance), owner)
        for public_id, code, currency, kind, balance, owner in session.execute(found)
    ]


def without_capability(session: Session, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return merchants who have been granted nothing in the open book, the oldest first."""
    granted = select(Capability.id).where(Capability.merchant_id == Merchant.id).exists()
    found = select(Merchant.public_id, Merchant.name, Merchant.created_at)
    found = found.where(~granted).order_by(Merchant.created_at, Merchant.id)
    return session.execute(found.limit(limit)).all()


def recent_payments(session: Session, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the newest payments."""
    found = select(
        Payment.public_id,
        Payment.reference,
        Payment.created_at,
        Payment.amount_minor,
        Payment.currency,
        Payment.status,
    )
    found = found.order_by(Payment.created_at.desc(), Payment.id.desc())
    return session.execute(found.limit(limit)).all()


def uploads_of(session: Session, created_by: str, limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return somebody's newest uploads."""
    found = select(
        BulkUpload.public_id,
        BulkUpload.created_at,
        BulkUpload.filename,
        BulkUpload.status,
        BulkUpload.rows_total,
        BulkUpload.rows_invalid,
        BulkUpload.rows_loaded,
    ).where(BulkUpload.created_by == created_by)
    found = found.order_by(BulkUpload.created_at.desc(), BulkUpload.id.desc())
    return session.execute(found.limit(limit)).all()


def acts(session: Session, actions: Collection[str], limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Return the newest entries of the audit trail with one of these actions, or of these areas."""
    any_of = or_(
        *(
            AuditEntry.action == each
            if "." in each
            else AuditEntry.action.startswith(f"{each}.", autoescape=True)
            for each in actions
        )
    )
    found = select(
        AuditEntry.created_at, AuditEntry.actor_label, AuditEntry.action, AuditEntry.sentence
    ).where(any_of)
    found = found.order_by(AuditEntry.created_at.desc(), AuditEntry.id.desc())
    return session.execute(found.limit(limit)).all()


def last_journal(session: Session) -> Row[str, str, datetime] | None:
    """Return the id, kind and moment of the newest journal."""
    found = select(LedgerJournal.public_id, LedgerJournal.kind, LedgerJournal.created_at)
    return session.execute(found.order_by(LedgerJournal.id.desc()).limit(1)).one_or_none()


def beginnings(session: Session) -> frozenset[str]:
    """Return which of the tables that a new installation fills first hold a row."""
    asked = {
        "merchant": Merchant.id,
        "capability": Capability.id,
        "price": PriceList.id,
        "person": Membership.id,
        "key": ApiKey.id,
        "payment": Payment.id,
        "upload": BulkUpload.id,
    }
    found = session.execute(
        select(*(select(key).exists().label(name) for name, key in asked.items()))
    ).one()
    return frozenset(name for name in asked if getattr(found, name))
