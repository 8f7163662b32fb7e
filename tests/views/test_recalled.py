from __future__ import annotations

from typing import Final

import pytest

from app.domain.money import Money
from app.errors import BadInputError, Said, joined, said
from app.views.recalled import Templates

DECIMALS: Final = "has {count} decimals, {currency} allows {decimals}."
TEMPLATES: Final = Templates(
    [
        "is zero.",
        "Write an amount above zero.",
        DECIMALS,
        "{place}: {reason}",
        "Asked to refund {amount}: {reason}",
        "Changed {user}",
        "Changed {record} {name}",
        "an unknown user",
        "A sign-in of {user} failed",
        "{name} is not {name}",
    ],
    {"record": ["price", "connector account"]},
)

STORED: Final = [
    said("is zero."),
    said(DECIMALS, count=1234, currency="EUR", decimals=2),
    said("Asked to refund {amount}: {reason}", amount=Money(-1050, "EUR"), reason="a: b, c"),
    said("Changed {user}", user="olga"),
    said("Changed {record} {name}", record="connector account", name="Sandbox 2"),
    said("A sign-in of {user} failed", user=said("an unknown user")),
    said("{name} is not {name}", name="x"),
    BadInputError("amount", said("is zero.")).detail,
    BadInputError("line 7, amount", said("is zero."), said("Write an amount above zero.")).detail,
    joined([said(DECIMALS, count=3, currency="EUR", decimals=2), said("is zero.")], " "),
]


@pytest.mark.parametrize("sentence", STORED)
def test_a_stored_sentence_is_found_with_its_values(sentence: Said) -> None:
    found = TEMPLATES.understood(str(sentence))
    assert found == sentence
    assert found is not None
    assert _values(found) == _values(sentence)


def _values(sentence: Said) -> list[object]:
    """Return template and values, all the way down, whatever holds them together."""
    found: list[object] = []
    for value in sentence.values.values():
        found += _values(value) if isinstance(value, Said) else [value]
    return found


UNKNOWN: Final = [
    "",
    "olga",
    "Something else happened.",
    "has two decimals",
    "is zero",
    ". . .",
    ": ",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_any_other_text_stays_as_it_is(text: str) -> None:
    assert TEMPLATES.understood(text) is None


def test_what_is_no_amount_stays_a_text() -> None:
    found = TEMPLATES.understood("Asked to refund 10.505 EUR: x")
    assert found is not None
    assert found.values["amount"] == "10.505 EUR"


def test_a_sentence_among_others_is_found() -> None:
    found = TEMPLATES.understood("is zero. Nobody knows this one.")
    assert found == "is zero. Nobody knows this one."
