"""What each route of the application needs, read from the application itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.domain.permissions import Permission, from_fab_pair
from app.views.base import NEEDS, OPEN_ROUTES

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.routing import Rule

OPEN: Final = OPEN_ROUTES | {
    "static",
    "appbuilder.static",
    "AuthDBView.login",
    "AuthDBView.logout",
    "HealthView.healthz",
    "HealthView.readyz",
}
CLOSED: Final = "closed to all: no permission is written down"
_EXAMPLES: Final = {"int": "1", "string": "x", "default": "x", "path": "x"}


def needed(app: Flask) -> dict[str, Permission | str]:
    """Return endpoint → what it needs; CLOSED where neither `needs` nor the table says it."""
    return {
        rule.endpoint: _needed(app, rule.endpoint)
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in OPEN
    }


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


def methods(rule: Rule) -> list[str]:
    """Return in which ways the route may be asked."""
    return sorted((rule.methods or set()) & {"GET", "POST"})


def address(rule: Rule) -> str:
    """Return an address that the rule matches, of things that do not exist."""
    values = {name: _EXAMPLES[_kind(rule, name)] for name in rule.arguments}
    built = rule.build(values)
    assert built is not None, rule
    return str(built[1])


def _kind(rule: Rule, name: str) -> str:
    converter = type(rule._converters[name]).__name__
    return "int" if converter == "IntegerConverter" else "string"
