"""The list of payments: its columns, its filters, and what the address asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask_babel import lazy_gettext

from app.domain.failures import FailureCode, describe
from app.domain.operations import OperationState
from app.queries import listing, payers, payment_list
from app.queries.payment_list import PaymentFilter
from app.views import codes, lists, words
from app.views.base import current_actor, read_session
from app.views.lists import Column, Filter
from app.views.locales import translate

if TYPE_CHECKING:
    from app.domain.actors import Actor
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window
    from app.views.lists import Sheet

LAST4: Final = 4
_ATTRIBUTES: Final = {
    "captured": "captured_minor",
    "refunded": "refunded_minor",
    "description": "description",
    "by": "created_by",
}
"""The columns of the list that are read only where they are shown."""


def failure_word(code: str | None) -> str:
    """Return why a payment failed; empty where it did not."""
    return translate(describe(FailureCode(code)).for_merchant) if code else ""


def merchant_word(text: str) -> str:
    """Return the name of the one merchant that a filter means, else what was typed."""
    found = list(listing.merchants_named(read_session(), text).values())
    return found[0] if len(found) == 1 else text


def payer_word(public_id: str) -> str:
    """Return the e-mail address of the payer that a filter means, else what was typed."""
    return payers.email_of(read_session(), public_id) or public_id


def _status(row: Any, sheet: Sheet) -> str:
    return str(words.payment_badge(row.status, sheet.actor).word)


LIST: Final = lists.List(
    name="payments",
    endpoint="PaymentsView.listed",
    columns=(
        lists.moment("made", lazy_gettext("Made"), "created_at", always=True),
        lists.field("payment", lazy_gettext("Payment"), "public_id", always=True),
        lists.merchant(),
        lists.field("reference", lazy_gettext("Reference"), "reference"),
        lists.field("description", lazy_gettext("Description"), "description", usual=False),
        Column("method", lazy_gettext("Method"), lambda row, _sheet: codes.method_word(row.method)),
        Column("status", lazy_gettext("Status"), _status),
        Column(
            "failure",
            lazy_gettext("Why it failed"),
            lambda row, _sheet: failure_word(row.failure_code),
            usual=False,
        ),
        lists.field("by", lazy_gettext("Made by"), "created_by", usual=False),
        lists.money("captured", lazy_gettext("Captured"), "captured_minor", usual=False),
        lists.money("refunded", lazy_gettext("Refunded"), "refunded_minor", usual=False),
        lists.with_currency(
            lists.money("amount", lazy_gettext("Amount"), "amount_minor", always=True)
        ),
    ),
    filters=(
        Filter(
            "status",
            lazy_gettext("Status"),
            lambda value: words.payment_badge(value, current_actor()).word,
        ),
        Filter("method", lazy_gettext("Method"), codes.method_word),
        Filter("merchant", lazy_gettext("Merchant"), merchant_word),
        *lists.AMOUNTS,
        Filter("reference", lazy_gettext("Reference")),
        Filter("email", lazy_gettext("Customer's e-mail")),
        Filter("last4", lazy_gettext("Last 4 digits of the card")),
        Filter("failure", lazy_gettext("Why it failed"), failure_word),
        Filter("upload", lazy_gettext("Upload")),
        Filter("link", lazy_gettext("Payment link")),
        Filter("payer", lazy_gettext("Payer"), payer_word),
        Filter(
            "operation",
            lazy_gettext("An operation is"),
            lambda value: words.operation_badge(value).word,
        ),
    ),
)


def wanted() -> PaymentFilter:
    """Return what the address asks for; BadInputError for a filter that makes no sense."""
    actor = current_actor()
    first, before = lists.moments()
    currency, least, most = lists.amounts()
    known = [status for status, _ in words.choices(actor)]
    return PaymentFilter(
        created_from=first,
        created_before=before,
        currency=currency,
        least_minor=least,
        most_minor=most,
        statuses=words.stored_statuses(lists.many_of("status", known), actor),
        method=lists.one_of("method", codes.METHODS),
        merchant=lists.text("merchant"),
        reference=lists.text("reference"),
        email=lists.text("email"),
        last4=lists.digits("last4", LAST4),
        failure=lists.one_of("failure", list(FailureCode)),
        upload=lists.text("upload"),
        link=lists.text("link"),
        payer=lists.text("payer"),
        operation=lists.one_of("operation", list(OperationState)),
    )


def find(window: Window) -> Slice:
    """Return one page, with what its columns show."""
    shown = {_ATTRIBUTES.get(column.name, "") for column in lists.shown(LIST.name, LIST.columns)}
    return payment_list.payments(read_session(), wanted(), window, besides=shown)


def count() -> CappedCount:
    """Count what the filters leave."""
    return payment_list.count_payments(read_session(), wanted())


def choices(actor: Actor) -> dict[str, list[tuple[str, str]]]:
    """Return what the filters offer, by the name that the template calls it."""
    failures = [(code.value, failure_word(code)) for code in FailureCode]
    return {
        "statuses": words.choices(actor),
        "methods": [(code, str(word)) for code, word in codes.METHODS.items()],
        "failures": sorted(failures, key=lambda pair: pair[1]),
        "operations": [
            (state.value, str(badge.word)) for state, badge in words.OPERATION_BADGES.items()
        ],
    }
