"""Statuses and accounts in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext

from app.domain.actors import ActorKind
from app.domain.failures import WhoCanAct
from app.domain.operations import OperationKind, OperationState
from app.domain.payments import PaymentStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.domain.actors import Actor

_S = PaymentStatus
_O = OperationState


@dataclass(frozen=True, slots=True)
class Badge:
    """A status as it is shown: a word, a tone and an icon (never colour alone).

    Tones: neutral, info, progress, success, warning, danger. Icons: names of the sprite.
    """

    word: str
    tone: str
    icon: str


PAYMENT_BADGES = {
    _S.CREATED: Badge(lazy_gettext("Created"), "neutral", "circle"),
    _S.REQUIRES_ACTION: Badge(lazy_gettext("Payer must act"), "info", "hand-index"),
    _S.PROCESSING: Badge(lazy_gettext("Processing"), "info", "hourglass-split"),
    _S.AUTHORIZED: Badge(lazy_gettext("Authorized"), "progress", "lock"),
    _S.PARTIALLY_CAPTURED: Badge(lazy_gettext("Partly captured"), "progress", "circle-half"),
    _S.SUCCEEDED: Badge(lazy_gettext("Succeeded"), "success", "check-lg"),
    _S.FAILED: Badge(lazy_gettext("Failed"), "danger", "x-lg"),
    _S.BLOCKED: Badge(lazy_gettext("Blocked"), "danger", "ban"),
    _S.IN_REVIEW: Badge(lazy_gettext("In review"), "warning", "search"),
    _S.CANCELED: Badge(lazy_gettext("Canceled"), "neutral", "slash-circle"),
    _S.EXPIRED: Badge(lazy_gettext("Expired"), "neutral", "clock"),
    _S.PARTIALLY_REFUNDED: Badge(lazy_gettext("Partly refunded"), "progress", "reply"),
    _S.REFUNDED: Badge(lazy_gettext("Refunded"), "neutral", "reply-all"),
    _S.DISPUTED: Badge(lazy_gettext("Disputed"), "warning", "hammer"),
    _S.CHARGED_BACK: Badge(lazy_gettext("Charged back"), "danger", "arrow-return-left"),
    _S.CONFLICTED: Badge(lazy_gettext("Conflicted"), "warning", "exclamation-triangle"),
}
OPERATION_BADGES = {
    _O.INIT: Badge(lazy_gettext("Waiting to be sent"), "neutral", "circle"),
    _O.PENDING: Badge(lazy_gettext("At the provider"), "info", "hourglass-split"),
    _O.ACTION: Badge(lazy_gettext("Payer must act"), "info", "hand-index"),
    _O.UNKNOWN: Badge(lazy_gettext("No answer yet"), "warning", "question-circle"),
    _O.NOT_SENT: Badge(lazy_gettext("Not sent"), "warning", "plug"),
    _O.SUCCESS: Badge(lazy_gettext("Succeeded"), "success", "check-lg"),
    _O.FAILED: Badge(lazy_gettext("Failed"), "danger", "x-lg"),
}
TASK_BADGES = {
    "waiting": Badge(lazy_gettext("Waiting"), "info", "hourglass-split"),
    "leased": Badge(lazy_gettext("At work"), "progress", "gear"),
    "failed": Badge(lazy_gettext("Failed"), "danger", "x-lg"),
}
APPROVAL_BADGES = {
    "waiting": Badge(lazy_gettext("Waits for a second person"), "info", "hourglass-split"),
    "approved": Badge(lazy_gettext("Approved"), "success", "check-lg"),
    "rejected": Badge(lazy_gettext("Rejected"), "danger", "x-lg"),
    "withdrawn": Badge(lazy_gettext("Withdrawn"), "neutral", "arrow-return-left"),
    "lapsed": Badge(lazy_gettext("Lapsed"), "neutral", "clock"),
}
OPERATION_WORDS = {
    OperationKind.AUTHORIZE: lazy_gettext("Authorization"),
    OperationKind.PURCHASE: lazy_gettext("Purchase"),
    OperationKind.CAPTURE: lazy_gettext("Capture"),
    OperationKind.VOID: lazy_gettext("Release of the authorization"),
    OperationKind.REFUND: lazy_gettext("Refund"),
    OperationKind.PAYOUT: lazy_gettext("Payout"),
    OperationKind.DISPUTE: lazy_gettext("Dispute"),
}
# What the payer reads on the page after the bank's; nothing that is not theirs to know.
PAYER_WORDS = {
    "paid": lazy_gettext("The payment has been made."),
    "reserved": lazy_gettext("The amount has been reserved for this payment."),
    "failed": lazy_gettext("The payment was not made. Nothing was charged."),
    "ended": lazy_gettext("The payment has been called off. Nothing was charged."),
    "returned": lazy_gettext("The amount has been returned to you."),
    "waiting": lazy_gettext("The payment is being processed. You may close this page."),
}
_PAYER = {
    _S.SUCCEEDED: "paid",
    _S.PARTIALLY_CAPTURED: "paid",
    _S.PARTIALLY_REFUNDED: "paid",
    _S.AUTHORIZED: "reserved",
    _S.FAILED: "failed",
    _S.BLOCKED: "failed",
    _S.CANCELED: "ended",
    _S.EXPIRED: "ended",
    _S.REFUNDED: "returned",
}
_UNKNOWN = Badge(lazy_gettext("Unknown"), "neutral", "question-circle")
WHO_CAN_ACT = {
    WhoCanAct.PAYER: lazy_gettext("the payer"),
    WhoCanAct.MERCHANT: lazy_gettext("the merchant"),
    WhoCanAct.BANK: lazy_gettext("the payer's bank"),
    WhoCanAct.PROVIDER: lazy_gettext("the provider"),
    WhoCanAct.US: lazy_gettext("PayAgency"),
}


def shown_status(status: str, actor: Actor) -> PaymentStatus:
    """Return the status as this reader sees it: a conflict is ours to solve, merchants wait."""
    found = PaymentStatus(status)
    hidden = actor.kind is not ActorKind.STAFF and found is PaymentStatus.CONFLICTED
    return PaymentStatus.IN_REVIEW if hidden else found


def choices(actor: Actor) -> list[tuple[str, str]]:
    """Return (status, word) of every status that this reader can choose."""
    return [
        (status.value, badge.word)
        for status, badge in PAYMENT_BADGES.items()
        if shown_status(status, actor) is status
    ]


def stored_statuses(chosen: Sequence[str], actor: Actor) -> tuple[str, ...]:
    """Return the stored statuses behind those that this reader chose."""
    wanted = set(chosen)
    return tuple(status.value for status in PaymentStatus if shown_status(status, actor) in wanted)


def payment_badge(status: str, actor: Actor) -> Badge:
    """Return how a payment's status is shown to this reader."""
    return PAYMENT_BADGES[shown_status(status, actor)]


def operation_badge(state: str) -> Badge:
    """Return how an operation's state is shown."""
    return OPERATION_BADGES[OperationState(state)]


def task_badge(state: str) -> Badge:
    """Return how a task's state is shown."""
    return TASK_BADGES.get(state, _UNKNOWN)


def approval_badge(state: str) -> Badge:
    """Return how the state of a request for approval is shown."""
    return APPROVAL_BADGES.get(state, _UNKNOWN)


def operation_word(kind: str) -> str:
    """Return what an operation is called."""
    return str(OPERATION_WORDS[OperationKind(kind)])


def payer_state(status: str) -> str:
    """Return how a payment stands for its payer: a key of PAYER_WORDS."""
    return _PAYER.get(PaymentStatus(status), "waiting")


def for_payer(status: str) -> str:
    """Return the sentence that the payer reads."""
    return str(PAYER_WORDS[payer_state(status)])
