"""No full card number and no secret goes any further: refused at the edge, scrubbed on the way out.

`refuse` stands where data comes in (forms, API bodies, files); `scrub` stands before everything
that is written down (logs, audit, job descriptions, error files, provider transcripts).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID

from app.domain.card_search import Match, find
from app.errors import CardNumberRefusedError

__all__ = ["CARD_REMOVED", "REMOVED", "Match", "find", "refuse", "scrub", "scrub_text"]

CARD_REMOVED = "[card number removed]"
REMOVED = "[removed]"
CYCLE = "[cycle]"
TOO_DEEP = "[too deep]"
UNREADABLE = "[unreadable]"
MAX_DEPTH = 20

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SECRET_WORDS = frozenset(
    {
        "apikey",
        "authorization",
        "cookie",
        "cookies",
        "credential",
        "credentials",
        "csrf",
        "cvc",
        "cvv",
        "passphrase",
        "passwd",
        "password",
        "passwords",
        "secret",
        "secrets",
        "token",
        "tokens",
    }
)
_SECRET_PAIRS = frozenset(
    {("api", "key"), ("api", "keys"), ("private", "key"), ("encryption", "key")}
)
# The address of a payer's page, and a word of OAuth: neither lets anybody in.
_SAFE_KEYS = frozenset({"page", "page_token", "token_type"})
# Digits of an amount may look like a card number; the key says that they are none.
_AMOUNT_WORDS = frozenset({"minor", "amount"})
_CONTAINERS = (Mapping, list, tuple, set, frozenset)
_BYTES = (bytes, bytearray, memoryview)
_HARMLESS = (bool, float, Decimal, date, time, timedelta, UUID)


def refuse(value: object, place: str) -> None:
    """Raise CardNumberRefusedError if a card number stands anywhere in `value`.

    `value` is a text or nested mappings and lists of them. `place` names it; what lies inside is
    named by its path: `refuse({"name": …}, "customer")` tells `customer.name`. A mapping's keys are
    looked at too. Nothing of the number is in the error.
    """
    waiting: list[tuple[object, str, bool]] = [(value, place, False)]
    # Kept by reference: a freed object's id may be given out again, and that one go unseen.
    seen: dict[int, object] = {}
    while waiting:
        item, where, is_amount = waiting.pop()
        if isinstance(item, _CONTAINERS):
            if id(item) not in seen:
                seen[id(item)] = item
                waiting.extend(reversed(_parts(item, where)))
        elif _holds_card_number(item, is_amount=is_amount):
            raise CardNumberRefusedError(where)


def scrub(value: object) -> object:
    """A deep copy that may be written down; never raises.

    Card numbers become "[card number removed]" in every text, key and number (an amount's number
    stays); a value whose key says that it is secret becomes "[removed]" (None and truth values
    stay, they tell no secret). Mappings come back as dict, sequences as list or tuple, sets as
    list, unknown objects as the scrubbed text of theirs; cycles and what lies deeper than MAX_DEPTH
    are cut.
    """
    return _copy(value, ())


def scrub_text(text: str) -> str:
    """The text with every card number replaced."""
    matches = find(text)
    for match in reversed(matches):
        text = text[: match.start] + CARD_REMOVED + text[match.end :]
    return text


def _parts(item: Iterable[object], where: str) -> list[tuple[object, str, bool]]:
    dot = f"{where}." if where else ""
    if not isinstance(item, Mapping):
        return [(part, f"{dot}{index}", False) for index, part in enumerate(item)]
    parts: list[tuple[object, str, bool]] = []
    for key, part in item.items():
        # The key is judged first, under its parent's name, so that no path ever repeats a number.
        parts.append((key, where, False))
        parts.append((part, f"{dot}{key}", _is_amount_key(key)))
    return parts


def _holds_card_number(item: object, *, is_amount: bool) -> bool:
    if isinstance(item, _BYTES):
        item = bytes(item).decode(errors="surrogateescape")
    if isinstance(item, str):
        return bool(find(item))
    return isinstance(item, int) and not is_amount and bool(find(str(item)))


def _copy(value: object, above: tuple[int, ...], *, is_amount: bool = False) -> object:
    with suppress(Exception):
        if isinstance(value, _CONTAINERS):
            return _copy_container(value, above)
        return _copy_leaf(value, is_amount=is_amount)
    return UNREADABLE


def _copy_container(value: Iterable[object], above: tuple[int, ...]) -> object:
    if id(value) in above:
        return CYCLE
    if len(above) >= MAX_DEPTH:
        return TOO_DEEP
    path = (*above, id(value))
    if isinstance(value, Mapping):
        return {_copy_key(key): _copy_under(key, part, path) for key, part in value.items()}
    parts = [_copy(part, path) for part in value]
    return tuple(parts) if isinstance(value, tuple) else parts


def _copy_leaf(value: object, *, is_amount: bool) -> object:
    if value is None or isinstance(value, _HARMLESS):
        return value
    if isinstance(value, int):
        return CARD_REMOVED if _holds_card_number(value, is_amount=is_amount) else value
    if isinstance(value, _BYTES):
        return _copy_bytes(bytes(value))
    return scrub_text(str(value))


def _copy_bytes(value: bytes) -> bytes:
    text = value.decode(errors="surrogateescape")
    return scrub_text(text).encode(errors="surrogateescape")


def _copy_key(key: object) -> object:
    copied = _copy(key, ())
    return str(copied) if isinstance(copied, (dict, list, tuple)) else copied


def _copy_under(key: object, part: object, above: tuple[int, ...]) -> object:
    if _is_secret_key(key) and part is not None and not isinstance(part, bool):
        return REMOVED
    return _copy(part, above, is_amount=_is_amount_key(key))


def _words(key: object) -> list[str]:
    if isinstance(key, bytes):
        key = key.decode(errors="replace")
    return [word.lower() for word in _WORDS.findall(key)] if isinstance(key, str) else []


def _is_secret_key(key: object) -> bool:
    words = _words(key)
    if "_".join(words) in _SAFE_KEYS:
        return False
    return not _SECRET_WORDS.isdisjoint(words) or any(
        pair in _SECRET_PAIRS for pair in pairwise(words)
    )


def _is_amount_key(key: object) -> bool:
    return not _AMOUNT_WORDS.isdisjoint(_words(key))
