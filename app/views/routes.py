"""What each route needs, read from the application; a route that does not say is closed to all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NoReturn

from flask import abort

from app.domain.permissions import Permission, from_fab_pair
from app.views.base import CHECKS_ITSELF, NEEDS, OPEN_ROUTES

if TYPE_CHECKING:
    from flask import Flask

OPEN: Final = OPEN_ROUTES | {
    "static",
    "AuthDBView.login",
    "AuthDBView.logout",
    "HealthView.healthz",
    "HealthView.readyz",
}
"""Endpoints that need no permission."""

CLOSED: Final = "closed to all: no permission is written down"


def needed(app: Flask) -> dict[str, Permission | str]:
    """Return endpoint → what it needs; CLOSED where neither `needs` nor the table says it."""
    return {
        rule.endpoint: _needed(app, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in OPEN
    }


def close_unwritten(app: Flask) -> None:
    """Let every route that names no permission answer 403, whoever asks."""
    for endpoint, what in needed(app).items():
        if what == CLOSED and not hasattr(app.view_functions[endpoint], CHECKS_ITSELF):
            app.view_functions[endpoint] = _closed


def _closed(**_arguments: object) -> NoReturn:
    abort(403)


def _needed(app: Flask, endpoint: str) -> Permission | str:
    function = app.view_functions[endpoint]
    permission = getattr(function, NEEDS, None)
    if isinstance(permission, Permission):
        return permission
    view = getattr(function, "__self__", None)
    if view is None or not hasattr(function, "_permission_name"):
        return CLOSED
    verb = view.get_method_permission(function.__name__)
    return from_fab_pair(f"can_{verb}", view.class_permission_name) or CLOSED
