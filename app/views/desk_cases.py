"""What the page of one case tells: what happened, the facts, how it may end and what that posts."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.domain.card_numbers import scrub_text
from app.domain.desk import CaseKind, Ending, resolution
from app.domain.permissions import Permission
from app.errors import BadInputError, PayAgencyError
from app.queries import desk, ledger, listing, operations, payments
from app.services import previews
from app.views import desk_proposal, desk_words, payment_calls
from app.views.forms import sentence
from app.views.locales import told

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.domain.desk import Resolution
    from app.models import (
        ApprovalRequest,
        DeskCase,
        Evidence,
        LedgerAccount,
        LedgerJournal,
        LedgerLine,
        Operation,
        Payment,
    )
    from app.services.previews import Journal
    from app.views.payment_calls import Call

ENDING, NOTE, REFERENCE, SEEN, FORM = "ending", "note", "reference", "seen", "form"
LABELS = {
    ENDING: lazy_gettext("How it ends"),
    NOTE: lazy_gettext("What the decision rests on"),
    REFERENCE: lazy_gettext("Provider's id"),
}
CHANGE = "change"


@dataclass(frozen=True, slots=True)
class Posted:
    """A journal that moved money held apart, with its lines."""

    journal: LedgerJournal
    lines: Sequence[tuple[LedgerLine, LedgerAccount]]


@dataclass(frozen=True, slots=True)
class Reported:
    """A piece of evidence with what it says; an amount in minor units, where it names one."""

    row: Evidence
    outcome: str
    amount_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class CasePage:
    """Everything that the page of a case shows."""

    case: DeskCase
    merchant: str
    payment: Payment | None
    operation: Operation | None
    connector: str
    calls: Sequence[Call]
    evidence: Sequence[Reported]
    posted: Sequence[Posted]
    offered: Sequence[Resolution]
    waiting: ApprovalRequest | None
    can_decide: bool
    is_mine: bool
    values: dict[str, str]
    errors: dict[str, str] = field(default_factory=dict)
    status: int = 200

    @property
    def faults(self) -> list[tuple[str, str]]:
        """What is wrong as (field, sentence), for the summary above the form."""
        return [
            (place, f"{LABELS[place]}: {text}") if place in LABELS else ("", text)
            for place, text in self.errors.items()
        ]

    @property
    def tells_more(self) -> bool:
        """Whether the case's own text says more than what happened."""
        return self.case.kind in desk_words.TELLS_MORE

    @property
    def happened(self) -> str:
        """What happened, for somebody who meets such a case for the first time."""
        return str(desk_words.HAPPENED[CaseKind(self.case.kind)])

    @property
    def account_codes(self) -> set[str]:
        """The codes of the ledger accounts that the journals name."""
        return {account.code for posted in self.posted for _, account in posted.lines}


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked before a decision is proposed, and what it would post."""

    case: DeskCase
    chosen: Resolution
    values: dict[str, str]
    seen: str
    journals: Sequence[Journal]

    @property
    def posts_later(self) -> bool:
        """Whether the journals are posted only when the provider has done it."""
        return self.chosen.ending in desk_words.POSTS_LATER

    @property
    def account_codes(self) -> set[str]:
        """The codes of the ledger accounts that the journals name."""
        return {line.account for journal in self.journals for line in journal.lines}


def typed(values: Mapping[str, str]) -> dict[str, str]:
    """Return what was chosen and typed, without blanks that mean nothing."""
    return {
        name: " ".join(values.get(name, "").split()) for name in (ENDING, NOTE, REFERENCE, SEEN)
    }


def build(
    session: Session,
    actor: Actor,
    case: DeskCase,
    values: Mapping[str, str] | None = None,
    error: PayAgencyError | None = None,
) -> CasePage:
    """Read what this actor may see of a case; with what was typed, and what is wrong with it."""
    operation = _operation(session, case)
    is_open = case.state == desk.OPEN
    names = listing.merchant_names(session, [case.merchant_id] if case.merchant_id else [])
    return CasePage(
        case=case,
        merchant=names.get(case.merchant_id or 0, ""),
        payment=_payment(session, case),
        operation=operation,
        connector=_connector(session, operation),
        calls=_calls(session, actor, operation),
        evidence=_evidence(session, actor, operation),
        posted=_posted(session, actor, case),
        offered=previews.offered(session, case) if is_open else (),
        waiting=desk.waiting_request(session, case.public_id) if is_open else None,
        can_decide=is_open and actor.may(Permission.DESK_RESOLVE),
        is_mine=case.claimed_by in {actor.user_id} - {None},
        values={name: scrub_text(text) for name, text in (values or {}).items()},
        errors={} if error is None else _wrong(error),
        status=200 if error is None else error.status,
    )


def question(session: Session, case: DeskCase, decision: dict[str, str]) -> Question:
    """Return what is asked before a decision is proposed; raises what is wrong with it."""
    desk_proposal.check(session, case.public_id, decision)
    chosen = resolution(case.kind, decision[ENDING])
    if chosen is None:
        raise BadInputError(ENDING, str(gettext("is no way to end this case.")))
    return Question(
        case=case,
        chosen=chosen,
        values=decision,
        seen=desk_proposal.seen(session, case),
        journals=previews.ending(session, clock.now(), case, decision[ENDING]),
    )


def _operation(session: Session, case: DeskCase) -> Operation | None:
    return None if case.operation_id is None else operations.by_id(session, case.operation_id)


def _payment(session: Session, case: DeskCase) -> Payment | None:
    return None if case.payment_id is None else payments.by_id(session, case.payment_id)


def _calls(session: Session, actor: Actor, operation: Operation | None) -> list[Call]:
    if operation is None:
        return []
    return list(payment_calls.of_operations(session, actor, [operation.id]))


def _connector(session: Session, operation: Operation | None) -> str:
    if operation is None:
        return ""
    attempt = operations.attempt_of(session, operation)
    return operations.connector_account(session, attempt.connector_account_id).name


def _evidence(session: Session, actor: Actor, operation: Operation | None) -> list[Reported]:
    if operation is None or not actor.may(Permission.PAYMENTS_READ_CALLS):
        return []
    found = []
    for row in desk.evidence(session, operation.id):
        facts = json.loads(row.facts)
        found.append(
            Reported(
                row,
                desk_words.outcome_word(str(facts.get("outcome", ""))),
                facts.get("amount_minor"),
                str(facts.get("currency") or operation.currency),
            )
        )
    return found


def _posted(session: Session, actor: Actor, case: DeskCase) -> list[Posted]:
    """Return the journals that moved money of the payment into and out of what is held apart."""
    if case.payment_id is None or not actor.may(Permission.LEDGER_READ):
        return []
    lines: dict[int, list[tuple[LedgerLine, LedgerAccount]]] = {}
    for line, account in ledger.lines_of_payment(session, case.payment_id):
        lines.setdefault(line.journal_id, []).append((line, account))
    return [
        Posted(journal, lines.get(journal.id, []))
        for journal in ledger.journals_of_payment(session, case.payment_id)
        if any(account.code.startswith("suspense") for _, account in lines.get(journal.id, []))
    ]


def _wrong(error: PayAgencyError) -> dict[str, str]:
    place = error.place if isinstance(error, BadInputError) else FORM
    # The service asks for a reason; on this screen that is the note.
    place = NOTE if place == "reason" else place
    return {place: sentence(error)} if place in LABELS else {FORM: told(error)}


def needs_reference(offered: Sequence[Resolution]) -> bool:
    """Whether one of the ways to end a case asks for the provider's id."""
    return any(each.ending is Ending.SUCCEEDED for each in offered)
