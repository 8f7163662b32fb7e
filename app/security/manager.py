"""Flask-AppBuilder's security manager, answering from the actor and writing through services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from flask import session
from flask_appbuilder.security.sqla.manager import SecurityManager as FabSecurityManager

from app.adapters import clock, passwords
from app.adapters.db import unit_of_work
from app.domain.actors import Actor
from app.domain.permissions import Permission, from_fab_pair
from app.errors import ForbiddenError, said
from app.extensions import db, limiter
from app.models.tenancy import actor_of
from app.queries import actors
from app.security.closed import ClosedWrites
from app.services import accounts

if TYPE_CHECKING:
    from flask import Flask

    from app.models.accounts import User

STAMP = "stamp"
MENU = "menu_access"


class SecurityManager(ClosedWrites, FabSecurityManager):
    """Sign-in by password; permissions and menu are answered from the actor, without a query."""

    def __init__(self, appbuilder: Any) -> None:
        """Start with an empty menu table, in which nothing is shown."""
        super().__init__(appbuilder)
        self.menu_permissions: dict[str, frozenset[Permission]] = {}

    def create_limiter(self, app: Flask) -> Any:
        """Use the one limiter of the application."""
        limiter.init_app(app)
        return limiter

    def create_jwt_manager(self, app: Flask) -> None:
        """There are no bearer tokens for people: they need a password only."""
        del app

    def create_db(self) -> None:
        """Leave the schema to the migrations."""

    def has_access(self, permission_name: str, view_name: str) -> bool:
        """Answer from the actor of this request; a pair that is not written is closed."""
        actor = actor_of(db.session())
        if permission_name == MENU:
            return any(map(actor.may, self.menu_permissions.get(view_name, ())))
        permission = from_fab_pair(permission_name, view_name)
        return permission is not None and actor.may(permission)

    def get_user_menu_access(self, menu_names: list[str] | None = None) -> set[str]:
        """Return the menu entries that the actor may see."""
        names = self.menu_permissions if menu_names is None else menu_names
        return {name for name in names if self.has_access(MENU, name)}

    def is_item_public(self, permission_name: str, view_name: str) -> bool:
        """Nothing is public."""
        del permission_name, view_name
        return False

    def load_user(self, pk: Any) -> User | None:
        """Return the user of a cookie unless the password was changed since."""
        user = super().load_user(pk)
        if user is None or session.get(STAMP) != passwords.stamp(user.password):
            return None
        return user

    def auth_user_db(self, username: str, password: str) -> User | None:
        """Return who signed in; unknown, shut out or wrong take the same time and answer."""
        user = actors.user_by_name(db.session(), username)
        may_try = user is not None and bool(user.active)
        right = passwords.matches(user.password if may_try and user else None, password)
        user_id = None if user is None else user.id
        with unit_of_work(Actor.house(None, "sign-in")) as unit:
            accounts.record_sign_in(unit, clock.now(), user_id=user_id, succeeded=right)
        return user if right else None

    def update_user_auth_stat(self, user: User, *, success: bool = True) -> None:
        """Count a sign-in through the service."""
        with unit_of_work(Actor.house(None, "sign-in")) as unit:
            accounts.record_sign_in(unit, clock.now(), user_id=user.id, succeeded=success)

    def reset_password(self, userid: int, password: str) -> None:
        """Reset another user's password through the service, as the actor of this request."""
        with unit_of_work(actor_of(db.session())) as unit:
            accounts.reset_password(unit, clock.now(), int(userid), password)

    def security_converge(self, *_arguments: object, **_names: object) -> NoReturn:
        """Refuse: roles are data."""
        raise ForbiddenError(said("Roles are data: see app/domain/permissions.py."))

    def security_cleanup(self, *_arguments: object, **_names: object) -> NoReturn:
        """Refuse: roles are data."""
        raise ForbiddenError(said("Roles are data: see app/domain/permissions.py."))
