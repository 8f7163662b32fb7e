"""What every screen of ours stands on: permission, actor, rendering."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from flask import abort, redirect, url_for
from flask_appbuilder import BaseView
from flask_login import current_user

from app.extensions import db
from app.models.tenancy import actor_of
from app.security.addresses import here

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.domain.permissions import Permission

    Route = Callable[..., ResponseReturnValue]

NEEDS = "payagency_needs"
"""Attribute of a route's function: the permission that it needs."""

CHECKS_ITSELF = "payagency_checks_itself"
"""Attribute of a route's function that asks for another permission with each action."""

OPEN_ROUTES = frozenset(
    {
        "BrandView.logo",
        "BrandView.style",
        "LinkPageView.page",
        "LinkPageView.pay",
        "PayerView.page",
        "PayerView.start",
        "PayerView.state",
        "PayerView.returned",
        "WebhooksInView.received",
        "PasswordView.forgot",
        "PasswordView.reset",
        "InvitationView.accept",
        "SignUpView.apply",
        "SignUpView.sent",
        "SignUpView.confirm",
        "SignUpView.received",
        "v1.openapi",
        "v1.docs",
    }
)
"""The screens that are open to everybody, signed in or not."""


def read_session() -> Session:
    """Return the session of this request; it only reads, changes go through a unit of work."""
    return db.session()


def current_actor() -> Actor:
    """Return who acts in this request; set before each request."""
    return actor_of(read_session())


def needs(permission: Permission) -> Callable[[Route], Route]:
    """Let a route run only for those who hold `permission`.

    Nobody signed in is sent to the sign-in page, somebody without the right gets 403.
    """

    def wrap(route: Route) -> Route:
        @functools.wraps(route)
        def checked(*args: Any, **kwargs: Any) -> ResponseReturnValue:
            if current_actor().may(permission):
                return route(*args, **kwargs)
            if current_user.is_authenticated:
                abort(403)
            return redirect(url_for("AuthDBView.login", next=here()))

        setattr(checked, NEEDS, permission)
        return checked

    return wrap


class Page(BaseView):
    """A screen that is not generated; each route says what it needs by `@expose` and `@needs`."""

    def render(self, template: str, **context: Any) -> str:
        """Render a template below `app/templates/` within the base layout."""
        return str(self.render_template(template, actor=current_actor(), **context))
