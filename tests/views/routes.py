"""What each route of the application needs, read from the application itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.security.requests import API
from app.views.routes import CLOSED, OPEN, needed

if TYPE_CHECKING:
    from werkzeug.routing import Rule

__all__ = ["CLOSED", "OPEN", "address", "for_programs", "methods", "needed"]
_EXAMPLES: Final = {"int": "1", "string": "x", "default": "x", "path": "x"}


def for_programs(endpoint: str) -> bool:
    """Tell whether an endpoint is the API's, where keys and scopes count instead of people."""
    return endpoint.startswith(API) and endpoint not in OPEN


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
