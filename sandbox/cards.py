"""The test cards and tokens, and the guard that keeps every other card number out.

Only the numbers of this table are taken. They are public test numbers; of them too only brand,
last four digits and a fingerprint are kept.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sandbox.errors import ApiError, invalid


@dataclass(frozen=True, slots=True)
class Card:
    """What is known and kept of a card."""

    brand: str
    last4: str
    fingerprint: str
    exp: str


@dataclass(frozen=True, slots=True)
class Scenario:
    """How a charge with this token or number behaves.

    `failure` is the code and text with which it fails; `challenged` asks the payer first;
    `hangs` lets the effect happen and then keeps the caller waiting; `silent` lets it happen and
    never tells of it, whoever asks; `disputed` opens a dispute some time after the charge has
    succeeded.
    """

    token: str
    number: str
    failure: tuple[str, str] | None = None
    challenged: bool = False
    hangs: bool = False
    silent: bool = False
    disputed: bool = False


_SCENARIOS = (
    Scenario("tok_approve", "4242424242424242"),
    Scenario("tok_decline", "4000000000000002", ("card_declined", "The bank declined the card.")),
    Scenario(
        "tok_insufficient",
        "4000000000009995",
        ("insufficient_funds", "The card has insufficient funds."),
    ),
    Scenario("tok_challenge", "4000002500003155", challenged=True),
    Scenario("tok_dispute", "4000000000000259", disputed=True),
    Scenario(
        "tok_error",
        "4000000000000119",
        ("processing_error", "An error occurred while the card was processed."),
    ),
    Scenario("tok_hang", "4000000000000127", hangs=True),
    Scenario("tok_silent", "4000000000000135", silent=True),
)
BY_TOKEN = {scenario.token: scenario for scenario in _SCENARIOS}
BY_NUMBER = {scenario.number: scenario for scenario in _SCENARIOS}
UNKNOWN_TOKEN = Scenario("", "", ("invalid_token", "This token does not exist."))

_SEPARATORS = re.compile(r"[\s\-./\u00a0\u200b\u2009]")
_DIGIT_RUNS = re.compile(r"\d{13,19}")
_DEMO_EXPIRY = "12/2034"


def resolve(source: object) -> tuple[Scenario, Card | None]:
    """Find the scenario of a charge's `source` and the card that may be shown."""
    if not isinstance(source, Mapping):
        raise invalid(
            "source",
            'must be {"token"}, {"encrypted"} or {"number","exp_month","exp_year","cvc"}.',
        )
    if set(source) == {"token"}:
        scenario = BY_TOKEN.get(str(source["token"]), UNKNOWN_TOKEN)
        return scenario, _card(scenario, _DEMO_EXPIRY) if scenario.number else None
    if set(source) != {"number", "exp_month", "exp_year", "cvc"}:
        raise invalid("source", "has fields that are neither a token's nor a card's.")
    number = _SEPARATORS.sub("", str(source["number"]))
    if number not in BY_NUMBER:
        raise ApiError(
            422, "not_a_test_card", "source.number: only test cards; nothing of it was kept."
        )
    return BY_NUMBER[number], _card(BY_NUMBER[number], _expiry(source))


def _card(scenario: Scenario, exp: str) -> Card:
    fingerprint = f"sbx_fp_{letters(hashlib.sha256(scenario.number.encode()).digest()[:15])}"
    return Card("visa", scenario.number[-4:], fingerprint, exp)


def _expiry(source: Mapping[str, object]) -> str:
    month, year, cvc = str(source["exp_month"]), str(source["exp_year"]), str(source["cvc"])
    if not re.fullmatch(r"0?[1-9]|1[0-2]", month) or not re.fullmatch(r"20\d\d", year):
        raise invalid("source", "exp_month is 1 to 12 and exp_year has four digits.")
    if not re.fullmatch(r"\d{3,4}", cvc):
        raise invalid("source.cvc", "has three or four digits.")
    return f"{int(month):02d}/{year}"


def letters(content: bytes) -> str:
    """Write bytes as an id: hexadecimal ones would now and then look like a card number."""
    return base64.b32encode(content).decode().rstrip("=").lower()


def masked(body: Mapping[str, object]) -> dict[str, object]:
    """Copy a request body so that it may be stored: no number, no CVC, no token of our own."""
    shown = dict(body)
    source = shown.get("source")
    if isinstance(source, Mapping):
        token = source.get("token")
        if isinstance(token, str) and token in BY_TOKEN:
            shown["source"] = {"token": token}
        elif isinstance(source.get("encrypted"), str):
            digest = hashlib.sha256(source["encrypted"].encode()).digest()[:10]
            shown["source"] = {"encrypted": f"sbx_jwe_{letters(digest)}"}
        elif "number" in source:
            shown["source"] = {"number": f"ends in {str(source['number'])[-4:]}"}
        else:
            shown["source"] = "[removed]"
    return shown


def refuse_card_numbers(value: object, place: str = "body") -> None:
    """Refuse a card number in any text but `source`, before anything is written down."""
    if isinstance(value, str):
        for run in _DIGIT_RUNS.findall(_SEPARATORS.sub("", value)):
            if _holds_card_number(run):
                raise ApiError(422, "card_number_refused", f"{place}: holds a card number.")
    elif isinstance(value, Mapping):
        for name, part in value.items():
            refuse_card_numbers(name, place)
            if (place, name) != ("body", "source"):
                refuse_card_numbers(part, f"{place}.{name}")
    elif isinstance(value, Sequence):
        for part in value:
            refuse_card_numbers(part, place)


def _holds_card_number(digits: str) -> bool:
    return digits[0] in "3456" and _luhn(digits)


def _luhn(digits: str) -> bool:
    odd = sum(int(digit) for digit in digits[-1::-2])
    even = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (odd + even) % 10 == 0
