"""Webhook endpoints: the list, the form, the page of each, and what may be done to one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import flash, make_response, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.domain.permissions import Permission
from app.domain.webhooks_out import MOST_ENDPOINTS, EndpointState
from app.errors import PayAgencyError
from app.queries import webhooks_out as rows
from app.queries.listing import Window
from app.queries.webhooks_out import DeliveryFilter, EndpointFilter
from app.services.webhooks_out import endpoints
from app.views import form_keys, lists, payments_list, webhook_acts, webhook_form, webhook_words
from app.views.base import current_actor, needs, read_session
from app.views.lists import Column, Filter
from app.views.locales import told
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.models import WebhookEndpoint
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice
    from app.views.webhook_acts import Told
    from app.views.webhook_form import EndpointForm

LIST: Final = lists.List(
    name="webhook_endpoints",
    endpoint="WebhookEndpointsView.listed",
    columns=(
        lists.field("endpoint", lazy_gettext("Endpoint"), "public_id", usual=False),
        lists.field("url", lazy_gettext("Address"), "url", always=True),
        lists.merchant(),
        lists.field("description", lazy_gettext("Description"), "description"),
        Column(
            "events",
            lazy_gettext("What is told"),
            lambda row, _sheet: webhook_words.in_short(row.events),
        ),
        Column(
            "state",
            lazy_gettext("State"),
            lambda row, _sheet: str(webhook_words.endpoint_badge(row).word),
            always=True,
        ),
        lists.moment("failing", lazy_gettext("Failing since"), "failing_since", usual=False),
        lists.moment("made", lazy_gettext("Made"), "created_at"),
        lists.field("by", lazy_gettext("Made by"), "created_by", usual=False),
    ),
    filters=(
        Filter(
            "state", lazy_gettext("State"), lambda value: str(webhook_words.ENDPOINTS[value].word)
        ),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
    ),
)
LATEST: Final = 10
_MAKE: Final = "webhook-endpoint"


class WebhookEndpointsView(Screen):
    """`/webhook-endpoints/` and everything below it."""

    route_base = "/webhook-endpoints"
    class_permission_name = "webhooks"
    default_view = "listed"

    @expose("/")
    @needs(Permission.WEBHOOKS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the endpoints, newest first."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "webhooks/list.html",
            title=gettext("Webhooks"),
            listed=page,
            states=webhook_words.endpoint_choices(),
            badge_of=webhook_words.endpoint_badge,
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

    @expose("/new")
    @needs(Permission.WEBHOOKS_UPDATE)
    def new(self) -> ResponseReturnValue:
        """Show the empty form."""
        return self._form(webhook_form.empty())

    @expose("/new", methods=["POST"])
    @needs(Permission.WEBHOOKS_UPDATE)
    def create(self) -> ResponseReturnValue:
        """Make an endpoint, once for a form, and tell its secret in this answer only."""
        form = webhook_form.filled(request.form)
        try:
            key = form_keys.read(_MAKE)
            made = webhook_acts.create(current_actor(), key, webhook_form.read(form))
        except PayAgencyError as error:
            webhook_form.refuse(form, error)
            return self._form(form)
        return self._tell(made)

    @expose("/<string:public_id>")
    @needs(Permission.WEBHOOKS_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one endpoint with its latest deliveries; its secret is never shown again."""
        session = read_session()
        row = endpoints.get(session, public_id)
        found = rows.deliveries(session, DeliveryFilter(endpoint=public_id), Window(limit=LATEST))
        can_change = current_actor().may(Permission.WEBHOOKS_UPDATE)
        return self.render(
            "webhooks/show.html",
            title=row.description or row.url,
            row=row,
            badge=webhook_words.endpoint_badge(row),
            events=row.events.split(),
            event_word=webhook_words.event_word,
            deliveries=found.rows,
            badge_of=webhook_words.delivery_badge,
            former_until=_former_until(row),
            resend=rows.last_resend(session, row.id),
            is_enabled=row.state == EndpointState.ENABLED,
            can_change=can_change,
            form_key=form_keys.issue(_rotating(public_id)) if can_change else "",
            overlaps=list(webhook_words.OVERLAPS.items()),
            usual_overlap=webhook_words.USUAL_OVERLAP,
            which=list(webhook_words.WHICH.items()),
        )

    @expose("/<string:public_id>/edit")
    @needs(Permission.WEBHOOKS_UPDATE)
    def edit(self, public_id: str) -> ResponseReturnValue:
        """Show the form of an endpoint as it stands."""
        row = endpoints.get(read_session(), public_id)
        return self._form(webhook_form.of(row), row)

    @expose("/<string:public_id>/edit", methods=["POST"])
    @needs(Permission.WEBHOOKS_UPDATE)
    def update(self, public_id: str) -> ResponseReturnValue:
        """Change an endpoint."""
        form = webhook_form.filled(request.form)
        row = endpoints.get(read_session(), public_id)
        try:
            wanted = webhook_form.read(form)
            webhook_acts.update(current_actor(), public_id, wanted, form.version)
        except PayAgencyError as error:
            webhook_form.refuse(form, error)
            return self._form(form, row)
        flash(gettext("The endpoint was changed."), "info")
        return to_page(public_id)

    @expose("/<string:public_id>/rotate", methods=["POST"])
    @needs(Permission.WEBHOOKS_UPDATE)
    def rotate(self, public_id: str) -> ResponseReturnValue:
        """Make another secret, once for a form, and tell it in this answer only."""
        row = endpoints.get(read_session(), public_id)
        overlap = webhook_words.overlap(request.form.get("overlap", ""))
        try:
            key = form_keys.read(_rotating(public_id))
            made = webhook_acts.rotate(current_actor(), key, row, overlap)
        except PayAgencyError as error:
            flash(told(error), "danger")
            return to_page(public_id)
        return self._tell(made)

    def _form(self, form: EndpointForm, row: WebhookEndpoint | None = None) -> ResponseReturnValue:
        text = self.render(
            "webhooks/form.html",
            title=gettext("Change the endpoint") if row else gettext("New endpoint"),
            form=form,
            row=row,
            labels=webhook_form.LABELS,
            families=webhook_words.families(),
            form_key="" if row else form_keys.issue(_MAKE),
            most=MOST_ENDPOINTS,
        )
        return text, form.status

    def _tell(self, made: Told) -> ResponseReturnValue:
        """Show the secret, or on a form that had been sent before that nobody has it any more."""
        row = endpoints.get(read_session(), made.public_id)
        text = self.render(
            "webhooks/secret.html",
            title=gettext("The signing secret") if made.secret else gettext("Made already"),
            row=row,
            former_until=_former_until(row),
            secret=made.secret,
        )
        answer = make_response(text)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def to_page(public_id: str) -> ResponseReturnValue:
    """Lead to the page of an endpoint."""
    return redirect(url_for("WebhookEndpointsView.show", public_id=public_id), 303)


def _former_until(row: WebhookEndpoint) -> object:
    """Return until when the former secret signs; None where it does not any more."""
    until = row.former_until
    return until if until is not None and until > clock.now() else None


def _rotating(public_id: str) -> str:
    return f"rotate:{public_id}"


def _wanted() -> EndpointFilter:
    return EndpointFilter(
        merchant=lists.text("merchant"), states=lists.many_of("state", rows.STATES)
    )


def _find(window: Window) -> Slice:
    return rows.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return rows.count(read_session(), _wanted())
