"""What providers sent by themselves: the list, one event, and having it applied again."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flask import flash, redirect, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext, ngettext

from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.permissions import Permission
from app.errors import NotFoundError, PayAgencyError, said
from app.queries import inbound
from app.queries.inbound import InboundFilter
from app.services import inbound as inbound_service
from app.views import dispute_words, lists
from app.views.base import current_actor, needs, read_session
from app.views.lists import Column, Filter
from app.views.locales import told
from app.views.show import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask.typing import ResponseReturnValue

    from app.domain.actors import Actor
    from app.models import InboundEvent
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window


def _account_word(public_id: str) -> str:
    return dict(_accounts()).get(public_id, public_id)


LIST: Final = lists.List(
    name="inbound",
    endpoint="InboundView.listed",
    columns=(
        lists.moment("received", lazy_gettext("Received"), "received_at", always=True),
        lists.field("event", lazy_gettext("Event"), "public_id", always=True),
        lists.field("provider_id", lazy_gettext("Provider's id"), "event_id", usual=False),
        lists.field("kind", lazy_gettext("Kind"), "kind", always=True),
        Column(
            "state",
            lazy_gettext("State"),
            lambda row, _sheet: str(dispute_words.event_badge(row.state).word),
            always=True,
        ),
        lists.field("account", lazy_gettext("Connector account"), "account_name"),
        lists.field("payment", lazy_gettext("Payment"), "payment_public_id"),
        lists.field("operation", lazy_gettext("Operation"), "operation_public_id", usual=False),
        Column("copies", lazy_gettext("Copies"), lambda row, _sheet: row.copies, number=True),
        lists.moment("applied", lazy_gettext("Applied"), "applied_at", usual=False),
        lists.field("error", lazy_gettext("Error"), "error", usual=False),
    ),
    filters=(
        Filter("state", lazy_gettext("State"), lambda value: dispute_words.event_badge(value).word),
        Filter("kind", lazy_gettext("Kind")),
        Filter("account", lazy_gettext("Connector account"), _account_word),
        Filter("event", lazy_gettext("Provider's id")),
    ),
)


class InboundView(Screen):
    """`/inbound/`."""

    route_base = "/inbound"
    class_permission_name = "inbound"
    default_view = "listed"

    @expose("/")
    @needs(Permission.INBOUND_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the events, newest first."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "inbound/list.html",
            title=gettext("Provider events"),
            listed=page,
            states=dispute_words.event_choices(),
            kinds=[(kind, kind) for kind in inbound.kinds(read_session())],
            accounts=_accounts(),
            event_badge=dispute_words.event_badge,
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.INBOUND_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.INBOUND_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out the list, or the events that were ticked, as a file."""
        wanted = replace(_wanted(), ids=lists.ids())
        return lists.download(LIST, lambda session, window: inbound.page(session, wanted, window))

    @expose("/apply-again", methods=["POST"])
    @needs(Permission.INBOUND_REPLAY)
    def apply_all_again(self) -> ResponseReturnValue:
        """Have the events that were ticked applied once more."""
        _apply_again(lists.ids())
        return redirect(lists.back("InboundView.listed"), 303)

    @expose("/<string:public_id>")
    @needs(Permission.INBOUND_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one event: what it says, what it did, and to what."""
        session, event = read_session(), _get(public_id)
        about = inbound.about(session, event)
        return self.render(
            "inbound/show.html",
            title=gettext("Event %(kind)s", kind=event.kind),
            event=event,
            badge=dispute_words.event_badge(event.state),
            account=inbound.account_of(session, event),
            operation=about[0] if about else None,
            payment=about[1] if about else None,
            changes=inbound.done_by(session, event),
            body=json.dumps(json.loads(event.body), indent=2, ensure_ascii=False),
            can_apply=event.state in inbound.REPLAYABLE
            and current_actor().may(Permission.INBOUND_REPLAY),
        )

    @expose("/<string:public_id>/apply-again", methods=["POST"])
    @needs(Permission.INBOUND_REPLAY)
    def apply_again(self, public_id: str) -> ResponseReturnValue:
        """Have one event applied once more."""
        _get(public_id)
        _apply_again((public_id,))
        return redirect(url_for("InboundView.show", public_id=public_id), 303)


def _apply_again(public_ids: Sequence[str]) -> None:
    try:
        number = retry_when_busy(_write)(current_actor(), public_ids)
    except PayAgencyError as error:
        flash(told(error), "warning")
    else:
        flash(
            ngettext(
                "%(num)s event is applied again by a worker. Look again in a moment.",
                "%(num)s events are applied again by a worker. Look again in a moment.",
                number,
            ),
            "info",
        )


def _write(actor: Actor, public_ids: Sequence[str]) -> int:
    release_reads()
    with unit_of_work(actor) as session:
        return inbound_service.apply_again(session, clock.now(), public_ids)


def _get(public_id: str) -> InboundEvent:
    event = inbound.get(read_session(), public_id)
    if event is None:
        raise NotFoundError(said("There is no event {id}.", id=public_id))
    return event


def _accounts() -> list[tuple[str, str]]:
    return [(row.public_id, row.name) for row in inbound.accounts(read_session())]


def _wanted() -> InboundFilter:
    first, before = lists.moments()
    return InboundFilter(
        received_from=first,
        received_before=before,
        state=lists.one_of("state", inbound.STATES),
        kind=lists.text("kind"),
        account=lists.text("account"),
        event=lists.text("event"),
    )


def _find(window: Window) -> Slice:
    return inbound.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return inbound.count(read_session(), _wanted())
