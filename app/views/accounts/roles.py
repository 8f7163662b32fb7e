"""Roles, read-only: they are data, written in app/domain/permissions.py."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from flask import url_for
from flask_appbuilder.views import expose
from flask_babel import lazy_gettext

from app.domain.permissions import PURPOSES, WORDS, Permission, RoleName, from_fab_pair
from app.queries import accounts
from app.views.base import current_actor, needs, read_session
from app.views.locales import translate
from app.views.role_words import AREAS, role_word
from app.views.show import Screen

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.models.accounts import Role

_ORDER = list(RoleName)


@dataclass(frozen=True, slots=True)
class HeldRole:
    """A role as it stands in the database: what it is for, what it may do, how many have it."""

    name: str
    word: str
    purpose: str
    permissions: frozenset[Permission]
    holders: int
    href: str

    def may(self, permission: Permission) -> bool:
        """Answer whether it holds a permission."""
        return permission in self.permissions


@dataclass(frozen=True, slots=True)
class Area:
    """Permissions about one thing, each with its words."""

    word: str
    permissions: Sequence[tuple[Permission, str]]

    def held(self, role: HeldRole) -> list[str]:
        """Return the words of what a role may do here."""
        return [words for permission, words in self.permissions if role.may(permission)]


class RolesView(Screen):
    """Which role may do what, as it stands in the database."""

    route_base = "/roles"
    default_view = "list"
    class_permission_name = "roles"

    @expose("/")
    @needs(Permission.ROLES_READ)
    def list(self) -> str:
        """Show what each role is for, who has it, and what it may do."""
        session = read_session()
        holders = accounts.holders(session)
        found = [_held(role, holders.get(role.name, 0)) for role in accounts.roles(session)]
        return self.render(
            "accounts/roles.html",
            title=lazy_gettext("Roles"),
            roles=sorted(found, key=_rank),
            areas=_areas(),
        )


def _rank(role: HeldRole) -> int:
    return _ORDER.index(RoleName(role.name)) if role.name in _ORDER else len(_ORDER)


def _held(role: Role, holders: int) -> HeldRole:
    pairs = (from_fab_pair(pair.permission.name, pair.view_menu.name) for pair in role.permissions)
    may_look = current_actor().may(Permission.USERS_READ)
    arguments = {"_flt_0_roles": role.name, "_flt_0_active": "yes"}
    return HeldRole(
        name=role.name,
        word=role_word(role.name),
        purpose=translate(PURPOSES.get(role.name, "")),
        permissions=frozenset(pair for pair in pairs if pair is not None),
        holders=holders,
        href=url_for("UsersView.list", **arguments) if may_look and holders else "",
    )


def _areas() -> list[Area]:
    return [
        Area(str(AREAS.get(area, area)), [(each, translate(WORDS[each])) for each in permissions])
        for area, permissions in groupby(Permission, key=lambda each: each.partition(":")[0])
    ]
