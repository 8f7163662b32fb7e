"""Bodies of the API's requests: one JSON object, read strictly before anything looks into it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NoReturn

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from app.domain.card_numbers import find
from app.errors import BadInputError, CardNumberRefusedError, PayAgencyError, said

if TYPE_CHECKING:
    from collections.abc import Iterator

DEEPEST: Final = 8
"""How deep objects and lists may stand in one another."""
WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
FORMS: Final[set[str]] = set()
"""Endpoints that take a form with a file instead of JSON."""

_JSON: Final = "application/json"
_FORM: Final = "multipart/form-data"
_UTF8: Final = frozenset({"utf-8", "utf8"})


class BrokenBodyError(PayAgencyError):
    """What was sent is no JSON object that can be read in one way only."""

    code = "invalid_json"
    status = 400
    title = said("This is no JSON that can be used")


class NoFormError(PayAgencyError):
    """What was sent is no form, where one is asked for."""

    code = "unsupported_media_type"
    status = 415
    title = said("Unsupported media type")


class StrictJson:
    """What a request reads its body with: RFC 8259, and nothing that parsers take differently."""

    @staticmethod
    def loads(content: str | bytes, **_options: object) -> dict[str, Any]:
        """Return the one object of a body; an empty body is an empty object.

        Raises BrokenBodyError, CardNumberRefusedError, and BadInputError for text that is none.
        """
        try:
            text = content.decode() if isinstance(content, bytes) else content
        except UnicodeDecodeError:
            raise BrokenBodyError(said("The body is not UTF-8.")) from None
        try:
            body = json.loads(
                text.strip() or "{}", object_pairs_hook=_unique, parse_constant=_no_number
            )
        except RecursionError:
            raise _too_deep() from None
        except ValueError as error:
            place = getattr(error, "pos", None)
            where = said("at character {number}", number=place + 1) if place is not None else ""
            raise BrokenBodyError(said("The body cannot be read {where}.", where=where)) from None
        if not isinstance(body, dict):
            raise BrokenBodyError(said("The body is not an object: begin it with {{."))
        for pointer, value in _leaves(body, ""):
            _check(pointer, value)
        return body


def read() -> None:
    """Read the body of this request; who asks for it later gets what was read here."""
    if request.method not in WITH_BODY:
        return
    if request.endpoint in FORMS:
        _read_form()
        return
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.content_length != 0 and (request.mimetype != _JSON or charset not in _UTF8):
        raise UnsupportedMediaType
    request.json_module = StrictJson
    request.get_json(force=True)


def _read_form() -> None:
    if request.mimetype != _FORM:
        raise NoFormError(said("Send Content-Type: multipart/form-data, with the file in it."))
    for name, text in request.form.items(multi=True):
        _check("", name)
        _check(f"/{name}", text)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise BrokenBodyError(said("The body has the same name twice in one object."))
    return found


def _no_number(_name: str) -> NoReturn:
    raise BrokenBodyError(said("The body has a number that JSON does not know, such as NaN."))


def _too_deep() -> BrokenBodyError:
    return BrokenBodyError(said("The body is nested deeper than {count} levels.", count=DEEPEST))


def _leaves(value: object, pointer: str, depth: int = 0) -> Iterator[tuple[str, object]]:
    """Yield every name and value of a body with its JSON pointer."""
    if depth > DEEPEST:
        raise _too_deep()
    if isinstance(value, dict):
        for name, part in value.items():
            yield pointer, name
            escaped = name.replace("~", "~0").replace("/", "~1")
            yield from _leaves(part, f"{pointer}/{escaped}", depth + 1)
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _leaves(part, f"{pointer}/{number}", depth + 1)
    else:
        yield pointer, value


def _check(pointer: str, value: object) -> None:
    if not isinstance(value, str):
        return
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise BadInputError(_safe(pointer), said("has half a character in it."))
    if find(value):
        raise CardNumberRefusedError(_safe(pointer))


def _safe(pointer: str) -> str:
    """Return a pointer that can be told: without what must not be repeated."""
    return "" if find(pointer) or not pointer.isprintable() else pointer
