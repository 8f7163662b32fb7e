"""Merchants and what they have been granted: generated screens for staff."""

from __future__ import annotations

from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from app.models import AmountLimit, Capability, ConnectorAccount, Merchant, Price
from app.queries.interface import RecordInterface, Related
from app.services.record_rules import CAPABILITIES, METHODS
from app.views.crud import VERBS, RecordView
from app.views.fields import choice

BY_MERCHANT = {"merchant_id": Related(Merchant, "key", "name")}
_GRANTS = {**VERBS, "add": "update", "delete": "update"}
_ALL = {"list", "show", "add", "edit", "delete", "options"}
_READ_ONLY = {"list", "show"}
_MERCHANT_HELP = {"merchant_id": "The merchant's short key, such as acme."}


class MerchantsView(RecordView):
    """Businesses that take payments through us."""

    route_base = "/merchants"
    class_permission_name = "merchants"
    datamodel = RecordInterface(Merchant)
    include_route_methods = {"list", "show", "add", "edit"}
    list_title, show_title = "Merchants", "Merchant"
    add_title, edit_title = "Add a merchant", "Change a merchant"
    list_columns = ["key", "name", "country", "default_currency", "status", "created_at"]
    show_columns = ["public_id", *list_columns, "timezone"]
    add_columns = ["key", "name", "country", "default_currency", "timezone"]
    edit_columns = ["name", "country", "default_currency", "timezone"]
    search_columns = ["key", "name", "created_at"]
    base_order = ("name", "asc")
    label_columns = {"timezone": "Time zone"}
    description_columns = {
        "key": "A short name that stays, such as acme: a-z, 0-9 and dash.",
        "country": "Two letters, such as IN.",
        "default_currency": "Such as INR.",
        "timezone": "Such as Asia/Kolkata.",
    }


class CapabilitiesView(RecordView):
    """What merchants may do in the open book."""

    route_base = "/capabilities"
    class_permission_name = "capabilities"
    method_permission_name = _GRANTS
    datamodel = RecordInterface(Capability, related=BY_MERCHANT)
    include_route_methods = _ALL - {"edit"}
    list_title, show_title, add_title = "Capabilities", "Capability", "Grant a capability"
    list_columns = ["merchant_id", "kind", "granted_by", "granted_at"]
    show_columns = ["public_id", *list_columns]
    add_columns = ["merchant_id", "kind"]
    edit_columns: list[str] = []
    search_columns = ["merchant_id", "kind"]
    base_order = ("granted_at", "desc")
    description_columns = _MERCHANT_HELP
    extra_fields = {"kind": choice("Kind", CAPABILITIES)}


class LimitsView(RecordView):
    """The largest single payment by method and currency, in the open book."""

    route_base = "/limits"
    class_permission_name = "capabilities"
    method_permission_name = _GRANTS
    datamodel = RecordInterface(AmountLimit, related=BY_MERCHANT, money={"max_minor": "currency"})
    include_route_methods = _ALL
    list_title, show_title = "Limits", "Limit"
    add_title, edit_title = "Set a limit", "Change a limit"
    list_columns = ["merchant_id", "kind", "currency", "max_minor", "created_at"]
    show_columns = ["public_id", *list_columns]
    add_columns = ["merchant_id", "kind", "currency", "max_minor"]
    edit_columns = ["max_minor"]
    search_columns = ["merchant_id", "currency"]
    base_order = ("created_at", "desc")
    label_columns = {"kind": "Method", "max_minor": "Largest payment"}
    description_columns = {"max_minor": "In major units, such as 1050.00.", **_MERCHANT_HELP}
    extra_fields = {"kind": choice("Method", METHODS)}


class PricesView(RecordView):
    """The fee of a captured payment by method and currency, in the open book."""

    route_base = "/prices"
    class_permission_name = "capabilities"
    method_permission_name = _GRANTS
    datamodel = RecordInterface(Price, related=BY_MERCHANT, money={"fixed_minor": "currency"})
    include_route_methods = _ALL
    list_title, show_title = "Prices", "Price"
    add_title, edit_title = "Set a price", "Change a price"
    list_columns = ["merchant_id", "method", "currency", "percent_bps", "fixed_minor"]
    show_columns = [*list_columns, "created_at"]
    add_columns = ["merchant_id", "method", "currency", "percent_bps", "fixed_minor"]
    edit_columns = ["percent_bps", "fixed_minor"]
    search_columns = ["merchant_id", "currency"]
    base_order = ("created_at", "desc")
    label_columns = {"percent_bps": "Basis points", "fixed_minor": "Fixed part"}
    description_columns = {"fixed_minor": "In major units, such as 0.30.", **_MERCHANT_HELP}
    extra_fields = {
        "method": choice("Method", METHODS),
        "percent_bps": IntegerField(
            "Basis points",
            [InputRequired(), NumberRange(0, 10_000)],
            description="Of the amount: 250 is 2.5 percent.",
        ),
    }


class ConnectorAccountsView(RecordView):
    """Our accounts with providers, to look at; their credentials are shown to nobody."""

    route_base = "/connector-accounts"
    class_permission_name = "connectors"
    datamodel = RecordInterface(ConnectorAccount, related=BY_MERCHANT)
    include_route_methods = _READ_ONLY
    list_title, show_title = "Connector accounts", "Connector account"
    list_columns = ["connector", "name", "merchant_id", "base_url", "enabled", "created_at"]
    show_columns = ["public_id", *list_columns]
    add_columns: list[str] = []
    edit_columns: list[str] = []
    search_columns = ["connector", "name", "enabled"]
    base_order = ("name", "asc")
    label_columns = {"base_url": "Address"}
