import pytest

from app.domain.bulk_rows import METHODS, PaymentRow, RowErrors, parse_row, read_header

COLUMNS = ["reference", "amount", "currency", "method", "card_token", "vpa", "asset", "apm_name"]
HEADER = read_header(COLUMNS)
GOOD = {"reference": "order-17", "amount": "10.50", "currency": "EUR", "card_token": "tok_approve"}


def parse(cells: dict[str, str]) -> PaymentRow | RowErrors:
    values = GOOD | cells
    cells_in_order = [values.get(name, "") for name in COLUMNS]
    return parse_row(HEADER, cells_in_order, line=7, enabled_methods=METHODS)


@pytest.mark.parametrize(
    "cells, name, details",
    [
        ({"method": "upi"}, "qr", {}),
        ({"method": "upi", "vpa": "Jo@Bank"}, "collect", {"vpa": "jo@bank"}),
        ({"method": "crypto", "asset": "usdc@Ethereum"}, "USDC@ethereum", {}),
        ({"method": "apm", "apm_name": "iDEAL"}, "ideal", {}),
        ({"method": "card", "asset": "BTC", "apm_name": "ideal"}, "", {}),
    ],
)
def test_the_columns_of_a_family_name_its_method(
    cells: dict[str, str], name: str, details: dict[str, str]
) -> None:
    row = parse(cells)

    assert isinstance(row, PaymentRow)
    assert (row.method_name, row.details) == (name, details)


@pytest.mark.parametrize(
    "cells, fault",
    [
        ({"method": "upi", "vpa": "jo"}, ("vpa", "vpa_invalid")),
        ({"method": "crypto"}, ("asset", "asset_missing")),
        ({"method": "crypto", "asset": "EUR"}, ("asset", "asset_unknown")),
        ({"method": "crypto", "asset": "A" * 25}, ("asset", "asset_unknown")),
        ({"method": "apm"}, ("apm_name", "apm_name_missing")),
        ({"method": "apm", "apm_name": "a" * 33}, ("apm_name", "too_long")),
    ],
)
def test_a_bad_column_of_a_family_is_named(cells: dict[str, str], fault: tuple[str, str]) -> None:
    result = parse(cells)

    assert isinstance(result, RowErrors)
    assert [(error.column, error.code) for error in result.errors] == [fault]


def test_the_method_of_a_family_is_part_of_what_a_row_asks_for() -> None:
    rows = [parse({"method": "apm", "apm_name": name}) for name in ("ideal", "alipay", "iDEAL")]
    ideal, alipay, again = [row.content_digest() for row in rows if isinstance(row, PaymentRow)]

    assert ideal == again != alipay
