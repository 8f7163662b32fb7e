"""Adjustments and write-offs by hand: one person asks, another one approves, then it is posted."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol, TypedDict, Unpack

from app.domain.card_numbers import refuse
from app.domain.ledger import adjustments
from app.domain.ledger.accounts import MERCHANT_AVAILABLE, qualify
from app.domain.ledger.adjustments import Line
from app.domain.ledger.journals import JournalKind
from app.domain.money import Money
from app.errors import (
    BadInputError,
    LimitExceededError,
    NotFoundError,
    joined,
    said,
)
from app.models.tenancy import actor_of
from app.queries import adjustments as rows
from app.queries import ledger as ledger_rows
from app.services import audit, ledger

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.ledger.journals import JournalDraft
    from app.models import ApprovalRequest, LedgerAccount, Merchant

ADJUST: Final = "ledger.adjust"
WRITE_OFF: Final = "ledger.write_off"
LONGEST: Final = 255
"""What a second person reads is kept whole, or the request is not made."""


class Asked(TypedDict):
    """What a second person is asked; `payload` is handed to `execute` when that one approves."""

    command: str
    object_type: str
    object_id: str
    object_digest: bytes
    payload: Mapping[str, Any]
    sentence: str
    reason: str
    merchant_id: int | None
    amount: Money | None


class Ask(Protocol):
    """How a second person is asked: the command waits, and nothing of it is done yet."""

    def __call__(
        self, session: Session, now: datetime, /, **asked: Unpack[Asked]
    ) -> ApprovalRequest:
        """Let the command wait."""
        ...


@dataclass(frozen=True, slots=True)
class Checked:
    """A payload that can be posted: its journal, whom it is about, and what it says."""

    merchant: Merchant
    connector_account: str
    draft: JournalDraft
    reason: str

    @property
    def command(self) -> str:
        """The command under which a second person is asked."""
        return WRITE_OFF if self.draft.kind is JournalKind.WRITE_OFF else ADJUST

    @property
    def amount(self) -> Money | None:
        """The sum of the debits, where they are in one currency."""
        currencies = {each.currency for each in self.draft.postings}
        debits = sum(max(0, each.amount_minor) for each in self.draft.postings)
        return Money(debits, currencies.pop()) if len(currencies) == 1 else None

    @property
    def lines(self) -> list[Line]:
        """The lines as they will be posted."""
        return [
            Line(each.account.code, each.amount_minor, each.currency)
            for each in self.draft.postings
        ]

    @property
    def sentence(self) -> str:
        """What the second person is asked to approve."""
        parts = joined([_side(line) for line in self.lines], ", ")
        if self.command == WRITE_OFF:
            return said("Write off for {name}: {lines}", name=self.merchant.name, lines=parts)
        return said("Adjust for {name}: {lines}", name=self.merchant.name, lines=parts)


def payload_of(
    kind: JournalKind,
    merchant: str,
    lines: list[Line],
    reason: str,
    *,
    connector_account: str = "",
) -> dict[str, Any]:
    """Return what is asked for as JSON holds it; ids are public ones, amounts minor units.

    A write-off has one line: `merchant:available`, the amount as a credit.
    """
    return {
        "kind": kind.value,
        "merchant": merchant,
        "connector_account": connector_account,
        "lines": [
            {"account": line.account, "amount_minor": line.amount_minor, "currency": line.currency}
            for line in lines
        ],
        "reason": reason,
    }


def check(session: Session, payload: Mapping[str, Any]) -> Checked:
    """Read a payload and find out whether it could be posted now; nothing is changed.

    Raises BadInputError naming the place, NotFoundError for an unknown merchant or connector
    account, LimitExceededError for a write-off of more than is owed.
    """
    merchant = _merchant(session, str(payload["merchant"]))
    lines = [
        Line(str(each["account"]), int(each["amount_minor"]), str(each["currency"]))
        for each in payload["lines"]
    ]
    checked = Checked(
        merchant=merchant,
        connector_account=str(payload["connector_account"]),
        draft=_draft(JournalKind(payload["kind"]), lines),
        reason=_reason(str(payload["reason"])),
    )
    _connector(session, checked)
    if checked.command == WRITE_OFF:
        _refuse_beyond(checked, _owed_minor(session, checked))
    if len(checked.sentence) > LONGEST:
        raise BadInputError(
            "lines",
            said("are too many for a second person to read at once."),
            said("Ask for several adjustments."),
        )
    return checked


def digest(session: Session, object_id: str) -> bytes:
    """Return what a request stands or falls with: that the merchant is who it was.

    Balances are not part of it: they change all the time, and `execute` checks again what it needs.
    """
    merchant = _merchant(session, object_id)
    return hashlib.sha256(
        f"{merchant.public_id}\n{merchant.name}\n{merchant.status}".encode()
    ).digest()


def propose(
    session: Session, now: datetime, payload: Mapping[str, Any], ask: Ask
) -> ApprovalRequest:
    """Ask a second person for an adjustment or write-off. Raises like `check`, and like `ask`."""
    checked = check(session, payload)
    return ask(
        session,
        now,
        command=checked.command,
        object_type="merchant",
        object_id=checked.merchant.public_id,
        object_digest=digest(session, checked.merchant.public_id),
        payload={**payload, "after": {_where(line): str(line.money) for line in checked.lines}},
        sentence=checked.sentence,
        reason=checked.reason,
        merchant_id=checked.merchant.id,
        amount=checked.amount,
    )


def execute(
    session: Session, now: datetime, payload: Mapping[str, Any], request: ApprovalRequest
) -> str:
    """Post what was approved, once for each request; answers the journal's public id.

    Raises like `check`: what could be posted when it was asked for may not be possible any more.
    """
    checked = check(session, payload)
    livemode = bool(actor_of(session).livemode)
    if checked.command == WRITE_OFF:
        _hold_owed(session, checked)
    cause = ledger.Cause(
        livemode=livemode,
        merchant_id=checked.merchant.id,
        merchant=checked.merchant.public_id,
        connector_account=checked.connector_account,
        type="approval",
        id=request.public_id,
        payment_id=None,
        text=checked.reason,
    )
    journal = ledger.post(session, now, checked.draft, cause)
    audit.record(
        session,
        now,
        action=checked.command,
        object_type="journal",
        object_id=journal.public_id,
        sentence=checked.sentence,
        after={
            "approval": request.public_id,
            "reason": checked.reason,
            "lines": [
                {
                    "account": line.account,
                    "amount_minor": line.amount_minor,
                    "currency": line.currency,
                }
                for line in checked.lines
            ],
        },
        merchant_id=checked.merchant.id,
        livemode=livemode,
    )
    return journal.public_id


def _draft(kind: JournalKind, lines: list[Line]) -> JournalDraft:
    if kind is JournalKind.ADJUSTMENT:
        return adjustments.adjustment(lines)
    if kind is not JournalKind.WRITE_OFF or len(lines) != 1:
        raise BadInputError("lines", said("are not those of a write-off."))
    return adjustments.write_off(lines[0].money)


def _merchant(session: Session, public_id: str) -> Merchant:
    found = rows.merchant(session, public_id)
    if found is None:
        raise NotFoundError(said("There is no merchant {id}.", id=public_id))
    return found


def _reason(reason: str) -> str:
    refuse(reason, "reason")
    kept = " ".join(reason.split())
    if not kept:
        raise BadInputError("reason", said("is missing."), said("Say why the ledger is adjusted."))
    return kept


def _connector(session: Session, checked: Checked) -> None:
    public_id = checked.connector_account
    if not adjustments.needs_connector(checked.draft):
        if public_id:
            raise BadInputError(
                "connector_account",
                said("is named, but no line is of a provider's account."),
                said("Leave it empty."),
            )
        return
    if not public_id or rows.connector_account(session, public_id) is None:
        raise BadInputError(
            "connector_account",
            said("is missing."),
            said("Choose the one whose accounts the lines name."),
        )


def _available(session: Session, checked: Checked) -> LedgerAccount | None:
    """Return the merchant's account from which a write-off is taken."""
    code = qualify(MERCHANT_AVAILABLE, merchant=checked.merchant.public_id)
    currency = checked.draft.postings[0].currency
    livemode = bool(actor_of(session).livemode)
    return ledger_rows.account(session, code, currency, 0, livemode=livemode)


