"""A team: who works for a merchant, who was invited, inviting, taking back, removing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.card_numbers import scrub_text
from app.domain.permissions import MERCHANT_ROLES, Permission
from app.domain.person_tokens import InvitationState, roles_to_give
from app.errors import BadInputError, NotFoundError, PayAgencyError, said
from app.queries import actors, person_tokens
from app.queries.person_tokens import InvitationFilter
from app.services import invitations
from app.services.person_links import state_of
from app.views import lists, payments_list, team_words
from app.views.base import current_actor, needs, read_session
from app.views.forms import sentence
from app.views.lists import Column, Filter
from app.views.locales import told
from app.views.role_words import role_word
from app.views.show import Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window

LIST: Final = lists.List(
    name="invitations",
    endpoint="TeamView.listed",
    columns=(
        lists.field("email", lazy_gettext("E-mail"), "email", always=True),
        lists.merchant(),
        Column("role", lazy_gettext("Role"), lambda row, _sheet: role_word(row.role)),
        Column(
            "state",
            lazy_gettext("State"),
            lambda row, _sheet: team_words.invitation_word(state_of(row, clock.now())),
        ),
        lists.moment("made", lazy_gettext("Invited"), "created_at"),
        lists.field("by", lazy_gettext("By"), "invited_by"),
        lists.moment("expires", lazy_gettext("Works until"), "expires_at", usual=False),
        lists.field("id", lazy_gettext("Invitation"), "public_id", usual=False),
    ),
    filters=(
        Filter("state", lazy_gettext("State"), team_words.invitation_word),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
    ),
)
_FIELDS: Final = {
    "email": lazy_gettext("E-mail"),
    "role": lazy_gettext("Role"),
    "merchant": lazy_gettext("Merchant"),
}


class TeamView(Screen):
    """`/team/` and everything below it."""

    route_base = "/team"
    class_permission_name = "team"
    default_view = "listed"

    @expose("/")
    @needs(Permission.TEAM_READ)
    def listed(self) -> ResponseReturnValue:
        """Show the members of a merchant, and a page of the invitations, newest first."""
        page = lists.read(_find, LIST, count=_count)
        actor, now = current_actor(), clock.now()
        members = (
            person_tokens.members(read_session(), actor.merchant_id) if actor.merchant_id else None
        )
        text = self.render(
            "team/list.html",
            title=gettext("Team"),
            listed=page,
            members=members,
            role_word=role_word,
            own_id=actor.user_id,
            states=[(state, str(badge.word)) for state, badge in team_words.INVITATIONS.items()],
            badge_of=lambda row: team_words.invitation_badge(row, now),
            is_pending=lambda row: state_of(row, now) is InvitationState.PENDING,
            can_invite=bool(roles_to_give(actor)),
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.TEAM_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.TEAM_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list of invitations as a file."""
        wanted = _wanted()
        return lists.download(
            LIST, lambda session, window: person_tokens.page(session, wanted, window)
        )

    @expose("/invite")
    @needs(Permission.TEAM_UPDATE)
    def new(self) -> ResponseReturnValue:
        """Show the empty form, with the merchant that a link names."""
        return self._form({"merchant": scrub_text(request.args.get("merchant", ""))}, {}), 200

    @expose("/invite", methods=["POST"])
    @needs(Permission.TEAM_UPDATE)
    def invite(self) -> ResponseReturnValue:
        """Invite somebody; a second press ends the first invitation and sends another."""
        typed = {name: request.form.get(name, "").strip() for name in _FIELDS}
        actor = current_actor()
        try:
            merchant_id = _merchant_id(actor, typed["role"], typed["merchant"])
            _do(
                lambda session: invitations.invite(
                    session,
                    clock.now(),
                    email=typed["email"],
                    role=typed["role"],
                    merchant_id=merchant_id,
                )
            )
        except BadInputError as error:
            return self._form(typed, {error.place: sentence(error)}), error.status
        except PayAgencyError as error:
            return self._form(typed, {"": told(error)}), error.status
        flash(
            gettext("%(email)s was invited, and is mailed a link.", email=typed["email"]), "success"
        )
        return _to_team()

    @expose("/invitations/<string:public_id>/revoke", methods=["POST"])
    @needs(Permission.TEAM_UPDATE)
    def revoke(self, public_id: str) -> ResponseReturnValue:
        """Take an invitation back."""
        return _told(
            lambda session: invitations.revoke(session, clock.now(), public_id),
            gettext("The invitation was taken back. Its link does not work any more."),
        )

    @expose("/members/<string:username>/remove", methods=["POST"])
    @needs(Permission.TEAM_UPDATE)
    def remove(self, username: str) -> ResponseReturnValue:
        """Let somebody act for the merchant no longer."""
        return _told(
            lambda session: invitations.remove_member(session, clock.now(), username),
            gettext("%(name)s does not work here any more.", name=username),
        )

    def _form(self, typed: dict[str, str], errors: dict[str, str]) -> str:
        actor = current_actor()
        roles = [(role.value, role_word(role)) for role in roles_to_give(actor)]
        return self.render(
            "team/invite.html",
            title=gettext("Invite somebody"),
            typed=typed,
            errors=errors,
            faults=[
                (place, f"{_FIELDS[place]}: {text}") if place in _FIELDS else ("", text)
                for place, text in errors.items()
            ],
            labels=_FIELDS,
            roles=roles,
            chosen=typed.get("role") or roles[-1][0],
        )


def _merchant_id(actor: Actor, role: str, key: str) -> int | None:
    """Return the merchant to invite to: one's own, or of the house's people the one typed."""
    if actor.merchant_id is not None:
        return actor.merchant_id
    if not key:
        if role in MERCHANT_ROLES:
            raise BadInputError("merchant", said("is missing."), said("Write its short name."))
        return None
    found = actors.merchant_by_key(read_session(), key)
    if found is None:
        raise BadInputError("merchant", said("is unknown."), said("Write its short name."))
    return found.id


def _do(change: Callable[[Session], object]) -> None:
    actor = current_actor()
    release_reads()

    def once() -> None:
        with unit_of_work(actor) as session:
            change(session)

    retry_when_busy(once)()


def _told(change: Callable[[Session], object], done: str) -> ResponseReturnValue:
    try:
        _do(change)
    except NotFoundError:
        raise
    except PayAgencyError as error:
        flash(told(error), "danger")
    else:
        flash(done, "info")
    return _to_team()


def _to_team() -> ResponseReturnValue:
    return redirect(url_for("TeamView.listed"), 303)


def _wanted() -> InvitationFilter:
    return InvitationFilter(
        now=clock.now(),
        states=lists.many_of("state", list(InvitationState)),
        merchant=lists.text("merchant"),
    )


def _find(window: Window) -> Slice:
    return person_tokens.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return person_tokens.count(read_session(), _wanted())
