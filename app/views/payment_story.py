"""The story of a payment in words: what was asked, what came of it, and what people decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import gettext

from app.domain.actors import ActorKind
from app.domain.desk import BY_ITSELF
from app.domain.operations import OperationKind, OperationState
from app.domain.permissions import Permission
from app.queries import desk
from app.services.attempts import PAYING
from app.services.told.timeline import CONFLICT, RECEIVED
from app.views import codes, desk_words, show, words
from app.views.locales import translate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import Attempt, DeskCase, Operation, OperationEvent, Payment
    from app.views.payment_calls import Call


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the story; `link` leads to what it is about."""

    at: datetime
    title: str
    badge: words.Badge | None = None
    note: str = ""
    call: Call | None = None
    link: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the story is made of; `cases` are those of the desk, where the reader sees them."""

    actor: Actor
    operations: Sequence[Operation]
    attempts: Sequence[Attempt]
    events: Sequence[OperationEvent]
    calls: Sequence[Call]
    cases: Sequence[DeskCase]


def cases_of(session: Session, actor: Actor, payment: Payment) -> Sequence[DeskCase]:
    """Return the cases of the desk about a payment, for those who may see the desk."""
    is_staff = actor.kind is ActorKind.STAFF
    if not (is_staff and actor.may(Permission.DESK_READ)):
        return []
    return desk.of_payment(session, payment.id)


def build(beginning: Moment, told: Told) -> list[Moment]:
    """Return the story, newest first."""
    moments = [
        beginning,
        *_asked(told),
        *_called(told.calls),
        *_changed(told),
        *_opened(told.cases),
        *_decided(told.cases),
    ]
    return _newest_first(moments)


def _newest_first(story: Iterable[Moment]) -> list[Moment]:
    """Order by time; what happened in the same moment stays in the order of cause and effect."""
    numbered = sorted(enumerate(story), key=lambda each: (each[1].at, each[0]), reverse=True)
    return [moment for _, moment in numbered]


def _asked(told: Told) -> Iterator[Moment]:
    """Tell what people have asked for after the payment itself."""
    numbers = {attempt.id: attempt for attempt in told.attempts}
    for operation in told.operations:
        title = _asking(operation, numbers[operation.attempt_id])
        if title:
            yield Moment(operation.created_at, title, note=operation.reason or "")


def _asking(operation: Operation, attempt: Attempt) -> str:
    amount = show.current().money(operation.amount_minor, operation.currency)
    name = operation.requested_by
    if operation.kind == OperationKind.REFUND:
        if operation.suspense:
            return str(
                gettext(
                    "Refund of %(amount)s that is held apart asked by %(name)s",
                    amount=amount,
                    name=name,
                )
            )
        return str(gettext("Refund of %(amount)s asked by %(name)s", amount=amount, name=name))
    if operation.kind == OperationKind.CAPTURE:
        return str(gettext("Capture of %(amount)s asked by %(name)s", amount=amount, name=name))
    if operation.kind == OperationKind.VOID:
        return str(gettext("Release of %(amount)s asked by %(name)s", amount=amount, name=name))
    if operation.kind in PAYING and attempt.number > 1:
        return str(
            gettext(
                "Attempt %(number)s by %(method)s, asked by %(name)s",
                number=attempt.number,
                method=codes.method_word(attempt.method),
                name=name,
            )
        )
    return ""


def _called(calls: Sequence[Call]) -> Iterator[Moment]:
    for call in calls:
        verb = codes.kind_word(call.row.verb)
        yield Moment(
            call.row.created_at, gettext("Call to the provider: %(verb)s", verb=verb), call=call
        )


def _changed(told: Told) -> Iterator[Moment]:
    by_id = {operation.id: operation for operation in told.operations}
    is_staff = told.actor.kind is ActorKind.STAFF
    for event in told.events:
        operation = by_id[event.operation_id]
        if operation.kind == OperationKind.DISPUTE and not event.note.startswith(CONFLICT):
            # A dispute has stages and statuses of its own, and no outcome that is a success.
            told_so = translate(event.note) or words.operation_word(operation.kind)
            yield Moment(event.created_at, told_so)
        elif event.before != event.after:
            badge = words.operation_badge(event.after)
            note = _apart(operation, event) or (translate(event.note) if is_staff else "")
            yield Moment(event.created_at, words.operation_word(operation.kind), badge, note)
        else:
            yield from _noted(operation, event, is_staff=is_staff, cases=told.cases)


def _noted(
    operation: Operation, event: OperationEvent, *, is_staff: bool, cases: Sequence[DeskCase]
) -> Iterator[Moment]:
    """Tell what happened to an operation without a change of its state."""
    word, note = words.operation_word(operation.kind), translate(event.note)
    if event.note.startswith(RECEIVED):
        yield Moment(
            event.created_at, gettext("%(operation)s: money came", operation=word), note=note
        )
    elif event.note.startswith(CONFLICT):
        yield Moment(
            event.created_at,
            gettext("%(operation)s: what is reported contradicts what is known", operation=word),
            words.PAYMENT_BADGES[desk_words.CONFLICTED] if is_staff else None,
            note if is_staff else gettext("We look into it."),
        )
    elif not cases:
        # Whoever sees the desk reads the decision itself.
        yield Moment(
            event.created_at,
            gettext("%(operation)s: decided at the desk", operation=word),
            note=note if is_staff else "",
        )


def _apart(operation: Operation, event: OperationEvent) -> str:
    if event.after == OperationState.SUCCESS and operation.suspense and operation.kind in PAYING:
        return str(gettext("The money is held apart: it is not, or not yet, this payment's."))
    return ""


def _opened(cases: Sequence[DeskCase]) -> Iterator[Moment]:
    for case in cases:
        yield Moment(
            case.opened_at,
            gettext("Put on the desk: %(kind)s", kind=desk_words.kind_badge(case.kind).word),
            desk_words.state_badge(case.state),
            translate(case.text),
            link=url_for("DeskView.show", public_id=case.public_id),
        )


def _decided(cases: Sequence[DeskCase]) -> Iterator[Moment]:
    for case in cases:
        if case.resolved_at is None:
            continue
        ending = desk_words.ending_word(case.kind, case.resolution or "")
        yield Moment(
            case.resolved_at,
            gettext("Case ended: %(ending)s", ending=ending)
            if case.resolution == BY_ITSELF
            else gettext(
                "Case ended by %(name)s: %(ending)s", name=case.resolved_by or "", ending=ending
            ),
            note=case.note or "",
            link=url_for("DeskView.show", public_id=case.public_id),
        )


def outcomes(asked: Sequence[Operation]) -> Mapping[int, Operation]:
    """Return attempt → the operation that tells how it went."""
    return {each.attempt_id: each for each in asked if each.kind in PAYING}
