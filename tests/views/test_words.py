"""What generated screens show of a column."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.views.words import plain


@pytest.mark.parametrize(
    "value,shown",
    [
        (datetime(2026, 3, 1, 12, 5, 59, 1, tzinfo=UTC), "2026-03-01 12:05 UTC"),
        (True, "Yes"),
        (False, "No"),
        (None, "–"),
        ("card", "card"),
        (0, 0),
    ],
)
def test_columns_are_shown_plainly(value: object, shown: object) -> None:
    assert plain(value) == shown
