"""The description of the API that is read from its routes, and how their requests are checked."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError
from spectree import SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData

from app.domain.api_keys import API_VERSION
from app.views.api import described
from app.views.api.entrance import InvalidRequestError
from app.views.api.shapes import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

BEARER: Final = "api_key"
_LONGEST_PLACE: Final = 60


def _checked(
    _request: object, _response: object, error: Exception | None, *_others: object
) -> None:
    """Say what is wrong with a request, place by place, and repeat nothing of it."""
    if isinstance(error, ValidationError):
        raise InvalidRequestError([_told(dict(each)) for each in error.errors()])


def _told(found: Mapping[str, Any]) -> dict[str, str]:
    place = [str(part) for part in found["loc"] if not str(part).startswith("function-")]
    if place[:1] == ["method"]:
        del place[1:2]  # the kind of method, which stands in no body
    pointer = "".join(f"/{part[:_LONGEST_PLACE].replace('/', '~1')}" for part in place)
    return {"pointer": pointer, "code": str(found["type"]), "detail": str(found["msg"])}


SPEC: Final = SpecTree(
    "flask",
    mode="strict",
    annotations=False,
    path="described",
    page_templates={},
    title="PayAgency",
    version=API_VERSION,
    before=_checked,
    validation_error_model=Problem,
    naming_strategy=lambda model: model.__name__,
    nested_naming_strategy=lambda _parent, child: child,
    security_schemes=[
        SecurityScheme(name=BEARER, data=SecuritySchemeData(SecureType.HTTP, scheme="bearer"))
    ],
    security={BEARER: []},
)


def document(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of an application's routes."""
    with app.app_context():
        SPEC.app = app
        return described.complete(copy.deepcopy(SPEC.spec), app)
