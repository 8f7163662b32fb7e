"""Codes of the domain in the reader's words: methods, kinds of journals and calls, accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext

from app.domain.actors import ActorKind

if TYPE_CHECKING:
    from app.domain.actors import Actor

METHODS = {
    "card": lazy_gettext("Card"),
    "upi": lazy_gettext("UPI"),
    "crypto": lazy_gettext("Crypto"),
    "apm": lazy_gettext("Alternative method"),
}
CAPABILITIES = {
    **METHODS,
    "payouts": lazy_gettext("Payouts"),
    "bulk": lazy_gettext("Bulk files"),
}
KINDS = {
    # What is asked of a provider
    "purchase": lazy_gettext("Purchase"),
    "authorize": lazy_gettext("Authorization"),
    "capture": lazy_gettext("Capture"),
    "void": lazy_gettext("Release of the authorization"),
    "refund": lazy_gettext("Refund"),
    "look_up": lazy_gettext("Look-up"),
    # Journals
    "capture_reversal": lazy_gettext("Capture reversed"),
    "release": lazy_gettext("Released to available"),
    "reserve_release": lazy_gettext("Reserve released"),
    "refund_asked": lazy_gettext("Refund asked"),
    "refund_succeeded": lazy_gettext("Refund succeeded"),
    "refund_failed": lazy_gettext("Refund failed"),
    "refund_failed_late": lazy_gettext("Refund failed late"),
    "refund_reopened": lazy_gettext("Refund open again"),
    "refund_fee": lazy_gettext("Fee of a refund"),
    "refund_fee_reversed": lazy_gettext("Fee of a refund reversed"),
    "fee_returned": lazy_gettext("Fee returned"),
    "fee_return_reversed": lazy_gettext("Return of a fee reversed"),
    "dispute_opened": lazy_gettext("Dispute opened"),
    "dispute_withdrawn": lazy_gettext("Disputed money taken by the provider"),
    "dispute_lost": lazy_gettext("Dispute lost"),
    "dispute_won": lazy_gettext("Dispute won"),
    "chargeback_fee": lazy_gettext("Fee of a chargeback"),
    "surplus": lazy_gettext("Held apart"),
    "surplus_returned": lazy_gettext("No longer held apart"),
    "surplus_credited": lazy_gettext("Credited to the merchant"),
    "write_off": lazy_gettext("Written off"),
    "adjustment": lazy_gettext("Adjustment"),
    # Causes of journals
    "lot": lazy_gettext("Waiting money"),
    "approval": lazy_gettext("Approval"),
}
ACCOUNTS = {
    "merchant:pending": lazy_gettext("Pending"),
    "merchant:available": lazy_gettext("Available"),
    "merchant:reserve": lazy_gettext("Reserve"),
    "merchant:disputed": lazy_gettext("Disputed"),
    "merchant:in_refund": lazy_gettext("On the way to payers"),
    "merchant:in_payout": lazy_gettext("On the way to you"),
}
"""What a merchant calls its own accounts; the house calls every account by its code."""


def method_word(method: str) -> str:
    """Return what a method of payment is called; none is chosen yet by the payer."""
    return str(METHODS.get(method, method) if method else lazy_gettext("Not chosen yet"))


def kind_word(kind: str) -> str:
    """Return what a journal or a call is called."""
    return str(KINDS.get(kind, kind.replace("_", " ").capitalize()))


def account_word(code: str, actor: Actor) -> str:
    """Return what a ledger account is called: merchants meet their own only, so without an id."""
    if actor.kind is ActorKind.STAFF:
        return code
    kind = code.rpartition(":")[2]
    return str(ACCOUNTS.get(f"merchant:{kind}", kind_word(kind)))
