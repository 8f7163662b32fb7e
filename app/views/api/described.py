"""What the routes cannot say of themselves, added to the description of the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.domain.api_keys import API_VERSION
from app.views.api.entrance import IDEMPOTENT, KEY_HEADER, V1, VERSION_HEADER
from app.views.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

_ABOUT: Final = """\
Amounts are integers in minor units, moments are RFC 3339 in UTC, ids tell their kind. A key decides
between the test and the live book. Every request that changes something needs an Idempotency-Key:
sent again with the same body it is done once, and answers how the object stands now. What goes
wrong is told as RFC 9457, each place of the body by its JSON pointer.
"""
_KEY: Final = {
    "name": KEY_HEADER,
    "in": "header",
    "required": True,
    "description": "A random text, a new one for each new request",
    "schema": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[!-~]+$"},
}
_ANSWERED: Final = {
    "Request-Id": "Names this request; tell it when you ask for help",
    VERSION_HEADER: "The version of the API that the key is pinned to",
    "RateLimit": "How many requests of the key are left, and until when (seconds)",
}
_FIRST_ERROR: Final = 400


def complete(found: dict[str, Any], app: Flask) -> dict[str, Any]:
    """Return the description with names, headers and media types as they really are."""
    found["info"] |= {"title": "PayAgency", "version": API_VERSION, "description": _ABOUT}
    for endpoint, operation in _operations(found, app):
        operation["operationId"] = endpoint.removeprefix(f"{V1.name}.")
        if endpoint in IDEMPOTENT:
            operation.setdefault("parameters", []).append(_KEY)
        for status, answer in operation["responses"].items():
            answer["headers"] = {
                name: {"description": text, "schema": {"type": "string"}}
                for name, text in _ANSWERED.items()
            }
            if int(status) >= _FIRST_ERROR:
                answer["content"] = {MEDIA_TYPE: answer["content"]["application/json"]}
    return found


def _operations(found: dict[str, Any], app: Flask) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each endpoint of the API with its operation."""
    for rule in app.url_map.iter_rules():
        path = found["paths"].get(rule.rule.replace("<string:", "{").replace(">", "}"), {})
        for method in rule.methods or ():
            if method.lower() in path:
                yield rule.endpoint, path[method.lower()]
