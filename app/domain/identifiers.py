"""Public ids: prefixed, time-ordered, unguessable; and random tokens for page addresses.

The shape is that of a ULID (48 bits of milliseconds, 80 random bits, Crockford base32), in lower
case and behind a prefix that says what it names: `pay_01k6…`.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType

from app.errors import BadInputError, said

PREFIXES: Mapping[str, str] = MappingProxyType(
    {
        "payment": "pay",
        "attempt": "att",
        "operation": "op",
        "refund": "re",
        "journal": "jr",
        "merchant": "mer",
        "connector_account": "ca",
        "bulk_upload": "bu",
        "evidence": "ev",
        "audit": "au",
        "task": "tsk",
        "user": "usr",
        "capability": "cap",
        "amount_limit": "lim",
        "price": "prc",
        "ledger_account": "acc",
        "operation_event": "oe",
        "provider_key": "pk",
        "request": "req",
        "dispute": "dp",
        "inbound_event": "ie",
        "desk_case": "case",
        "approval_request": "apr",
        "approval_decision": "apd",
        "price_list": "prl",
        "price_rule": "prr",
        "settlement_schedule": "sch",
        "lot": "lot",
        "crypto_quote": "cq",
        "api_key": "key",
        "webhook_endpoint": "we",
        "event": "evt",
        "webhook_delivery": "wd",
        "webhook_resend": "wr",
        "notification": "ntf",
        "person_token": "inv",
        "payment_link": "pl",
        "merchant_application": "app",
    }
)
ID_LENGTH = 26
MAX_LENGTH = max(map(len, PREFIXES.values())) + 1 + ID_LENGTH

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_BODY = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{25}")
_BEGINNING = re.compile(r"[0-7][0-9a-hjkmnp-tv-z]{0,25}")
_TIME_LENGTH = 10
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CALENDAR = datetime(9999, 12, 31, tzinfo=UTC) - _EPOCH
_RANDOM_BYTES = 10
_TOKEN_BYTES = 16

Randomness = Callable[[int], bytes]


def new_id(prefix: str, now: datetime, *, randomness: Randomness = secrets.token_bytes) -> str:
    """A new id whose text sorts by time, to the millisecond.

    `prefix` is one of PREFIXES' values, `now` an aware time from 1970 on, `randomness` gives that
    many random bytes. Raises ValueError where one of them is not so.
    """
    _require_known(prefix)
    if now.tzinfo is None:
        raise ValueError("now must be an aware time")
    milliseconds = (now - _EPOCH) // timedelta(milliseconds=1)
    if milliseconds < 0:
        raise ValueError("now lies before 1970")
    random_bits = int.from_bytes(_exactly(_RANDOM_BYTES, randomness))
    return f"{prefix}_{_encode(milliseconds << (8 * _RANDOM_BYTES) | random_bits)}"


def parse_id(text: str, prefix: str, *, place: str = "id") -> str:
    """The id, if it is one of that prefix; raises BadInputError naming `place` otherwise.

    An unknown `prefix` is the programmer's fault: ValueError.
    """
    _require_known(prefix)
    head, _, body = text.partition("_")
    if head != prefix or not _BODY.fullmatch(body):
        raise BadInputError(
            place,
            said("is not an id of the right kind."),
            said(
                "It starts with {prefix}_ and has {count} letters and digits after that.",
                prefix=prefix,
                count=ID_LENGTH,
            ),
        )
    return text


def new_token(*, randomness: Randomness = secrets.token_bytes) -> str:
    """128 random bits as 26 characters, for the address of a payer's page; tells nothing."""
    return _encode(int.from_bytes(_exactly(_TOKEN_BYTES, randomness)))


def _require_known(prefix: str) -> None:
    if prefix not in PREFIXES.values():
        raise ValueError(f"unknown prefix {prefix!r}")


def _exactly(count: int, randomness: Randomness) -> bytes:
    drawn = randomness(count)
    if len(drawn) != count:
        raise ValueError(f"{count} random bytes were asked for, {len(drawn)} came")
    return drawn


def _moment(time: str, plus_milliseconds: int) -> datetime:
    # The ids could count further than the calendar.
    return _EPOCH + min(timedelta(milliseconds=_decode(time) + plus_milliseconds), _CALENDAR)


def _decode(text: str) -> int:
    number = 0
    for digit in text:
        number = number << 5 | _ALPHABET.index(digit)
    return number


def _encode(number: int) -> str:
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))


def made_between(beginning: str) -> tuple[datetime, datetime]:
    """The first and the last moment at which an id whose body begins so can have been made.

    `beginning` is what follows the prefix, at least one character of it. Raises ValueError where it
    cannot begin an id.
    """
    if not _BEGINNING.fullmatch(beginning):
        raise ValueError("no id begins so")
    time = beginning[:_TIME_LENGTH]
    return _moment(time.ljust(_TIME_LENGTH, "0"), 0), _moment(time.ljust(_TIME_LENGTH, "z"), 1)
