"""Deliveries of webhooks: the list, and one with every attempt of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from flask import flash, redirect, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.domain.permissions import Permission
from app.domain.webhooks_out import MOST_ATTEMPTS, DeliveryState, EndpointState, EventType
from app.errors import NotFoundError, PayAgencyError, said
from app.queries import webhooks_out as rows
from app.queries.webhooks_out import DeliveryFilter
from app.services.webhooks_out import resending
from app.views import lists, payments_list, webhook_acts, webhook_words
from app.views.base import current_actor, needs, read_session
from app.views.lists import Column, Filter
from app.views.locales import told
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.models import WebhookAttempt
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window
    from app.queries.webhooks_out import Parcel

LIST: Final = lists.List(
    name="webhook_deliveries",
    endpoint="WebhookDeliveriesView.listed",
    columns=(
        lists.moment("made", lazy_gettext("Since"), "created_at", always=True),
        lists.field("delivery", lazy_gettext("Delivery"), "public_id", always=True),
        lists.merchant(),
        Column(
            "event",
            lazy_gettext("Event"),
            lambda row, _sheet: webhook_words.event_word(row.type),
        ),
        lists.field("type", lazy_gettext("Type"), "type", usual=False),
        lists.field("object", lazy_gettext("About"), "object_id"),
        lists.field("url", lazy_gettext("Address"), "url"),
        Column(
            "state",
            lazy_gettext("State"),
            lambda row, _sheet: str(webhook_words.delivery_badge(row).word),
            always=True,
        ),
        Column("attempts", lazy_gettext("Attempts"), lambda row, _sheet: row.attempts, number=True),
        Column(
            "answer",
            lazy_gettext("Last answer"),
            lambda row, _sheet: row.last_status,
            number=True,
        ),
        lists.moment("next", lazy_gettext("Next attempt"), "next_at"),
    ),
    filters=(
        Filter(
            "state", lazy_gettext("State"), lambda value: str(webhook_words.DELIVERIES[value].word)
        ),
        Filter("type", lazy_gettext("Event"), webhook_words.event_word),
        Filter("webhook", lazy_gettext("Endpoint")),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
    ),
)


class WebhookDeliveriesView(Screen):
    """`/webhook-deliveries/` and everything below it."""

    route_base = "/webhook-deliveries"
    class_permission_name = "webhooks"
    default_view = "listed"

    @expose("/")
    @needs(Permission.WEBHOOKS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the deliveries, newest first."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "webhooks/deliveries.html",
            title=gettext("Deliveries"),
            listed=page,
            states=webhook_words.delivery_choices(),
            types=webhook_words.event_choices(),
            badge_of=webhook_words.delivery_badge,
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.WEBHOOKS_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.WEBHOOKS_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list as a file."""
        wanted = _wanted()
        return lists.download(
            LIST, lambda session, window: rows.deliveries(session, wanted, window)
        )

    @expose("/<string:public_id>")
    @needs(Permission.WEBHOOKS_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one delivery: what is sent, and what came back each time."""
        found = _get(public_id)
        is_sent_to = (
            found.endpoint.state == EndpointState.ENABLED and found.endpoint.deleted_at is None
        )
        return self.render(
            "webhooks/delivery.html",
            title=webhook_words.event_word(found.event.type),
            delivery=found.delivery,
            event=found.event,
            endpoint=found.endpoint,
            badge=webhook_words.delivery_badge(found.delivery),
            attempts=[
                (each, _sent(each)) for each in rows.attempts(read_session(), found.delivery.id)
            ],
            body=pretty(found.event.body),
            most=MOST_ATTEMPTS,
            can_resend=is_sent_to and current_actor().may(Permission.WEBHOOKS_UPDATE),
        )

    @expose("/<string:public_id>/resend", methods=["POST"])
    @needs(Permission.WEBHOOKS_UPDATE)
    def resend(self, public_id: str) -> ResponseReturnValue:
        """Send this event to this endpoint once more."""
        found = _get(public_id)
        event, endpoint = found.event.public_id, found.endpoint.public_id
        try:
            webhook_acts.act(
                current_actor(),
                endpoint,
                "resend",
                lambda session, now: resending.resend(session, now, event, endpoint),
            )
        except PayAgencyError as error:
            flash(told(error), "danger")
        else:
            flash(gettext("It is on its way again. Look again in a moment."), "info")
        return redirect(url_for("WebhookDeliveriesView.show", public_id=public_id), 303)


def pretty(body: str) -> str:
    """Return the JSON of an event as people read it."""
    found: Any = json.loads(body)
    return json.dumps(found, indent=2, ensure_ascii=False)


def _sent(attempt: WebhookAttempt) -> str:
    """Return the head of a request as it was sent."""
    headers = json.loads(attempt.headers)
    return "\n".join([f"POST {attempt.url}", *(f"{name}: {headers[name]}" for name in headers)])


def _get(public_id: str) -> Parcel:
    found = rows.parcel(read_session(), public_id)
    if found is None:
        raise NotFoundError(said("There is no delivery {id}.", id=public_id))
    return found


def _wanted() -> DeliveryFilter:
    first, before = lists.moments()
    return DeliveryFilter(
        merchant=lists.text("merchant"),
        endpoint=lists.text("webhook"),
        created_from=first,
        created_before=before,
        states=lists.many_of("state", list(DeliveryState)),
        type=lists.one_of("type", list(EventType)),
    )


def _find(window: Window) -> Slice:
    return rows.deliveries(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return rows.count_deliveries(read_session(), _wanted())
