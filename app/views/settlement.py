"""When merchants' money becomes available: their schedules, a generated screen for staff."""

from __future__ import annotations

from flask_babel import lazy_gettext
from wtforms import SelectField

from app.models import Merchant, SettlementSchedule
from app.queries.interface import RecordInterface, Related
from app.services.record_rules import METHODS
from app.views import codes
from app.views.crud import VERBS, RecordView
from app.views.fields import PercentField, required
from app.views.suggestions import countries, named

EVERY_METHOD = {"": lazy_gettext("Every method")}
_METHODS = named(EVERY_METHOD | {method: codes.METHODS[method] for method in METHODS})


class SettlementSchedulesView(RecordView):
    """After how many business days captures are released, and what is kept back meanwhile."""

    route_base = "/settlement/schedules"
    class_permission_name = "settlement"
    method_permission_name = {**VERBS, "add": "update", "delete": "update"}
    datamodel = RecordInterface(
        SettlementSchedule, related={"merchant_id": Related(Merchant, "key", "name")}
    )
    include_route_methods = {
        "list",
        "show",
        "columns",
        "export",
        "add",
        "edit",
        "delete",
        "options",
    }
    list_title = lazy_gettext("Settlement schedules")
    add_title = lazy_gettext("Set a settlement schedule")
    edit_title = lazy_gettext("Change a settlement schedule")
    list_columns = [
        "merchant_id",
        "method",
        "release_days",
        "calendar",
        "reserve_bps",
        "reserve_days",
    ]
    show_columns = ["public_id", *list_columns, "created_at"]
    add_columns = list_columns
    edit_columns = ["release_days", "calendar", "reserve_bps", "reserve_days"]
    search_columns = ["merchant_id", "method", "calendar"]
    title_columns = ("merchant_id", "method")
    base_order = ("created_at", "desc")
    label_columns = {
        "release_days": lazy_gettext("Business days"),
        "calendar": lazy_gettext("Calendar"),
        "reserve_bps": lazy_gettext("Reserve"),
        "reserve_days": lazy_gettext("Days in reserve"),
    }
    description_columns = {
        "merchant_id": lazy_gettext("The merchant's short name, such as acme."),
        "release_days": lazy_gettext(
            "From the day of the capture until its money is available; 0 to 90."
            " It is released as that day begins in the merchant's time zone."
        ),
        "calendar": lazy_gettext(
            "The country whose weekends and public holidays are no business days."
        ),
        "reserve_days": lazy_gettext(
            "Days of the calendar, then the next business day; 0 to 365. 0 if nothing is kept."
        ),
    }
    choices = {"method": _METHODS, "calendar": countries}
    extra_fields = {
        "method": SelectField(
            lazy_gettext("Method"),
            description=lazy_gettext("A method's own schedule comes before the one for every."),
            choices=_METHODS,
        ),
        "reserve_bps": PercentField(
            label_columns["reserve_bps"],
            [required()],
            description=lazy_gettext(
                "The share of each capture that is kept back; between 0 and 100."
            ),
        ),
    }
    empty_sentence = lazy_gettext(
        "Without a schedule, a capture is available after two business days of the merchant's"
        " country, and nothing is kept in reserve."
    )
    removal = lazy_gettext(
        "What is captured from now on is available after two business days, and nothing of it is"
        " kept in reserve, unless another schedule counts."
        " What was captured before keeps its dates."
    )
