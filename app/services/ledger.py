"""Posting journals: each once per cause and kind, balances in ascending account order."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from operator import itemgetter
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
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.ledger.journals import JournalDraft, Posting


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


@dataclass(frozen=True, slots=True, order=True)
class _Key:
    livemode: bool
    code: str
    currency: str
    shard: int


@dataclass(frozen=True, slots=True)
class _Draft:
    kind: str
    entries: tuple[_Entry, ...]
    cause: Cause


def post(session: Session, now: datetime, draft: JournalDraft, cause: Cause) -> LedgerJournal:
    """Write a journal; when the cause already has one of this kind, that one is returned."""
    known = ledger.journal(session, cause.type, cause.id, draft.kind, livemode=cause.livemode)
    if known is not None:
        return known
    (journal,) = _write(session, now, _resolved(session, now, [(draft, cause)]))
    return journal


def post_many(
    session: Session, now: datetime, drafts: Sequence[tuple[JournalDraft, Cause]]
) -> Sequence[LedgerJournal]:
    """Write several journals in one go, each balance touched once and in ascending order.

    Left out, and not answered, are those whose cause already has one of their kind. Several calls
    of `post` in one transaction could wait for another transaction crosswise; this cannot.
    """
    new = [
        (draft, cause)
        for draft, cause in drafts
        if ledger.journal(session, cause.type, cause.id, draft.kind, livemode=cause.livemode)
        is None
    ]
    return _write(session, now, _resolved(session, now, new))


def mirror(
    session: Session, now: datetime, journal: LedgerJournal, kind: str, cause: Cause
) -> LedgerJournal:
    """Write the exact opposite of `journal` on the same accounts."""
    known = ledger.journal(session, cause.type, cause.id, kind, livemode=cause.livemode)
    if known is not None:
        return known
    entries = tuple(
        _Entry(line.account_id, line.merchant_id, -line.amount_minor, line.currency)
        for line in ledger.lines(session, journal.id)
    )
    (written,) = _write(session, now, [_Draft(kind, entries, cause)])
    return written


def _resolved(
    session: Session, now: datetime, drafts: Sequence[tuple[JournalDraft, Cause]]
) -> list[_Draft]:
    """Find the accounts of drafts, and open those that they are the first to need.

    They are opened in one order, or two transactions would wait for each other crosswise.
    """
    wanted = {
        _key(each, cause): (each, cause) for draft, cause in drafts for each in draft.postings
    }
    known = _known(session, wanted)
    accounts = {
        key: known.get(key) or _account(session, now, key, posting.account, cause)
        for key, (posting, cause) in sorted(wanted.items(), key=itemgetter(0))
    }
    return [
        _Draft(
            draft.kind,
            tuple(
                _entry(accounts[_key(each, cause)], each.amount_minor) for each in draft.postings
            ),
            cause,
        )
        for draft, cause in drafts
    ]


def _known(session: Session, wanted: Collection[_Key]) -> dict[_Key, LedgerAccount]:
    """Read the accounts that are open already, with one statement a book."""
    return {
        _Key(livemode, *name): account
        for livemode in {key.livemode for key in wanted}
        for name, account in ledger.accounts_named(
            session,
            sorted((key.code, key.currency, key.shard) for key in wanted),
            livemode=livemode,
        ).items()
    }


def _key(posting: Posting, cause: Cause) -> _Key:
    ref = posting.account
    code = qualify(
        ref,
        merchant=cause.merchant,
        connector_account=cause.connector_account,
        agent=cause.agent,
    )
    shard = (cause.payment_id or 0) % SHARDS if is_sharded(ref) else 0
    return _Key(cause.livemode, code, posting.currency, shard)


def _entry(account: LedgerAccount, amount_minor: int) -> _Entry:
    return _Entry(account.id, account.merchant_id, amount_minor, account.currency)


def _write(session: Session, now: datetime, drafts: Sequence[_Draft]) -> Sequence[LedgerJournal]:
    journals = [_journal(now, draft) for draft in drafts]
    session.add_all(journals)
    session.flush()
    moved: Counter[int] = Counter()
    for draft, journal in zip(drafts, journals, strict=True):
        for entry in sorted(draft.entries, key=lambda item: item.account_id):
            session.add(_line(now, draft, journal, entry))
            moved[entry.account_id] += entry.amount_minor
    session.flush()
    for account_id, amount_minor in sorted(moved.items()):
        ledger.add_to_balance(session, account_id, amount_minor)
    return journals


def _journal(now: datetime, draft: _Draft) -> LedgerJournal:
    cause = draft.cause
    return LedgerJournal(
        public_id=new_id("jr", now),
        livemode=cause.livemode,
        merchant_id=cause.merchant_id,
        kind=draft.kind,
        cause_type=cause.type,
        cause_id=cause.id,
        payment_id=cause.payment_id,
        text=cause.text[:255],
        created_at=now,
    )


def _line(now: datetime, draft: _Draft, journal: LedgerJournal, entry: _Entry) -> LedgerLine:
    return LedgerLine(
        journal_id=journal.id,
        account_id=entry.account_id,
        livemode=draft.cause.livemode,
        merchant_id=entry.owner_id,
        kind=draft.kind,
        amount_minor=entry.amount_minor,
        currency=entry.currency,
        payment_id=draft.cause.payment_id,
        created_at=now,
    )


def _account(
    session: Session, now: datetime, key: _Key, ref: AccountRef, cause: Cause
) -> LedgerAccount:
    found = ledger.account(session, key.code, key.currency, key.shard, livemode=key.livemode)
    if found is not None:
        return found
    owner_id = cause.merchant_id if ref.owner is AccountOwner.MERCHANT else None
    try:
        with session.begin_nested():
            opened = LedgerAccount(
                public_id=new_id("acc", now),
                livemode=key.livemode,
                merchant_id=owner_id,
                code=key.code,
                type=account_type(ref),
                currency=key.currency,
                shard=key.shard,
                created_at=now,
            )
            session.add(opened)
            session.flush()
            session.add(
                LedgerBalance(
                    account_id=opened.id,
                    livemode=key.livemode,
                    merchant_id=owner_id,
                    currency=key.currency,
                    balance_minor=0,
                )
            )
            session.flush()
    except IntegrityError:
        again = ledger.account(session, key.code, key.currency, key.shard, livemode=key.livemode)
        if again is None:
            raise
        return again
    return opened
