"""What may be written down of a call: no card number, no secret by name or by value, no excess."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from app.domain.card_numbers import scrub
from app.errors import PayAgencyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from app.providers.http import HttpCall, HttpReply

REMOVED = "[removed]"
_LONGEST_TRANSCRIPT = 20_000
_SHORTEST_SECRET = 6
"""A shorter secret would be found by chance within ordinary words."""

UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    PayAgencyError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What reading the words of a stranger may raise: they make no sense then, and nothing is known."""


class Mask:
    """Takes card numbers, secrets by their names and the given secrets by their values out."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = [value for value in secrets if len(value) >= _SHORTEST_SECRET]

    def text(self, text: str) -> str:
        shown = _storable(str(scrub(text)))
        for secret in self._secrets:
            shown = shown.replace(secret, REMOVED)
        return shown

    def url(self, url: str) -> str:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        return self.text(urlunsplit((parts.scheme, host, parts.path, "", "")))

    def request(self, call: HttpCall | None, key: str) -> Mapping[str, object]:
        body = self._deep(call.shown) if call else {}
        return {"idempotency_key": self.text(key), "body": body}

    def response(self, reply: HttpReply | None) -> Mapping[str, object] | None:
        if reply is None:
            return None
        if len(reply.content) <= _LONGEST_TRANSCRIPT:
            with suppress(ValueError, TypeError, RecursionError):
                return self._deep(json_object(reply.content))
        text = reply.content[:_LONGEST_TRANSCRIPT].decode(errors="replace")
        return {"text": self.text(text), "bytes": len(reply.content)}

    def _deep(self, value: object) -> dict[str, object]:
        shown = self._clean(scrub(value))
        return shown if isinstance(shown, dict) else {}

    def _clean(self, value: object) -> object:
        """Copy a scrubbed value; it is as shallow as `scrub` leaves it."""
        if isinstance(value, dict):
            return {self.text(str(name)): self._clean(part) for name, part in value.items()}
        if isinstance(value, list | tuple):
            return [self._clean(part) for part in value]
        if value is None or isinstance(value, bool | int):
            return value
        return self.text(str(value))


def json_object(content: bytes) -> Mapping[str, object]:
    """Parse one JSON object; a number with a decimal point stays the text that it was."""
    value = json.loads(content, parse_float=str, parse_constant=str)
    if not isinstance(value, dict):
        raise TypeError("the answer is no JSON object")
    return value


def json_content(body: Mapping[str, object]) -> bytes:
    """Write a body always in the same way: a call that is sent again must be the very same."""
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


def _storable(text: str) -> str:
    """Replace halves of surrogate pairs, which JSON can carry and no database takes."""
    return text.encode(errors="replace").decode()
