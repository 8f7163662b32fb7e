import json
from collections.abc import Collection
from dataclasses import replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.bulk_rows import (
    DEFAULT_METHODS,
    Header,
    HeaderError,
    PaymentRow,
    RowErrors,
    error_csv_cell,
    parse_row,
    read_header,
)
from app.domain.money import DecimalMark, Money
from app.errors import BadInputError, CardNumberRefusedError

COLUMNS = [
    "reference",
    "amount",
    "currency",
    "method",
    "customer_name",
    "customer_email",
    "customer_phone",
    "description",
    "card_token",
    "capture",
    "vpa",
    "asset",
    "apm_name",
    "metadata.shop",
    "metadata.note",
]
HEADER = read_header(COLUMNS)
GOOD = {
    "reference": "order-17",
    "amount": "10.50",
    "currency": "EUR",
    "method": "card",
    "card_token": "tok_approve",
}


def parse(
    cells: dict[str, str],
    *,
    decimal_mark: DecimalMark = ".",
    enabled_methods: Collection[str] = DEFAULT_METHODS,
) -> PaymentRow | RowErrors:
    values = GOOD | cells
    return parse_row(
        HEADER,
        [values.get(name, "") for name in COLUMNS],
        line=7,
        decimal_mark=decimal_mark,
        enabled_methods=enabled_methods,
    )


def faults(cells: dict[str, str], *, decimal_mark: DecimalMark = ".") -> list[tuple[str, str]]:
    result = parse(cells, decimal_mark=decimal_mark)
    assert isinstance(result, RowErrors)
    return [(error.column, error.code) for error in result.errors]


def test_the_least_that_makes_a_payment() -> None:
    row = parse({})

    assert row == PaymentRow(
        line=7,
        reference="order-17",
        amount=Money(1050, "EUR"),
        method="card",
        card_token="tok_approve",
    )


def test_everything_that_a_payment_may_say() -> None:
    row = parse(
        {
            "reference": " order-17 ",
            "amount": "1050",
            "currency": "jpy",
            "method": "Card",
            "customer_name": "Zoë Ødegård",
            "customer_email": "zoe@shop.example.com",
            "customer_phone": "+49 1512 3456789",
            "description": "two shirts, 50 % off",
            "capture": "Manual",
            "metadata.shop": "Köln",
        }
    )

    assert row == PaymentRow(
        line=7,
        reference="order-17",
        amount=Money(1050, "JPY"),
        method="card",
        customer_name="Zoë Ødegård",
        customer_email="zoe@shop.example.com",
        customer_phone="+49 1512 3456789",
        description="two shirts, 50 % off",
        card_token="tok_approve",
        capture="manual",
        metadata={"shop": "Köln"},
    )


@pytest.mark.parametrize(
    "column, text, code",
    [
        ("reference", "", "missing"),
        ("reference", "r" * 65, "reference_too_long"),
        ("amount", " ", "missing"),
        ("amount", "1e3", "amount_invalid"),
        ("amount", "1,050.00", "amount_invalid"),
        ("amount", "1" * 65, "amount_invalid"),
        ("amount", "0.00", "amount_not_positive"),
        ("amount", "-5", "amount_not_positive"),
        ("amount", "10.005", "too_many_decimals"),
        ("amount", "92233720368547758.08", "amount_too_large"),
        ("currency", "", "missing"),
        ("currency", "XXX", "unknown_currency"),
        ("currency", "E" * 25, "unknown_currency"),
        ("method", "", "missing"),
        ("method", "cash", "method_unknown"),
        ("method", "m" * 25, "method_unknown"),
        ("method", "upi", "method_not_enabled"),
        ("method", "Crypto", "method_not_enabled"),
        ("customer_name", "n" * 129, "too_long"),
        ("customer_name", "evil \u202e name", "control_character"),
        ("customer_email", "nobody", "email_invalid"),
        ("customer_email", "a@b", "email_invalid"),
        ("customer_email", "a@b.c, d@e.f", "email_invalid"),
        ("customer_email", "a" * 65 + "@b.example", "email_invalid"),
        ("customer_email", "a@" + "b" * 250 + ".de", "email_invalid"),
        ("customer_phone", "1" * 33, "too_long"),
        ("description", "d" * 256, "too_long"),
        ("description", "a\x00b", "control_character"),
        ("description", "two\nlines", "control_character"),
        ("description", "4242 4242 4242 4242", "card_number_refused"),
        ("reference", "4242424242424242", "card_number_refused"),
        ("amount", "4242424242424242", "card_number_refused"),
        ("vpa", "4242-4242-4242-4242", "card_number_refused"),
        ("card_token", "", "card_token_missing"),
        ("card_token", "4242424242424242", "card_number_refused"),
        ("card_token", "t" * 256, "too_long"),
        ("capture", "later", "capture_invalid"),
        ("capture", "c" * 25, "capture_invalid"),
        ("metadata.note", "m" * 501, "too_long"),
        ("metadata.note", "4242\u20094242\u20094242\u20094242", "card_number_refused"),
    ],
)
def test_a_bad_cell_is_named_once_with_its_code(column: str, text: str, code: str) -> None:
    result = parse({column: text})

    assert isinstance(result, RowErrors)
    (error,) = result.errors
    assert (error.line, error.column, error.code) == (7, column, code)
    assert error.message.startswith(f"{column}: ")
    assert error.message.endswith(".")
    assert "4242" not in error.message


