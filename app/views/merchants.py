"""Merchants and what they have been granted: generated screens for staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import gettext, lazy_gettext
from wtforms import EmailField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from app.domain.merchant_settings import LONGEST_NAME
from app.domain.notifications import MOST_ADDRESS
from app.domain.permissions import Permission
from app.domain.return_urls import LONGEST_LIST
from app.models import AmountLimit, Capability, ConnectorAccount, Merchant
from app.queries.interface import RecordInterface, Related
from app.services.record_rules import CAPABILITIES, METHODS
from app.views import codes
from app.views.base import current_actor
from app.views.crud import VERBS, RecordView
from app.views.record_beside import Beside
from app.views.record_protected import ProtectedView
from app.views.record_values import STATUSES
from app.views.suggestions import countries, named

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from wtforms import Field

BY_MERCHANT = {"merchant_id": Related(Merchant, "key", "name")}
_GRANTS = {**VERBS, "add": "update", "delete": "update"}
_READ_ONLY = {"list", "show", "columns", "export"}
_ALL = _READ_ONLY | {"add", "edit", "delete", "options"}
_MERCHANT = lazy_gettext("The merchant's short name, such as acme.")
_CURRENCY = lazy_gettext("A code such as INR, or a token with its chain such as USDC@ethereum.")
LATE_MONEY = {
    "accept": lazy_gettext("Accept it"),
    "refund": lazy_gettext("Send it back"),
}
_FACE: Mapping[str, tuple[int, str]] = {
    "shown_name": (LONGEST_NAME, lazy_gettext("As payers see it; empty for the name above.")),
    "colour": (7, lazy_gettext("# and six of 0-9 and a-f, such as #2f54c9, or empty.")),
    "support_email": (254, lazy_gettext("Whom payers may ask; on their pages.")),
    "support_url": (255, lazy_gettext("A page where payers find help; https only.")),
    "return_url": (255, lazy_gettext("Where payers go on to if a payment names no address.")),
}
FACE = (*_FACE, "return_hosts")
_METHODS = named({method: codes.METHODS[method] for method in METHODS})


def _face_fields(labels: Mapping[str, str]) -> dict[str, Field]:
    """Return the fields of a merchant's face and return addresses, all of which may be empty."""
    found: dict[str, Field] = {
        name: StringField(labels[name], [Optional(), Length(max=most)], description=hint)
        for name, (most, hint) in _FACE.items()
    }
    found["return_hosts"] = TextAreaField(
        labels["return_hosts"],
        [Optional(), Length(max=LONGEST_LIST)],
        description=lazy_gettext(
            "Payers are led back to these hosts only, one a line such as shop.example.com;"
            " empty for any."
        ),
    )
    return found


class CapabilitiesView(RecordView):
    """What merchants may do in the open book."""

    route_base = "/capabilities"
    class_permission_name = "capabilities"
    method_permission_name = _GRANTS
    datamodel = RecordInterface(Capability, related=BY_MERCHANT)
    include_route_methods = _ALL - {"edit"}
    list_title = lazy_gettext("Capabilities")
    add_title = lazy_gettext("Grant a capability")
    list_columns = ["merchant_id", "kind", "granted_by", "granted_at"]
    show_columns = ["public_id", *list_columns]
    add_columns = ["merchant_id", "kind"]
    edit_columns: list[str] = []
    search_columns = ["merchant_id", "kind"]
    title_columns = ("merchant_id", "kind")
    base_order = ("granted_at", "desc")
    label_columns = {"kind": lazy_gettext("Capability")}
    description_columns = {
        "merchant_id": _MERCHANT,
        "kind": lazy_gettext("It counts at once, in the book that is open."),
    }
    choices = {"kind": named({kind: codes.CAPABILITIES[kind] for kind in CAPABILITIES})}
    empty_sentence = lazy_gettext("A merchant takes payments by the methods granted to it here.")
    removal = lazy_gettext(
        "New payments of this kind are refused from now on, in the open book."
        " Payments that exist stay as they are and can still be refunded."
    )


class LimitsView(ProtectedView):
    """The largest single payment by method and currency, in the open book; two people set it."""

    route_base = "/limits"
    class_permission_name = "capabilities"
    method_permission_name = _GRANTS
    datamodel = RecordInterface(AmountLimit, related=BY_MERCHANT, money={"max_minor": "currency"})
    include_route_methods = _ALL
    list_title = lazy_gettext("Limits")
    add_title, edit_title = lazy_gettext("Set a limit"), lazy_gettext("Change a limit")
    list_columns = ["merchant_id", "kind", "currency", "max_minor", "created_at"]
    show_columns = ["public_id", *list_columns]
    add_columns = ["merchant_id", "kind", "currency", "max_minor"]
    edit_columns = ["max_minor"]
    search_columns = ["merchant_id", "kind", "currency"]
    title_columns = ("merchant_id", "kind", "currency")
    base_order = ("created_at", "desc")
    label_columns = {"kind": lazy_gettext("Method"), "max_minor": lazy_gettext("Largest payment")}
    description_columns = {
        "merchant_id": _MERCHANT,
        "currency": _CURRENCY,
        "max_minor": lazy_gettext(
            "A single payment above it is refused. Without spaces or groups."
        ),
    }
    choices = {"kind": _METHODS}
    empty_sentence = lazy_gettext(
        "Without a limit, a payment may be as large as the provider takes."
    )
    removal = lazy_gettext(
        "Once a second person has approved it, payments of any size are taken."
        " Payments that exist stay as they are."
    )


