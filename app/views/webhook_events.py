"""Events that merchants' programs are told of: the list, and one with where it was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.domain.permissions import Permission
from app.domain.webhooks_out import EventType
from app.errors import NotFoundError, said
from app.queries import events as rows
from app.queries import webhooks_out
from app.queries.events import EventFilter
from app.views import lists, payments_list, webhook_words
from app.views.audit_words import object_href
from app.views.base import current_actor, needs, read_session
from app.views.lists import Column, Filter
from app.views.show import Screen
from app.views.webhook_deliveries import pretty

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window

LIST: Final = lists.List(
    name="webhook_events",
    endpoint="WebhookEventsView.listed",
    columns=(
        lists.moment("made", lazy_gettext("Time"), "created_at", always=True),
        lists.field("event", lazy_gettext("Event"), "public_id", always=True),
        lists.merchant(),
        Column(
            "word",
            lazy_gettext("What happened"),
            lambda row, _sheet: webhook_words.event_word(row.type),
        ),
        lists.field("type", lazy_gettext("Type"), "type"),
        lists.field("object", lazy_gettext("About"), "object_id"),
        Column(
            "version",
            lazy_gettext("Version"),
            lambda row, _sheet: row.object_version,
            number=True,
        ),
    ),
    filters=(
        Filter("type", lazy_gettext("What happened"), webhook_words.event_word),
        Filter("object", lazy_gettext("About")),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
    ),
)


class WebhookEventsView(Screen):
    """`/webhook-events/` and everything below it."""

    route_base = "/webhook-events"
    class_permission_name = "webhooks"
    default_view = "listed"

    @expose("/")
    @needs(Permission.WEBHOOKS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the events, newest first."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "webhooks/events.html",
            title=gettext("Events"),
            listed=page,
            types=webhook_words.event_choices(),
            href_of=lambda row: object_href(current_actor(), row.object_type, row.object_id),
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
        return lists.download(LIST, lambda session, window: rows.page(session, wanted, window))

    @expose("/<string:public_id>")
    @needs(Permission.WEBHOOKS_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one event as it was told, and to whom."""
        session = read_session()
        event = rows.get(session, public_id)
        if event is None:
            raise NotFoundError(said("There is no event {id}.", id=public_id))
        return self.render(
            "webhooks/event.html",
            title=webhook_words.event_word(event.type),
            event=event,
            body=pretty(event.body),
            deliveries=webhooks_out.of_event(session, event.id),
            badge_of=webhook_words.delivery_badge,
            href=object_href(current_actor(), event.object_type, event.object_id),
        )


def _wanted() -> EventFilter:
    first, before = lists.moments()
    return EventFilter(
        created_from=first,
        created_before=before,
        merchant=lists.text("merchant"),
        type=lists.one_of("type", list(EventType)),
        object_id=lists.text("object"),
    )


def _find(window: Window) -> Slice:
    return rows.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return rows.count(read_session(), _wanted())
