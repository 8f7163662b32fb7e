"""Payment links: the list, the form, the page of each, and what may be done to one."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.domain import payment_links as rules
from app.domain.payment_links import LinkState
from app.domain.permissions import Permission
from app.errors import PayAgencyError
from app.queries import operations, payment_list, payment_pages
from app.queries import payment_links as rows
from app.queries.listing import Window
from app.queries.payment_links import LinkFilter
from app.queries.payment_list import PaymentFilter
from app.services import payment_links
from app.views import (
    face,
    form_keys,
    link_acts,
    link_form,
    link_send,
    link_words,
    lists,
    payments_list,
    qr,
    show,
)
from app.views.base import current_actor, needs, read_session
from app.views.lists import Column, Filter
from app.views.locales import told
from app.views.show import Screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.models import PaymentLink
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice
    from app.views.link_form import LinkForm
    from app.views.link_send import SendForm

LIST: Final = lists.List(
    name="payment_links",
    endpoint="PaymentLinksView.listed",
    columns=(
        lists.field("title", lazy_gettext("Title"), "title", always=True),
        lists.field("link", lazy_gettext("Payment link"), "public_id", usual=False),
        lists.merchant(),
        Column("kind", lazy_gettext("Kind"), lambda row, _sheet: link_words.kind_word(row.kind)),
        lists.field("reference", lazy_gettext("Reference"), "reference", usual=False),
        Column(
            "state",
            lazy_gettext("State"),
            lambda row, _sheet: link_words.state_word(row.state),
            always=True,
        ),
        lists.moment("expires", lazy_gettext("Ends"), "expires_at", usual=False),
        lists.moment("made", lazy_gettext("Made"), "created_at"),
        lists.field("by", lazy_gettext("Made by"), "created_by", usual=False),
        Column(
            "opened",
            lazy_gettext("Payments begun"),
            lambda row, _sheet: row.opened,
            number=True,
            usual=False,
        ),
        Column("paid", lazy_gettext("Times paid"), lambda row, _sheet: row.paid, number=True),
        lists.money("sum", lazy_gettext("Paid in all"), "paid_minor"),
        lists.with_currency(
            lists.money("amount", lazy_gettext("Amount"), "amount_minor", always=True)
        ),
    ),
    filters=(
        Filter("state", lazy_gettext("State"), link_words.state_word),
        Filter("kind", lazy_gettext("Kind"), link_words.kind_word),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
        Filter("title", lazy_gettext("Title")),
        Filter("upload", lazy_gettext("Upload")),
    ),
)
LATEST: Final = 10
_MAKE: Final = "payment-link"


class PaymentLinksView(Screen):
    """`/payment-links/` and everything below it."""

    route_base = "/payment-links"
    class_permission_name = "links"
    default_view = "listed"

    @expose("/")
    @needs(Permission.LINKS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the links, newest first."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "links/list.html",
            title=gettext("Payment links"),
            listed=page,
            states=[(state.value, str(badge.word)) for state, badge in link_words.BADGES.items()],
            kinds=[(kind.value, str(word)) for kind, word in link_words.KINDS.items()],
            badges=link_words.BADGES,
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.LINKS_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.LINKS_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list as a file."""
        wanted = _wanted()
        return lists.download(LIST, lambda session, window: _page(session, wanted, window))

    @expose("/new")
    @needs(Permission.LINKS_UPDATE)
    def new(self) -> ResponseReturnValue:
        """Show the empty form."""
        merchant_id = current_actor().merchant_id or 0
        currency = operations.merchant_of(read_session(), merchant_id).default_currency
        return self._form(link_form.empty(currency))

    @expose("/new", methods=["POST"])
    @needs(Permission.LINKS_UPDATE)
    def create(self) -> ResponseReturnValue:
        """Make a link, once for a form."""
        form = link_form.filled(request.form)
        try:
            made = link_acts.create(current_actor(), form_keys.read(_MAKE), link_form.read(form))
        except PayAgencyError as error:
            link_form.refuse(form, error)
            return self._form(form)
        if made.is_replay:
            flash(gettext("This form had been sent before; this is its link."), "info")
        return _to_page(made.object_id)

    @expose("/<string:public_id>")
    @needs(Permission.LINKS_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one link: how to share it, what came of it, and its latest payments."""
        return self._page(payment_links.get(read_session(), public_id))

    @expose("/<string:public_id>/send", methods=["POST"])
    @needs(Permission.LINKS_UPDATE)
    def send(self, public_id: str) -> ResponseReturnValue:
        """Mail a link to a payer, once for a form."""
        form = link_send.filled(request.form)
        row = payment_links.get(read_session(), public_id)
        try:
            done = link_send.send(public_id, row.merchant_id, link_send.wanted(form))
        except PayAgencyError as error:
            link_send.refuse(form, error)
            return self._page(payment_links.get(read_session(), public_id), form)
        flash(
            gettext("This form had been sent before; its mail is not sent twice.")
            if done.is_replay
            else gettext("The mail to %(to)s is on its way.", to=form.values["to"]),
            "info",
        )
        return _to_page(public_id)

    def _page(self, row: PaymentLink, form: SendForm | None = None) -> ResponseReturnValue:
        session, shown = read_session(), show.current()
        state = payment_links.state(session, clock.now(), row)
        seen = face.of(operations.merchant_of(session, row.merchant_id))
        message = link_words.share_words(row, seen.name, shown.money)
        wanted = PaymentFilter(link=row.public_id)
        text = self.render(
            "links/show.html",
            title=row.title,
            row=row,
            badge=link_words.BADGES[state],
            is_open=state is LinkState.ACTIVE,
            asks=link_words.amount_words(row, shown.money),
            kind=link_words.kind_word(row.kind),
            address=link_words.address(row.token),
            code=qr.draw(link_words.address(row.token), gettext("QR code of the link")),
            message=message,
            mail=link_words.mail(row, message),
            came=rows.came(session, [(row.id, row.merchant_id)]).get(row.id, rows.NOTHING),
            payments=payment_list.payments(session, wanted, Window(limit=LATEST)).rows,
            can_change=current_actor().may(Permission.LINKS_UPDATE),
            upload=_upload(session, row),
            **link_send.shown(session, row, form),
        )
        return text, form.status if form else 200

    @expose("/<string:public_id>/edit")
    @needs(Permission.LINKS_UPDATE)
    def edit(self, public_id: str) -> ResponseReturnValue:
        """Show the form of what may be changed of a link."""
        row = payment_links.get(read_session(), public_id)
        return self._change(link_form.of(row), row)

    @expose("/<string:public_id>/edit", methods=["POST"])
    @needs(Permission.LINKS_UPDATE)
    def update(self, public_id: str) -> ResponseReturnValue:
        """Change title and end of a link."""
        form = link_form.filled(request.form)
        row = payment_links.get(read_session(), public_id)
        try:
            until = link_form.read_end(form, row)
            link_acts.act(
                current_actor(),
                public_id,
                "update",
                lambda session, now: payment_links.update(
                    session, now, public_id, form.values["title"], until, form.version
                ),
            )
        except PayAgencyError as error:
            link_form.refuse(form, error)
            return self._change(form, row)
        flash(gettext("The link was changed."), "info")
        return _to_page(public_id)

    @expose("/<string:public_id>/off", methods=["POST"])
    @needs(Permission.LINKS_UPDATE)
    def switch_off(self, public_id: str) -> ResponseReturnValue:
        """Let nobody begin to pay by a link."""
        return _switch(public_id, "switch_off", payment_links.switch_off)

    @expose("/<string:public_id>/on", methods=["POST"])
    @needs(Permission.LINKS_UPDATE)
    def switch_on(self, public_id: str) -> ResponseReturnValue:
        """Let payers begin to pay by a link again."""
        return _switch(public_id, "switch_on", payment_links.switch_on)

    def _form(self, form: LinkForm) -> ResponseReturnValue:
        text = self.render(
            "links/form.html",
            title=gettext("New payment link"),
            form=form,
            labels=link_form.LABELS,
            asks=list(link_form.ASKS.items()),
            kinds=list(link_form.KINDS.items()),
            form_key=form_keys.issue(_MAKE),
            most=rules.MOST_PAYMENTS,
        )
        return text, form.status

    def _change(self, form: LinkForm, row: PaymentLink) -> ResponseReturnValue:
        text = self.render(
            "links/edit.html",
            title=gettext("Change the payment link"),
            form=form,
            row=row,
            labels=link_form.LABELS,
        )
        return text, form.status


def _upload(session: Session, row: PaymentLink) -> Any:
    may_see = current_actor().may(Permission.UPLOADS_READ)
    return payment_pages.upload_of_link(session, row) if may_see else None


def _switch(
    public_id: str, verb: str, write: Callable[[Session, datetime, str], PaymentLink]
) -> ResponseReturnValue:
    try:
        link_acts.act(
            current_actor(), public_id, verb, lambda session, now: write(session, now, public_id)
        )
    except PayAgencyError as error:
        flash(told(error), "danger")
    else:
        is_off = verb == "switch_off"
        off, on = gettext("The link is switched off."), gettext("The link is switched on.")
        flash(off if is_off else on, "info")
    return _to_page(public_id)


def _to_page(public_id: str) -> ResponseReturnValue:
    return redirect(url_for("PaymentLinksView.show", public_id=public_id), 303)


def _wanted() -> LinkFilter:
    first, before = lists.moments()
    return LinkFilter(
        now=clock.now(),
        created_from=first,
        created_before=before,
        merchant=lists.text("merchant"),
        title=lists.text("title"),
        upload=lists.text("upload"),
        kind=lists.one_of("kind", [kind.value for kind in rules.LinkKind]),
        states=lists.many_of("state", [state.value for state in LinkState]),
    )


def _find(window: Window) -> Slice:
    return _page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return rows.count(read_session(), _wanted())


def _page(session: Session, wanted: LinkFilter, window: Window) -> Slice:
    """Return a page of links, each with what came of it, read in one more statement."""
    found = rows.page(session, wanted, window)
    came = rows.came(session, [(row.id, row.merchant_id) for row in found.rows])
    shown = [_with(row, came.get(row.id, rows.NOTHING), wanted.now) for row in found.rows]
    return replace(found, rows=shown)


def _with(row: Any, came: rows.Came, now: datetime) -> SimpleNamespace:
    state = rules.state(
        now,
        paid=came.paid,
        most_payments=row.most_payments,
        expires_at=row.expires_at,
        switched_off_at=row.switched_off_at,
    )
    return SimpleNamespace(
        **row._asdict(), state=state, opened=came.opened, paid=came.paid, paid_minor=came.paid_minor
    )