class ConnectorAccountsView(RecordView):
    """Our accounts with providers, to look at; their credentials are shown to nobody."""

    route_base = "/connector-accounts"
    class_permission_name = "connectors"
    datamodel = RecordInterface(ConnectorAccount, related=BY_MERCHANT)
    include_route_methods = _READ_ONLY
    list_title = lazy_gettext("Connector accounts")
    list_columns = ["name", "connector", "merchant_id", "base_url", "enabled", "created_at"]
    show_columns = ["public_id", *list_columns]
    add_columns: list[str] = []
    edit_columns: list[str] = []
    search_columns = ["connector", "name", "enabled"]
    title_columns = ("name",)
    base_order = ("name", "asc")
    label_columns = {
        "connector": lazy_gettext("Provider"),
        "base_url": lazy_gettext("Address"),
        "enabled": lazy_gettext("In use"),
    }
    empty_sentence = lazy_gettext("An account with a provider is what payments are sent through.")


class MerchantsView(RecordView):
    """Businesses that take payments through us."""

    route_base = "/merchants"
    class_permission_name = "merchants"
    datamodel = RecordInterface(Merchant)
    include_route_methods = _ALL - {"delete"}
    list_title = lazy_gettext("Merchants")
    add_title, edit_title = lazy_gettext("Add a merchant"), lazy_gettext("Change a merchant")
    list_columns = ["name", "key", "country", "default_currency", "status", "created_at"]
    show_columns = [
        *("public_id", *list_columns),
        *("timezone", "mcc", "verified", "late_money", "receipts", *FACE, "upload_mails"),
    ]
    add_columns = ["name", "key", "country", "default_currency", "timezone", "owner_email"]
    edit_columns = [
        *("name", "country", "default_currency", "timezone"),
        *("mcc", "verified", "late_money", "receipts", *FACE, "upload_mails"),
    ]
    search_columns = ["key", "name", "country", "status", "created_at"]
    title_columns = ("name",)
    base_order = ("name", "asc")
    description_columns = {
        "name": lazy_gettext("The name of the business, as people of the house know it."),
        "key": lazy_gettext("A short name that stays, such as acme: a-z, 0-9 and dash."),
        "default_currency": lazy_gettext("A code such as INR; the usual one of new payments."),
        "timezone": lazy_gettext("Such as Asia/Kolkata; the merchant's days begin and end by it."),
        "verified": lazy_gettext(
            "Verified by the bank that acquires its UPI payments: higher limits in some categories."
        ),
        "late_money": lazy_gettext(
            "What happens to money that comes for a payment that had failed, expired or been paid."
        ),
        "receipts": lazy_gettext(
            "Payers whose address was given with a payment are mailed a receipt once it is paid."
        ),
        "upload_mails": lazy_gettext("Owners and the uploader are mailed once a file is done."),
    }
    label_columns = {
        "mcc": lazy_gettext("Category (MCC)"),
        "verified": lazy_gettext("Verified merchant"),
        "late_money": lazy_gettext("Late money"),
        "receipts": lazy_gettext("Receipts by mail"),
        "shown_name": lazy_gettext("Name shown to payers"),
        "colour": lazy_gettext("Colour"),
        "support_email": lazy_gettext("E-mail for payers' questions"),
        "support_url": lazy_gettext("Page for payers' questions"),
        "return_url": lazy_gettext("Usual return address"),
        "return_hosts": lazy_gettext("Allowed hosts"),
        "upload_mails": lazy_gettext("Mails about finished files"),
    }
    choices = {"country": countries, "status": named(STATUSES), "late_money": named(LATE_MONEY)}
    extra_fields = {
        "owner_email": EmailField(
            lazy_gettext("Owner's e-mail (optional)"),
            [Optional(), Length(max=MOST_ADDRESS)],
            description=lazy_gettext(
                "Is mailed an invitation to come in as the merchant's owner, who invites others."
            ),
        ),
        "mcc": StringField(
            label_columns["mcc"],
            [Optional(), Length(max=4)],
            description=lazy_gettext(
                "Four digits by ISO 18245, such as 5411; empty where unknown. UPI's limits and"
                " collect requests depend on it."
            ),
        ),
        **_face_fields(label_columns),
    }
    empty_sentence = lazy_gettext("A merchant is a business that takes payments through us.")
    beside = (
        Beside(CapabilitiesView, "merchant_id", ("kind", "granted_by", "granted_at")),
        Beside(LimitsView, "merchant_id", ("kind", "max_minor", "created_at")),
    )

    def links(self, item: Any) -> Sequence[tuple[str, str]]:
        """Return where the merchant's money and trace are, as far as the reader may see them."""
        found = (
            (Permission.PAYMENTS_READ, gettext("Payments"), "PaymentsView.listed", "merchant"),
            (Permission.PAYMENTS_READ, gettext("Refunds"), "RefundsView.listed", "merchant"),
            (Permission.LEDGER_READ, gettext("Balances"), "LedgerView.accounts", "merchant"),
            (Permission.PRICES_READ, gettext("Price lists"), "PriceListsView.listed", "merchant"),
            (Permission.SETTINGS_READ, gettext("Settings"), "SettingsView.show", "merchant"),
            (Permission.AUDIT_READ, gettext("Audit trail"), "AuditView.listed", "merchant"),
            (Permission.TEAM_UPDATE, gettext("Invite somebody"), "TeamView.new", "merchant"),
        )
        return [
            (label, url_for(endpoint, **{argument: item.key}))
            for permission, label, endpoint, argument in found
            if current_actor().may(permission)
        ]
