"""Reading a request: every field is checked, an unknown one is refused by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from sandbox.errors import ApiError, invalid

MAX_MINOR = 2**63 - 1
_LONGEST_URL = 2048
_LONGEST_SECONDS = 90 * 24 * 60 * 60
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_METADATA_LIMIT = 20
_METADATA_VALUE = 500


def known(body: Mapping[str, object], allowed: frozenset[str]) -> None:
    if strange := sorted(set(body) - allowed):
        raise invalid(strange[0], f"is not known here; known are {', '.join(sorted(allowed))}.")


def key_of(text: str | None) -> str:
    if text is None:
        raise ApiError(400, "idempotency_key_missing", "Send an Idempotency-Key header.")
    if not _KEY.fullmatch(text):
        raise ApiError(
            400, "idempotency_key_invalid", "Idempotency-Key: 1 to 255 visible ASCII characters."
        )
    return text


def amount(body: Mapping[str, object]) -> int:
    value = body.get("amount_minor")
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= MAX_MINOR:
        raise invalid("amount_minor", "must be a whole number of minor units above zero.")
    return value


def currency(body: Mapping[str, object]) -> str:
    value = body.get("currency")
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise invalid("currency", "must be three capital letters.")
    return value


def text(body: Mapping[str, object], name: str, limit: int) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or len(value) > limit:
        raise invalid(name, f"must be text of at most {limit} characters.")
    return value


def flag(body: Mapping[str, object], name: str, *, default: bool) -> bool:
    value = body.get(name, default)
    if not isinstance(value, bool):
        raise invalid(name, "must be true or false.")
    return value


def seconds(body: Mapping[str, object], name: str) -> int | None:
    """Read an optional whole number of seconds, at most ninety days."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= _LONGEST_SECONDS:
        raise invalid(name, f"must be a whole number of seconds from 1 to {_LONGEST_SECONDS}.")
    return value


def method(body: Mapping[str, object]) -> Mapping[str, object]:
    """Read the optional method: an object whose `type` tells the family; a card without one."""
    value = body.get("method", {"type": "card"})
    if not isinstance(value, Mapping):
        raise invalid("method", 'must be an object such as {"type": "card"}.')
    return value


def metadata(body: Mapping[str, object]) -> dict[str, str]:
    value = body.get("metadata", {})
    if not isinstance(value, Mapping) or len(value) > _METADATA_LIMIT:
        raise invalid("metadata", f"must be an object with at most {_METADATA_LIMIT} entries.")
    for name, part in value.items():
        if not isinstance(part, str) or len(part) > _METADATA_VALUE:
            raise invalid(f"metadata.{name}", f"must be text, at most {_METADATA_VALUE} long.")
    return dict(value)


def web_address(body: Mapping[str, object], name: str) -> str | None:
    """Read an optional absolute http(s) address without credentials or control characters."""
    value = body.get(name)
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > _LONGEST_URL or not is_web_address(value):
        raise invalid(name, "must be an absolute http or https address.")
    return value


def is_web_address(value: str) -> bool:
    if not value.isascii() or not value.isprintable() or " " in value or "\\" in value:
        return False
    try:
        parts = urlsplit(value)
        has_port = parts.port is None or parts.port > 0
    except ValueError:
        return False
    named = bool(parts.hostname) and "@" not in parts.netloc
    return parts.scheme in {"http", "https"} and named and has_port


def origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
