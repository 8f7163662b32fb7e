"""API keys: the list, the form, the one page that tells a secret, and the page of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import flash, make_response, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.domain.api_keys import MOST_LIVING, KeyState
from app.domain.permissions import Permission
from app.errors import PayAgencyError
from app.queries import api_keys as rows
from app.queries.api_keys import KeyFilter
from app.services import api_keys
from app.views import form_keys, key_acts, key_form, key_words, lists, payments_list
from app.views.base import current_actor, needs, read_session
from app.views.forms import sentence
from app.views.lists import Column, Filter
from app.views.locales import told
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window
    from app.views.key_acts import Told
    from app.views.key_form import KeyForm

LIST: Final = lists.List(
    name="api_keys",
    endpoint="ApiKeysView.listed",
    columns=(
        lists.field("key", lazy_gettext("API key"), "public_id", usual=False),
        lists.field("name", lazy_gettext("Name"), "name", always=True),
        lists.field("prefix", lazy_gettext("Begins with"), "prefix", always=True),
        lists.merchant(),
        Column(
            "scopes",
            lazy_gettext("What the key may do"),
            lambda row, _sheet: key_words.in_short(row.scopes),
        ),
        Column(
            "state",
            lazy_gettext("State"),
            lambda row, _sheet: key_words.state_word(key_words.state_of(row)),
        ),
        lists.moment("used", lazy_gettext("Last used"), "last_used_at"),
        lists.moment("expires", lazy_gettext("Expires"), "expires_at"),
        lists.moment("made", lazy_gettext("Made"), "created_at", usual=False),
        lists.field("by", lazy_gettext("Made by"), "created_by", usual=False),
    ),
    filters=(
        Filter("state", lazy_gettext("State"), key_words.state_word),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
    ),
)
_MAKE: Final = "api-key"


class ApiKeysView(Screen):
    """`/api-keys/` and everything below it."""

    route_base = "/api-keys"
    class_permission_name = "keys"
    default_view = "listed"

    @expose("/")
    @needs(Permission.KEYS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the keys, newest first."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "api_keys/list.html",
            title=gettext("API keys"),
            listed=page,
            states=[(state.value, badge.word) for state, badge in key_words.BADGES.items()],
            badge_of=lambda row: key_words.BADGES[key_words.state_of(row)],
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.KEYS_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.KEYS_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list as a file."""
        wanted = _wanted()
        return lists.download(LIST, lambda session, window: rows.page(session, wanted, window))

    @expose("/new")
    @needs(Permission.KEYS_UPDATE)
    def new(self) -> ResponseReturnValue:
        """Show the empty form."""
        return self._form(key_form.empty())

    @expose("/new", methods=["POST"])
    @needs(Permission.KEYS_UPDATE)
    def create(self) -> ResponseReturnValue:
        """Make a key, once for a form, and tell its secret in this answer only."""
        form = key_form.filled(request.form)
        try:
            key = form_keys.read(_MAKE)
            told_once = key_acts.create(current_actor(), key, key_form.read(form))
        except PayAgencyError as error:
            key_form.refuse(form, error)
            return self._form(form)
        return self._tell(told_once)

    @expose("/<string:public_id>")
    @needs(Permission.KEYS_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one key; its secret is not known any more."""
        return self._page(public_id)

    @expose("/<string:public_id>/roll", methods=["POST"])
    @needs(Permission.KEYS_UPDATE)
    def roll(self, public_id: str) -> ResponseReturnValue:
        """Make the key that follows, once for a form, and tell its secret in this answer only."""
        row = api_keys.get(read_session(), public_id)
        overlap = key_words.overlap(request.form.get("overlap", ""))
        try:
            key = form_keys.read(_rolling(public_id))
            told_once = key_acts.roll(current_actor(), key, row, overlap)
        except PayAgencyError as error:
            flash(told(error), "danger")
            return _to_page(public_id)
        return self._tell(told_once, public_id)

    @expose("/<string:public_id>/revoke", methods=["POST"])
    @needs(Permission.KEYS_UPDATE)
    def revoke(self, public_id: str) -> ResponseReturnValue:
        """Let a key end at once."""
        row = api_keys.get(read_session(), public_id)
        try:
            key_acts.revoke(current_actor(), row, request.form.get("reason", ""))
        except PayAgencyError as error:
            if error.data.get("place") == "reason":
                return self._page(public_id, sentence(error)), error.status
            flash(told(error), "danger")
        else:
            flash(gettext("The key was revoked. It is refused from now on."), "info")
        return _to_page(public_id)

    def _page(self, public_id: str, refused: str = "") -> str:
        """Show one key; `refused` says why it could not be revoked."""
        row = api_keys.get(read_session(), public_id)
        state = key_words.state_of(row)
        can_change = key_words.works(row) and current_actor().may(Permission.KEYS_UPDATE)
        return self.render(
            "api_keys/show.html",
            title=row.name,
            row=row,
            badge=key_words.BADGES[state],
            has_ended=state is KeyState.ENDED,
            scopes=key_words.scope_words(row.scopes),
            networks=row.networks.splitlines(),
            can_revoke=can_change,
            can_roll=can_change and state is KeyState.ACTIVE,
            form_key=form_keys.issue(_rolling(public_id)) if can_change else "",
            overlaps=list(key_words.OVERLAPS.items()),
            usual_overlap=key_words.USUAL_OVERLAP,
            refused=refused,
        )

    def _form(self, form: KeyForm) -> ResponseReturnValue:
        text = self.render(
            "api_keys/form.html",
            title=gettext("New API key"),
            form=form,
            labels=key_form.LABELS,
            scopes=list(key_words.SCOPES.items()),
            form_key=form_keys.issue(_MAKE),
            most=MOST_LIVING,
        )
        return text, form.status

    def _tell(self, made: Told, followed: str = "") -> ResponseReturnValue:
        """Show the secret, or on a form that had been sent before that nobody has it any more."""
        old = api_keys.get(read_session(), followed) if followed else None
        text = self.render(
            "api_keys/secret.html",
            title=gettext("The new API key") if made.secret else gettext("Made already"),
            row=api_keys.get(read_session(), made.public_id),
            old=old,
            old_works=old is not None and key_words.works(old),
            secret=made.secret,
        )
        answer = make_response(text)
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _rolling(public_id: str) -> str:
    return f"roll:{public_id}"


def _to_page(public_id: str) -> ResponseReturnValue:
    return redirect(url_for("ApiKeysView.show", public_id=public_id), 303)


def _wanted() -> KeyFilter:
    return KeyFilter(
        now=clock.now(),
        merchant=lists.text("merchant"),
        states=lists.many_of("state", list(KeyState)),
    )


def _find(window: Window) -> Slice:
    return rows.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return rows.count(read_session(), _wanted())
