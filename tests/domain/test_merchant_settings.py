"""What a merchant may set up: texts that payers read."""

from __future__ import annotations

import pytest

from app.domain.merchant_settings import LONGEST_NAME, TEXTS
from app.errors import BadInputError


@pytest.mark.parametrize(
    "typed, reason",
    [("Acme\u200b\x07", "cannot be printed"), ("a" * (LONGEST_NAME + 1), "is longer")],
)
def test_a_name_that_cannot_stand_on_a_page_is_refused(typed: str, reason: str) -> None:
    with pytest.raises(BadInputError, match=reason) as caught:
        TEXTS["shown_name"](typed)
    assert caught.value.place == "shown_name"


def test_a_name_loses_its_outer_and_doubled_blanks() -> None:
    assert TEXTS["shown_name"]("  Acme   Traders ") == "Acme Traders"
