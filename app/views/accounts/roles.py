"""Roles, read-only: they are data, written in app/domain/permissions.py."""

from __future__ import annotations

from flask_appbuilder.views import expose

from app.domain.permissions import WORDS, Permission, from_fab_pair
from app.queries import accounts
from app.views.base import Page, needs, read_session


class RolesView(Page):
    """Which role may do what, as it stands in the database."""

    route_base = "/roles"
    default_view = "list"
    class_permission_name = "roles"

    @expose("/")
    @needs(Permission.ROLES_READ)
    def list(self) -> str:
        """Show one table: a line for each permission, a column for each role."""
        roles = accounts.roles(read_session())
        held = {
            role.name: {
                from_fab_pair(pair.permission.name, pair.view_menu.name)
                for pair in role.permissions
            }
            for role in roles
        }
        lines = [
            (WORDS[each], str(each), [each in held[role.name] for role in roles])
            for each in Permission
        ]
        return self.render("accounts/roles.html", roles=[role.name for role in roles], lines=lines)
