"""Applications of merchants: the list, one with what it says, approving it and rejecting it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext
from sqlalchemy.exc import IntegrityError

from app.adapters import clock
from app.adapters.crypto import blind_index
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.applications import TEST_CAPABILITIES, ApplicationState
from app.domain.permissions import Permission
from app.errors import BadInputError, NotFoundError, PayAgencyError, said
from app.models import Merchant
from app.queries import applications as rows
from app.queries import records as record_rows
from app.queries.applications import ApplicationFilter
from app.services import applications, records, refusals
from app.services.applications import Terms
from app.services.sign_up import EMAIL, OBJECT
from app.views import application_words, codes, lists
from app.views.base import current_actor, needs, read_session
from app.views.forms import faults_of, sentence
from app.views.lists import Column, Filter
from app.views.locales import LANGUAGES, told
from app.views.record_values import country_name, currency_name
from app.views.show import Screen
from app.views.suggestions import countries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import MerchantApplication
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window

LIST: Final = lists.List(
    name="applications",
    endpoint="ApplicationsView.listed",
    columns=(
        lists.moment("received", lazy_gettext("Received"), "created_at", always=True),
        lists.field("business", lazy_gettext("Business"), "business", always=True),
        Column("country", lazy_gettext("Country"), lambda row, _sheet: country_name(row.country)),
        lists.field("currency", lazy_gettext("Currency"), "default_currency"),
        Column(
            "state",
            lazy_gettext("State"),
            lambda row, _sheet: application_words.state_word(row.state),
        ),
        lists.field("sells", lazy_gettext("Sells"), "sells"),
        lists.field("website", lazy_gettext("Website"), "website", usual=False),
        Column("email", lazy_gettext("E-mail"), lambda row, _sheet: row.email or "", usual=False),
        lists.moment("proved", lazy_gettext("Address proved"), "confirmed_at", usual=False),
        lists.field("by", lazy_gettext("Decided by"), "decided_by"),
        lists.moment("decided", lazy_gettext("Decided"), "decided_at", usual=False),
        lists.field("id", lazy_gettext("Application"), "public_id", usual=False),
    ),
    filters=(
        Filter("state", lazy_gettext("State"), application_words.state_word),
        Filter("country", lazy_gettext("Country"), country_name),
        Filter("business", lazy_gettext("Business")),
        Filter("email", lazy_gettext("E-mail")),
    ),
)
_LABELS: Final = {
    "key": lazy_gettext("Short name"),
    "name": lazy_gettext("Name"),
    "country": lazy_gettext("Country"),
    "default_currency": lazy_gettext("Currency"),
    "timezone": lazy_gettext("Time zone"),
}


class ApplicationsView(Screen):
    """`/applications/` and everything below it."""

    route_base = "/applications"
    class_permission_name = "applications"
    default_view = "listed"

    @expose("/")
    @needs(Permission.APPLICATIONS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the applications, newest first."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "applications/list.html",
            title=gettext("Applications"),
            listed=page,
            states=[(state, str(badge.word)) for state, badge in application_words.STATES.items()],
            badges=application_words.STATES,
            countries=countries(),
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.APPLICATIONS_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.APPLICATIONS_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list as a file."""
        wanted = _wanted()
        return lists.download(LIST, lambda session, window: rows.page(session, wanted, window))

    @expose("/<string:public_id>")
    @needs(Permission.APPLICATIONS_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one application, and to those who decide the form of its approval."""
        return self._page(_get(public_id))

    @expose("/<string:public_id>/approve", methods=["POST"])
    @needs(Permission.APPLICATIONS_DECIDE)
    def approve(self, public_id: str) -> ResponseReturnValue:
        """Take the business on; what cannot be kept is said at its field."""
        typed = {name: request.form.get(name, "").strip() for name in _LABELS}
        terms = Terms(
            key=typed["key"],
            name=typed["name"],
            country=typed["country"],
            currency=typed["default_currency"],
            timezone=typed["timezone"],
        )
        return self._decided(
            public_id,
            "approve",
            lambda session: applications.approve(session, clock.now(), public_id, terms),
            gettext(
                "%(name)s was taken on. Its owner is mailed an invitation, and can make test"
                " payments at once.",
                name=typed["name"],
            ),
            typed,
        )

    @expose("/<string:public_id>/reject", methods=["POST"])
    @needs(Permission.APPLICATIONS_DECIDE)
    def reject(self, public_id: str) -> ResponseReturnValue:
        """Turn the business down, and mail it why."""
        reason = request.form.get("reason", "")
        return self._decided(
            public_id,
            "reject",
            lambda session: applications.reject(session, clock.now(), public_id, reason),
            gettext("It was rejected. The applicant is mailed your reason."),
        )

    def _decided(
        self,
        public_id: str,
        verb: str,
        act: Callable[[Session], object],
        done: str,
        typed: Mapping[str, str] | None = None,
    ) -> ResponseReturnValue:
        """Decide once: an application is its own key. What is refused leaves a trace."""
        # What an approval grants stands in the test book, whichever is open.
        actor = replace(current_actor(), livemode=False)
        release_reads()
        try:
            with refusals.audited(
                actor, action=f"applications.{verb}", object_type=OBJECT, object_id=public_id
            ):
                _once(actor, act)
        except BadInputError as error:
            page = self._page(_get(public_id), typed, {error.place: sentence(error)})
            return page, error.status
        except NotFoundError:
            raise
        except PayAgencyError as error:
            flash(told(error), "danger")
        else:
            flash(done, "success")
        return redirect(url_for("ApplicationsView.show", public_id=public_id), 303)

    def _page(
        self,
        row: MerchantApplication,
        typed: Mapping[str, str] | None = None,
        errors: Mapping[str, str] | None = None,
    ) -> str:
        faults = dict(errors or {})
        refused = faults.pop("reason", "")
        is_waiting = row.state == ApplicationState.WAITING
        can_decide = is_waiting and current_actor().may(Permission.APPLICATIONS_DECIDE)
        found = record_rows.by_keys(read_session(), Merchant, [row.merchant_id or 0])
        return self.render(
            "applications/show.html",
            title=row.business,
            row=row,
            badge=application_words.STATES[row.state],
            country=country_name(row.country),
            currency=currency_name(row.default_currency),
            language=LANGUAGES.get(row.locale, row.locale),
            merchant=found[0] if found else None,
            others=rows.same_address(read_session(), row),
            can_decide=can_decide,
            refused=refused,
            typed=(typed or _proposed(row)) if can_decide else {},
            errors=faults,
            faults=faults_of(faults, _LABELS),
            labels=_LABELS,
            countries=countries(),
            granted=[str(codes.CAPABILITIES[kind]) for kind in TEST_CAPABILITIES],
        )


@retry_when_busy
def _once(actor: Actor, act: Callable[[Session], object]) -> None:
    try:
        with unit_of_work(actor) as session:
            act(session)
    except IntegrityError as error:
        raise records.conflict(error) from error


def _proposed(row: MerchantApplication) -> dict[str, str]:
    return {
        "key": applications.suggested_key(read_session(), row.business),
        "name": row.business,
        "country": row.country,
        "default_currency": row.default_currency,
        "timezone": row.timezone,
    }


def _get(public_id: str) -> MerchantApplication:
    row = rows.get(read_session(), public_id)
    if row is None:
        raise NotFoundError(said("There is no application {id}.", id=public_id))
    return row


def _wanted() -> ApplicationFilter:
    first, before = lists.moments()
    address = lists.text("email")
    return ApplicationFilter(
        created_from=first,
        created_before=before,
        states=lists.many_of("state", list(ApplicationState)),
        country=lists.one_of("country", [code for code, _ in countries()]),
        business=lists.text("business"),
        email_index=blind_index(address, EMAIL) if address else b"",
    )


def _find(window: Window) -> Slice:
    return rows.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return rows.count(read_session(), _wanted())
