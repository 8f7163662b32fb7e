"""Rows that wait for somebody, written as they stand after the services; for the home page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.adapters import db
from app.domain.actors import Actor
from app.domain.identifiers import new_id
from app.models import (
    Attempt,
    AuditEntry,
    BulkUpload,
    Dispute,
    LedgerAccount,
    LedgerBalance,
    LedgerJournal,
    Operation,
    Outbox,
)
from app.queries import operations, payments
from tests.fixtures.application import NOW

if TYPE_CHECKING:
    from datetime import datetime

    from tests.fixtures.application import World

HOUSE = Actor.house(None, "test")


def keep(actor: Actor, *rows: object) -> None:
    """Write rows."""
    with db.unit_of_work(actor) as session:
        session.add_all(rows)


def operation(
    world: World, actor: Actor, of: str, at: datetime = NOW, number: int = 1, **values: object
) -> None:
    """Write an operation of a payment, with its attempt."""
    with db.unit_of_work(actor) as session:
        payment = payments.get(session, of)
        assert payment is not None
        owner = {"merchant_id": payment.merchant_id, "livemode": False, "payment_id": payment.id}
        attempt = Attempt(
            public_id=new_id("att", at),
            connector_account_id=world.connector_account,
            number=number,
            method="card",
            created_at=at,
            **owner,
        )
        session.add(attempt)
        session.flush()
        usual: dict[str, object] = {
            "public_id": new_id("op", at),
            "attempt_id": attempt.id,
            "kind": "purchase",
            "state": "unknown",
            "amount_minor": payment.amount_minor,
            "currency": payment.currency,
            "provider_key": new_id("key", at),
            "requested_by": "acme-owner",
            "created_at": at,
            "changed_at": at,
        }
        session.add(Operation(**owner, **{**usual, **values}))


def dispute(world: World, actor: Actor, of: str, at: datetime, due_at: datetime | None) -> None:
    """Write an open dispute of a payment without operations, which is due then."""
    operation(world, actor, of, at, kind="dispute", state="pending")
    with db.unit_of_work(actor) as session:
        payment = payments.get(session, of)
        assert payment is not None
        (made,) = operations.of_payment(session, payment.id)
        row = Dispute(
            public_id=new_id("dp", at),
            merchant_id=payment.merchant_id,
            livemode=False,
            payment_id=payment.id,
            operation_id=made.id,
            stage="chargeback",
            status="open",
            amount_minor=payment.amount_minor,
            currency=payment.currency,
            due_at=due_at,
            created_at=at,
            changed_at=at,
        )
        session.add(row)


def upload(merchant_id: int, status: str, at: datetime = NOW, **values: object) -> BulkUpload:
    """Return an upload of ten rows."""
    usual: dict[str, object] = {
        "public_id": new_id("bu", at),
        "merchant_id": merchant_id,
        "livemode": False,
        "kind": "payments",
        "filename": f"{status}.csv",
        "stored_at": "nowhere.csv",
        "content_digest": b"0" * 32,
        "size_bytes": 1,
        "encoding": "utf-8",
        "delimiter": ",",
        "decimal_mark": ".",
        "status": status,
        "rows_total": 10,
        "created_by": "acme-clerk",
        "created_at": at,
        "changed_at": at,
    }
    return BulkUpload(**{**usual, **values})


def task(state: str, at: datetime = NOW) -> Outbox:
    """Return a task of the house."""
    return Outbox(
        public_id=new_id("tsk", at),
        livemode=False,
        queue="money",
        kind="operation.execute",
        ref=new_id("op", at),
        job_key=new_id("key", at),
        state=state,
        run_at=at,
        created_at=at,
        changed_at=at,
    )


def account(
    actor: Actor, code: str, currency: str, balance_minor: int, merchant_id: int | None = None
) -> None:
    """Write a ledger account with a balance, debit positive."""
    kinds = {"merchant": "liability", "suspense": "liability", "revenue": "revenue"}
    with db.unit_of_work(actor) as session:
        row = LedgerAccount(
            public_id=new_id("acc", NOW),
            livemode=False,
            merchant_id=merchant_id,
            code=code,
            type=kinds.get(code.partition(":")[0], "asset"),
            currency=currency,
            shard=0,
            created_at=NOW,
        )
        session.add(row)
        session.flush()
        session.add(
            LedgerBalance(
                account_id=row.id,
                livemode=False,
                merchant_id=merchant_id,
                currency=currency,
                balance_minor=balance_minor,
            )
        )


def journal(at: datetime = NOW) -> LedgerJournal:
    """Return a journal without lines."""
    return LedgerJournal(
        public_id=new_id("jr", at),
        livemode=False,
        kind="capture",
        cause_type="operation",
        cause_id=new_id("op", at),
        text="Captured",
        created_at=at,
    )


def act(action: str, sentence: str, at: datetime = NOW) -> AuditEntry:
    """Return an entry of the audit trail, of both books."""
    return AuditEntry(
        public_id=new_id("au", at),
        actor_kind="staff",
        actor_label="admin",
        action=action,
        object_type="user",
        object_id="1",
        sentence=sentence,
        changes='{"after":{},"before":{}}',
        address="",
        request_id="",
        created_at=at,
    )
