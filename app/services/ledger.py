"""Posting journals: each once per cause and kind, balances in ascending account order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError

from app.domain.identifiers import new_id
from app.domain.ledger.accounts import (
    SHARDS,
    AccountOwner,
    AccountRef,
    account_type,
    is_sharded,
    qualify,
)
from app.models import LedgerAccount, LedgerBalance, LedgerJournal, LedgerLine
from app.queries import ledger

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.ledger.journals import JournalDraft


@dataclass(frozen=True, slots=True)
class Cause:
    """What a journal is about: its book, its owner, and the event that makes it unique.

    `merchant_id` and `merchant` name the merchant (row id and public id), `connector_account` the
    provider's account (public id), `type` and `id` the cause, `payment_id` the payment (row id),
    `agent` who has a share of the fee.
    """

    livemode: bool
    merchant_id: int
    merchant: str
    connector_account: str
    type: str
    id: str
    payment_id: int | None
    text: str
    agent: str = ""


@dataclass(frozen=True, slots=True)
class _Entry:
    account_id: int
    owner_id: int | None
    amount_minor: int
    currency: str


def post(session: Session, now: datetime, draft: JournalDraft, cause: Cause) -> LedgerJournal:
    """Write a journal; when the cause already has one of this kind, that one is returned."""
    known = ledger.journal(session, cause.type, cause.id, draft.kind, livemode=cause.livemode)
    if known is not None:
        return known
    entries = []
    for posting in draft.postings:
        account = _account(session, now, posting.account, posting.currency, cause)
        entries.append(
            _Entry(account.id, account.merchant_id, posting.amount_minor, posting.currency)
        )
    return _write(session, now, draft.kind, entries, cause)


def mirror(
    session: Session, now: datetime, journal: LedgerJournal, kind: str, cause: Cause
) -> LedgerJournal:
    """Write the exact opposite of `journal` on the same accounts."""
    known = ledger.journal(session, cause.type, cause.id, kind, livemode=cause.livemode)
    if known is not None:
        return known
    entries = [
        _Entry(line.account_id, line.merchant_id, -line.amount_minor, line.currency)
        for line in ledger.lines(session, journal.id)
    ]
    return _write(session, now, kind, entries, cause)


def _write(
    session: Session, now: datetime, kind: str, entries: Iterable[_Entry], cause: Cause
) -> LedgerJournal:
    journal = LedgerJournal(
        public_id=new_id("jr", now),
        livemode=cause.livemode,
        merchant_id=cause.merchant_id,
        kind=kind,
        cause_type=cause.type,
        cause_id=cause.id,
        payment_id=cause.payment_id,
        text=cause.text[:255],
        created_at=now,
    )
    session.add(journal)
    session.flush()
    for entry in sorted(entries, key=lambda item: item.account_id):
        session.add(
            LedgerLine(
                journal_id=journal.id,
                account_id=entry.account_id,
                livemode=cause.livemode,
                merchant_id=entry.owner_id,
                kind=kind,
                amount_minor=entry.amount_minor,
                currency=entry.currency,
                payment_id=cause.payment_id,
                created_at=now,
            )
        )
        ledger.add_to_balance(session, entry.account_id, entry.amount_minor)
    session.flush()
    return journal


def _account(
    session: Session, now: datetime, ref: AccountRef, currency: str, cause: Cause
) -> LedgerAccount:
    code = qualify(
        ref,
        merchant=cause.merchant,
        connector_account=cause.connector_account,
        agent=cause.agent,
    )
    shard = (cause.payment_id or 0) % SHARDS if is_sharded(ref) else 0
    found = ledger.account(session, code, currency, shard, livemode=cause.livemode)
    if found is not None:
        return found
    owner_id = cause.merchant_id if ref.owner is AccountOwner.MERCHANT else None
    try:
        with session.begin_nested():
            opened = LedgerAccount(
                public_id=new_id("acc", now),
                livemode=cause.livemode,
                merchant_id=owner_id,
                code=code,
                type=account_type(ref),
                currency=currency,
                shard=shard,
                created_at=now,
            )
            session.add(opened)
            session.flush()
            session.add(
                LedgerBalance(
                    account_id=opened.id,
                    livemode=cause.livemode,
                    merchant_id=owner_id,
                    currency=currency,
                    balance_minor=0,
                )
            )
            session.flush()
    except IntegrityError:
        again = ledger.account(session, code, currency, shard, livemode=cause.livemode)
        if again is None:
            raise
        return again
    return opened
