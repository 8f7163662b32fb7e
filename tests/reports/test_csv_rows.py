"""Rows of a file: what a spreadsheet takes for a formula is a text, numbers are exact."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import pytest

from app.reports import csv_rows


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(), newline="")))


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20"]
)
def test_a_text_is_no_formula(start: str) -> None:
    typed = f"{start}HYPERLINK(1)"
    assert read(csv_rows.lines([[typed]])) == [[f"'{typed}"]]


def test_numbers_stay_numbers_and_are_exact() -> None:
    row: list[csv_rows.Value] = [
        -5,
        Decimal("-10.50"),
        Decimal("0.00000001"),
        Decimal("92233720368547758.07"),
        None,
    ]
    assert csv_rows.lines([row]) == b"-5,-10.50,0.00000001,92233720368547758.07,\r\n"


def test_delimiters_quotes_and_line_ends_survive() -> None:
    row = ["a,b", 'say "x"', "two\r\nlines", "हिन्दी", ""]
    assert read(csv_rows.lines([row, row])) == [row, row]


def test_a_card_number_leaves_no_file() -> None:
    assert b"4242424242424242" not in csv_rows.lines([["paid by 4242 4242 4242 4242"]])
    assert b"4242 4242" not in csv_rows.lines([["paid by 4242 4242 4242 4242"]])