def test_every_bad_cell_is_named_at_once_in_the_order_of_the_columns() -> None:
    bad = dict.fromkeys(COLUMNS, "\x00") | {
        "amount": "1,5",
        "currency": "???",
        "customer_phone": "4242424242424242",
        "capture": "x",
    }

    assert faults(bad) == [
        ("reference", "control_character"),
        ("amount", "amount_invalid"),
        ("currency", "unknown_currency"),
        ("method", "control_character"),
        ("customer_name", "control_character"),
        ("customer_email", "control_character"),
        ("customer_phone", "card_number_refused"),
        ("description", "control_character"),
        ("card_token", "control_character"),
        ("capture", "capture_invalid"),
        ("vpa", "control_character"),
        ("asset", "control_character"),
        ("apm_name", "control_character"),
        ("metadata.shop", "control_character"),
        ("metadata.note", "control_character"),
    ]


@pytest.mark.parametrize("amount", ["0.123456789", "0.1234567890", "9" * 11, "5"])
def test_without_a_currency_only_what_none_would_allow_is_held_against_an_amount(
    amount: str,
) -> None:
    assert faults({"currency": "", "amount": amount}) == [("currency", "missing")]


def test_the_longest_cells_are_taken() -> None:
    longest = {
        "reference": "r" * 64,
        "customer_name": "n" * 128,
        "customer_email": "a" * 64 + "@" + "b" * 185 + ".com",
        "customer_phone": "p" * 32,
        "description": "d" * 255,
        "card_token": "t" * 255,
        "metadata.note": "m" * 500,
    }

    assert isinstance(parse(longest), PaymentRow)


def test_the_decimal_mark_is_said_never_guessed() -> None:
    row = parse({"amount": "10,50"}, decimal_mark=",")

    assert isinstance(row, PaymentRow)
    assert row.amount == Money(1050, "EUR")
    assert faults({"amount": "10.50"}, decimal_mark=",") == [("amount", "amount_invalid")]
    with pytest.raises(BadInputError, match="decimal_mark"):
        parse({}, decimal_mark=cast("DecimalMark", ";"))


def test_an_enabled_method_needs_no_card_token() -> None:
    row = parse({"method": "UPI", "card_token": ""}, enabled_methods={"card", "upi"})

    assert isinstance(row, PaymentRow)
    assert row.method == "upi"


def test_a_missing_token_column_is_a_missing_token() -> None:
    header = Header(("reference", "amount", "currency", "method"))

    result = parse_row(header, ["a", "1", "EUR", "card"], line=2)

    assert isinstance(result, RowErrors)
    assert [(error.column, error.code) for error in result.errors] == [
        ("card_token", "card_token_missing")
    ]


