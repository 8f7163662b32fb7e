"""Mails to people: the list, and one with what it says, how it stands, and sending it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import flash, redirect, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.adapters.crypto import blind_index
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.notifications import NotificationKind, NotificationState, masked
from app.domain.permissions import Permission
from app.errors import NotFoundError, PayAgencyError, said
from app.queries import notifications as rows
from app.queries.notifications import NotificationFilter
from app.services.notify import asking, sending
from app.views import lists, payments_list, team_words
from app.views.audit_words import object_href, object_word
from app.views.base import current_actor, needs, read_session
from app.views.lists import Column, Filter
from app.views.locales import told
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.domain.actors import Actor
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window

LIST: Final = lists.List(
    name="notifications",
    endpoint="NotificationsView.listed",
    columns=(
        lists.moment("made", lazy_gettext("When"), "created_at", always=True),
        lists.field("mail", lazy_gettext("Mail"), "public_id", usual=False),
        Column(
            "kind",
            lazy_gettext("What it says"),
            lambda row, _sheet: team_words.kind_word(row.kind),
            always=True,
        ),
        Column("to", lazy_gettext("To"), lambda row, _sheet: masked(row.recipient)),
        Column("state", lazy_gettext("State"), lambda row, _sheet: team_words.mail_word(row.state)),
        lists.field("object", lazy_gettext("About"), "object_id"),
        lists.merchant(),
        lists.field("subject", lazy_gettext("Subject"), "subject", usual=False),
        lists.field("error", lazy_gettext("Why not yet"), "error", usual=False),
        lists.moment("sent", lazy_gettext("Sent"), "sent_at", usual=False),
    ),
    filters=(
        Filter("kind", lazy_gettext("What it says"), team_words.kind_word),
        Filter("state", lazy_gettext("State"), team_words.mail_word),
        Filter("address", lazy_gettext("To")),
        Filter("object", lazy_gettext("About")),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
    ),
)


class NotificationsView(Screen):
    """`/notifications/` and everything below it."""

    route_base = "/notifications"
    class_permission_name = "notifications"
    default_view = "listed"

    @expose("/")
    @needs(Permission.NOTIFICATIONS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the mails, newest first."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "notifications/list.html",
            title=gettext("Mails"),
            listed=page,
            kinds=[(kind, str(word)) for kind, word in team_words.KINDS.items()],
            states=[(state, str(badge.word)) for state, badge in team_words.MAILS.items()],
            badges=team_words.MAILS,
            masked=masked,
            object_word=object_word,
            href_of=lambda row: object_href(current_actor(), row.object_type, row.object_id),
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.NOTIFICATIONS_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.NOTIFICATIONS_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list as a file; addresses are masked there too."""
        wanted = _wanted()
        return lists.download(LIST, lambda session, window: rows.page(session, wanted, window))

    @expose("/<string:public_id>")
    @needs(Permission.NOTIFICATIONS_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one mail as its reader gets it, but for a link that is theirs alone."""
        row = rows.get(read_session(), public_id)
        if row is None:
            raise NotFoundError(said("There is no mail {id}.", id=public_id))
        mail = sending.drawn(row)
        may_send = current_actor().may(Permission.NOTIFICATIONS_RESEND)
        return self.render(
            "notifications/show.html",
            title=team_words.kind_word(row.kind),
            row=row,
            mail=mail,
            badge=team_words.MAILS[row.state],
            to=masked(row.recipient),
            can_send=may_send and asking.may_be_sent_again(row),
            object_word=object_word(row.object_type),
            href=object_href(current_actor(), row.object_type, row.object_id),
        )

    @expose("/<string:public_id>/send", methods=["POST"])
    @needs(Permission.NOTIFICATIONS_RESEND)
    def send(self, public_id: str) -> ResponseReturnValue:
        """Have a mail sent again by a worker."""
        actor = current_actor()
        release_reads()
        try:
            retry_when_busy(_send_again)(actor, public_id)
        except NotFoundError:
            raise
        except PayAgencyError as error:
            flash(told(error), "danger")
        else:
            flash(gettext("The mail is on its way again."), "info")
        return redirect(url_for("NotificationsView.show", public_id=public_id), 303)


def _send_again(actor: Actor, public_id: str) -> None:
    with unit_of_work(actor) as session:
        asking.send_again(session, clock.now(), public_id)


def _wanted() -> NotificationFilter:
    first, before = lists.moments()
    address = lists.text("address")
    return NotificationFilter(
        created_from=first,
        created_before=before,
        kinds=lists.many_of("kind", list(NotificationKind)),
        states=lists.many_of("state", list(NotificationState)),
        object_id=lists.text("object"),
        recipient_index=blind_index(address, asking.RECIPIENT) if address else b"",
        merchant=lists.text("merchant"),
    )


def _find(window: Window) -> Slice:
    return rows.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return rows.count(read_session(), _wanted())
