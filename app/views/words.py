"""Statuses and accounts in the reader's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

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
    """A status as it is shown: a word, a Bootstrap colour and an icon (never colour alone)."""

    word: str
    tone: str
    icon: str


PAYMENT_BADGES = {
    _S.CREATED: Badge("Created", "default", "fa-circle-o"),
    _S.REQUIRES_ACTION: Badge("Payer must act", "info", "fa-hand-o-right"),
    _S.PROCESSING: Badge("Processing", "info", "fa-hourglass-half"),
    _S.AUTHORIZED: Badge("Authorized", "primary", "fa-lock"),
    _S.PARTIALLY_CAPTURED: Badge("Partly captured", "primary", "fa-adjust"),
    _S.SUCCEEDED: Badge("Succeeded", "success", "fa-check"),
    _S.FAILED: Badge("Failed", "danger", "fa-times"),
    _S.BLOCKED: Badge("Blocked", "danger", "fa-ban"),
    _S.IN_REVIEW: Badge("In review", "warning", "fa-search"),
    _S.CANCELED: Badge("Canceled", "default", "fa-minus-circle"),
    _S.EXPIRED: Badge("Expired", "default", "fa-clock-o"),
    _S.PARTIALLY_REFUNDED: Badge("Partly refunded", "primary", "fa-reply"),
    _S.REFUNDED: Badge("Refunded", "default", "fa-reply-all"),
    _S.DISPUTED: Badge("Disputed", "warning", "fa-gavel"),
    _S.CHARGED_BACK: Badge("Charged back", "danger", "fa-undo"),
    _S.CONFLICTED: Badge("Conflicted", "warning", "fa-exclamation-triangle"),
}
OPERATION_BADGES = {
    _O.INIT: Badge("Waiting to be sent", "default", "fa-circle-o"),
    _O.PENDING: Badge("At the provider", "info", "fa-hourglass-half"),
    _O.ACTION: Badge("Payer must act", "info", "fa-hand-o-right"),
    _O.UNKNOWN: Badge("No answer yet", "warning", "fa-question"),
    _O.NOT_SENT: Badge("Not sent", "warning", "fa-chain-broken"),
    _O.SUCCESS: Badge("Succeeded", "success", "fa-check"),
    _O.FAILED: Badge("Failed", "danger", "fa-times"),
}
TASK_BADGES = {
    "waiting": Badge("Waiting", "info", "fa-hourglass-half"),
    "leased": Badge("At work", "primary", "fa-cog"),
    "failed": Badge("Failed", "danger", "fa-times"),
}
OPERATION_WORDS = {
    OperationKind.AUTHORIZE: "Authorization",
    OperationKind.PURCHASE: "Purchase",
    OperationKind.CAPTURE: "Capture",
    OperationKind.VOID: "Release of the authorization",
    OperationKind.REFUND: "Refund",
    OperationKind.PAYOUT: "Payout",
    OperationKind.DISPUTE: "Dispute",
}
# What the payer reads on the page after the bank's; nothing that is not theirs to know.
PAYER_WORDS = {
    "paid": "The payment has been made.",
    "reserved": "The amount has been reserved on your card.",
    "failed": "The payment was not made. Nothing was charged.",
    "ended": "The payment has been called off. Nothing was charged.",
    "returned": "The amount has been returned to you.",
    "waiting": "The payment is being processed. You may close this page.",
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
_UNKNOWN = Badge("Unknown", "default", "fa-question")
WHO_CAN_ACT = {
    WhoCanAct.PAYER: "the payer",
    WhoCanAct.MERCHANT: "the merchant",
    WhoCanAct.BANK: "the payer's bank",
    WhoCanAct.PROVIDER: "the provider",
    WhoCanAct.US: "PayAgency",
}
METHODS = ("card", "upi", "crypto", "apm")


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


def operation_word(kind: str) -> str:
    """Return what an operation is called."""
    return OPERATION_WORDS[OperationKind(kind)]


def account_word(code: str, actor: Actor) -> str:
    """Return what a ledger account is called: merchants meet their own only, so without an id."""
    if actor.kind is ActorKind.STAFF:
        return code
    return kind_word(code.rpartition(":")[2])


def kind_word(kind: str) -> str:
    """Return a code such as `refund_asked` as words."""
    return kind.replace("_", " ").capitalize()


def for_payer(status: str) -> str:
    """Return the sentence that the payer reads."""
    return PAYER_WORDS[_PAYER.get(PaymentStatus(status), "waiting")]


def plain(value: object) -> object:
    """Return what a generated screen shows of a column: times to the minute, yes and no."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M UTC")
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return "–" if value is None else value