def test_blank_cells_behind_the_last_column_do_no_harm() -> None:
    header = Header(("reference", "amount", "currency", "method", "card_token"))

    assert isinstance(parse_row(header, [*GOOD.values(), "x"], line=2), RowErrors)
    cells = ["a", "1", "EUR", "card", "tok", "", " "]
    assert isinstance(parse_row(header, cells, line=2), PaymentRow)


@pytest.mark.parametrize(
    "surplus, code", [(["x"], ["too_many_cells"]), (["4242424242424242"], ["card_number_refused"])]
)
def test_a_row_with_more_cells_than_columns_is_no_row(surplus: list[str], code: list[str]) -> None:
    result = parse_row(HEADER, [*[""] * len(COLUMNS), *surplus], line=3)

    assert isinstance(result, RowErrors)
    assert {error.column for error in result.errors} == {""}
    assert {error.code for error in result.errors} == {"too_many_cells", *code}
    assert all(error.message.startswith("the line: ") for error in result.errors)


def test_a_row_with_fewer_cells_than_columns_is_no_row() -> None:
    result = parse_row(HEADER, ["order-17", "10.50"], line=3)

    assert isinstance(result, RowErrors)
    assert [error.code for error in result.errors] == ["too_few_cells"]


def test_the_digest_is_that_of_the_content_wherever_it_stands() -> None:
    row = parse({"metadata.shop": "a", "metadata.note": "b"})
    assert isinstance(row, PaymentRow)

    assert replace(row, line=99).content_digest() == row.content_digest()
    assert replace(row, metadata={"note": "b", "shop": "a"}).content_digest() == (
        row.content_digest()
    )
    assert len(row.content_digest()) == 32


@pytest.mark.parametrize(
    "change",
    [
        {"reference": "other"},
        {"amount": Money(1051, "EUR")},
        {"amount": Money(1050, "USD")},
        {"method": "upi"},
        {"customer_name": "x"},
        {"customer_email": "x"},
        {"customer_phone": "x"},
        {"description": "x"},
        {"card_token": "tok_other"},
        {"capture": "manual"},
        {"metadata": {"a": "b"}},
    ],
    ids=lambda change: "-".join(f"{name}={value!r}" for name, value in change.items()),
)
def test_other_content_has_another_digest(change: dict[str, Any]) -> None:
    row = parse({})
    assert isinstance(row, PaymentRow)

    assert replace(row, **change).content_digest() != row.content_digest()


def test_the_digest_stays_the_same_over_releases() -> None:
    row = parse({})
    assert isinstance(row, PaymentRow)

    # Stored with confirmed rows: another value would make known rows look new.
    assert (
        row.content_digest().hex()
        == "627d5ce5c4430f9c88c5867a4bb3849a4672d28891ee98aa9eb506671b258dbf"
    )


def test_a_token_is_not_shown_by_repr() -> None:
    assert "tok_approve" not in repr(parse({}))


@given(st.lists(st.text(max_size=80), max_size=len(COLUMNS) + 2))
def test_any_row_is_either_taken_or_explained(cells: list[str]) -> None:
    result = parse_row(HEADER, cells, line=5)

    if isinstance(result, RowErrors):
        assert result.errors
        assert all(error.line == 5 and error.code and error.message for error in result.errors)
        assert json.dumps([error.message for error in result.errors])


@given(st.lists(st.text(max_size=30), max_size=12))
def test_any_first_line_is_either_a_header_or_refused(cells: list[str]) -> None:
    with pytest.raises((HeaderError, CardNumberRefusedError)):
        read_header(cells)


@pytest.mark.parametrize(
    "text, cell",
    [
        ("order-17", "order-17"),
        ("", ""),
        ("=1+1", "'=1+1"),
        ("+49 151", "'+49 151"),
        ("-5.00", "'-5.00"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\nx", "'\nx"),
        (" =cmd|' /C calc'!A0", "' =cmd|' /C calc'!A0"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("a=b", "a=b"),
        ("4242 4242 4242 4242", "[card number removed]"),
        ("+4242 4242 4242 4242", "'+[card number removed]"),
    ],
)
def test_a_cell_of_the_error_file_is_inert(text: str, cell: str) -> None:
    assert error_csv_cell(text) == cell