def _owed_minor(session: Session, checked: Checked) -> int:
    """Return what the merchant owes us in the write-off's currency: a debit of available."""
    account = _available(session, checked)
    return 0 if account is None else max(0, ledger_rows.balance(session, account.id))


def _hold_owed(session: Session, checked: Checked) -> None:
    """Let the debt not become smaller than what is written off, until this has committed."""
    account = _available(session, checked)
    size_minor = abs(checked.draft.postings[0].amount_minor)
    if account is None or not rows.owes_still(session, account.id, size_minor):
        # Whatever is read now, the condition has said that it is less.
        _refuse_beyond(checked, min(_owed_minor(session, checked), size_minor - 1))


def _refuse_beyond(checked: Checked, owed_minor: int) -> None:
    first = checked.draft.postings[0]
    amount = Money(abs(first.amount_minor), first.currency)
    if amount.amount_minor > owed_minor:
        raise LimitExceededError(
            said(
                "Writing off {amount} would pass the {owed} that {name} owes us.",
                amount=amount,
                owed=Money(owed_minor, amount.currency),
                name=checked.merchant.name,
            )
        )


def _side(line: Line) -> str:
    if line.is_debit:
        return said("debit {account} {amount}", account=line.account, amount=line.money)
    return said("credit {account} {amount}", account=line.account, amount=line.money)


def _where(line: Line) -> str:
    return f"{'Dr' if line.is_debit else 'Cr'} {line.account} {line.currency}"
