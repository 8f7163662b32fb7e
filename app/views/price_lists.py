"""Price lists: what merchants pay, version by version, and what an amount would cost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.currencies import parse_currency
from app.domain.permissions import Permission
from app.errors import PayAgencyError
from app.queries import prices
from app.queries.prices import ListFilter, Stage
from app.services import prices as price_lists
from app.services.approvals import requests
from app.views import (
    codes,
    lists,
    payments_list,
    price_calculator,
    price_form,
    price_page,
    show,
)
from app.views.base import current_actor, needs, read_session
from app.views.forms import sentence
from app.views.lists import Column, Filter
from app.views.locales import told
from app.views.show import Screen

if TYPE_CHECKING:
    from typing import Any

    from flask.typing import ResponseReturnValue

    from app.domain.actors import Actor
    from app.domain.fees import ListTerms
    from app.models import PriceList
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window
    from app.views.price_form import PriceForm


def _stage(row: Any) -> Stage:
    return prices.stage_of(row.state, row.effective_from, row.next_from, clock.now())


def _stage_word(stage: str) -> str:
    return str(price_page.BADGES[Stage(stage)].word)


LIST: Final = lists.List(
    name="price_lists",
    endpoint="PriceListsView.listed",
    columns=(
        lists.field("list", lazy_gettext("Price list"), "public_id", always=True),
        lists.merchant(),
        lists.field("currency", lazy_gettext("Currency"), "currency", always=True),
        Column("stage", lazy_gettext("State"), lambda row, _sheet: _stage_word(_stage(row))),
        lists.moment("begins", lazy_gettext("In force from"), "effective_from"),
        lists.moment("ends", lazy_gettext("Until"), "next_from"),
        lists.moment("drafted", lazy_gettext("Drafted"), "created_at", usual=False),
        lists.field("by", lazy_gettext("Drafted by"), "created_by", usual=False),
    ),
    filters=(
        Filter("stage", lazy_gettext("State"), _stage_word),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
        Filter("currency", lazy_gettext("Currency"), str.upper),
    ),
)


class PriceListsView(Screen):
    """`/price-lists/` and everything below it."""

    route_base = "/price-lists"
    class_permission_name = "prices"
    default_view = "listed"

    @expose("/")
    @needs(Permission.PRICES_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the price lists, newest first."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "price_lists/list.html",
            title=gettext("Price lists"),
            listed=page,
            stages=[
                (stage.value, badge.word)
                for stage, badge in price_page.BADGES.items()
                if stage is not Stage.DRAFT or show.current().is_staff
            ],
            badge_of=lambda row: price_page.BADGES[_stage(row)],
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.PRICES_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.PRICES_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list as a file."""
        wanted = _wanted()
        return lists.download(LIST, lambda session, window: prices.page(session, wanted, window))

    @expose("/calculator")
    @needs(Permission.PRICES_READ)
    def calculator(self) -> ResponseReturnValue:
        """Say what an amount would cost, line by line."""
        page = price_calculator.calculate(read_session(), current_actor(), request.args)
        text = self.render(
            "price_lists/calculator.html",
            title=gettext("Fee calculator"),
            page=page,
            labels=price_calculator.LABELS,
            methods=list(codes.METHODS.items()),
        )
        return text, page.status

    @expose("/new")
    @needs(Permission.PRICES_UPDATE)
    def new(self) -> ResponseReturnValue:
        """Show the empty form."""
        form = price_form.filled({"merchant": lists.text("merchant"), "returns_fee": "none"})
        return self._form(form)

    @expose("/new", methods=["POST"])
    @needs(Permission.PRICES_UPDATE)
    def create(self) -> ResponseReturnValue:
        """Keep a draft, or show the form with another row."""
        form = price_form.filled(request.form)
        if price_form.MORE in request.form:
            form.add_row(request.form[price_form.MORE])
            return self._form(form)
        wanted = price_form.read(form)
        try:
            merchant_id = price_calculator.merchant_named(
                read_session(), form.values.get("merchant", "")
            )
            if wanted is None:
                return self._form(form)
            public_id = retry_when_busy(_draft)(current_actor(), merchant_id, wanted)
        except PayAgencyError as error:
            price_form.refuse(form, error)
            return self._form(form)
        flash(gettext("The draft is kept. It counts for nothing until it is published."), "info")
        return _to_page(public_id)

    @expose("/<string:public_id>")
    @needs(Permission.PRICES_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one price list."""
        return self._page(public_id)

    @expose("/<string:public_id>/change")
    @needs(Permission.PRICES_UPDATE)
    def change_form(self, public_id: str) -> ResponseReturnValue:
        """Show a draft as it was typed."""
        row = price_lists.get(read_session(), public_id)
        return self._form(price_form.of_terms(price_lists.terms(read_session(), row)), row)

    @expose("/<string:public_id>/change", methods=["POST"])
    @needs(Permission.PRICES_UPDATE)
    def change(self, public_id: str) -> ResponseReturnValue:
        """Keep a draft anew, or show its form with another row."""
        row = price_lists.get(read_session(), public_id)
        form = price_form.filled(request.form)
        if price_form.MORE in request.form:
            form.add_row(request.form[price_form.MORE])
            return self._form(form, row)
        wanted = price_form.read(form)
        if wanted is None:
            return self._form(form, row)
        try:
            retry_when_busy(_change)(current_actor(), public_id, wanted)
        except PayAgencyError as error:
            price_form.refuse(form, error)
            return self._form(form, price_lists.get(read_session(), public_id))
        flash(gettext("The draft is kept. It counts for nothing until it is published."), "info")
        return _to_page(public_id)

    @expose("/<string:public_id>/discard", methods=["POST"])
    @needs(Permission.PRICES_UPDATE)
    def discard(self, public_id: str) -> ResponseReturnValue:
        """Throw a draft away."""
        try:
            retry_when_busy(_discard)(current_actor(), public_id)
        except PayAgencyError as error:
            flash(told(error), "danger")
            return _to_page(public_id)
        flash(gettext("The draft was discarded."), "info")
        return redirect(url_for("PriceListsView.listed"), 303)

    @expose("/<string:public_id>/publish", methods=["POST"])
    @needs(Permission.PRICES_UPDATE)
    def publish(self, public_id: str) -> ResponseReturnValue:
        """Ask for a draft to count from its moment on; another person decides."""
        try:
            retry_when_busy(_propose)(current_actor(), public_id, request.form.get("reason", ""))
        except PayAgencyError as error:
            if error.data.get("place") == "reason":
                return self._page(public_id, sentence(error)), error.status
            flash(told(error), "danger")
        else:
            flash(
                gettext("A second person has to approve it. Until then the prices in force stay."),
                "info",
            )
        return _to_page(public_id)

    def _page(self, public_id: str, refused: str = "") -> str:
        """Show one list; `refused` says why its publication could not be asked for."""
        row = price_lists.get(read_session(), public_id)
        page = price_page.build(read_session(), current_actor(), row, clock.now())
        return self.render(
            "price_lists/show.html",
            title=gettext(
                "Prices of %(merchant)s in %(currency)s",
                merchant=page.merchant,
                currency=row.currency,
            ),
            page=page,
            row=row,
            badges=price_page.BADGES,
            facts=price_page.facts(page.terms),
            rule_name=price_page.rule_name,
            rate_words=price_page.rate_words,
            refused=refused,
        )

    def _form(self, form: PriceForm, row: PriceList | None = None) -> ResponseReturnValue:
        text = self.render(
            "price_lists/form.html",
            title=gettext("Change a draft") if row else gettext("New price list"),
            form=form,
            row=row,
            labels=price_form.LABELS,
            of_rule=price_form.OF_RULE,
            of_tier=price_form.OF_TIER,
            returned=list(price_form.RETURNED.items()),
            methods=list(codes.METHODS.items()),
        )
        return text, form.status


def _propose(actor: Actor, public_id: str, reason: str) -> None:
    """Ask a second person to publish a list."""
    release_reads()
    with unit_of_work(actor) as session:
        price_lists.propose(session, clock.now(), public_id, reason, requests.request)


def _draft(actor: Actor, merchant_id: int, wanted: ListTerms) -> str:
    release_reads()
    with unit_of_work(actor) as session:
        return price_lists.draft(session, clock.now(), merchant_id, wanted).public_id


def _change(actor: Actor, public_id: str, wanted: ListTerms) -> None:
    release_reads()
    with unit_of_work(actor) as session:
        price_lists.change(session, clock.now(), public_id, wanted)


def _discard(actor: Actor, public_id: str) -> None:
    release_reads()
    with unit_of_work(actor) as session:
        price_lists.discard(session, clock.now(), public_id)


def _to_page(public_id: str) -> ResponseReturnValue:
    return redirect(url_for("PriceListsView.show", public_id=public_id), 303)


def _wanted() -> ListFilter:
    currency = lists.text("currency")
    return ListFilter(
        now=clock.now(),
        merchant=lists.text("merchant"),
        currency=parse_currency(currency) if currency else "",
        stages=lists.many_of("stage", list(Stage)),
    )


def _find(window: Window) -> Slice:
    return prices.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return prices.count(read_session(), _wanted())
