"""Rows that become payment links: until when, in which language, and whether they are mailed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.bulk_links import LinkTerms
from app.domain.bulk_rows import LINK, METHODS, PaymentRow, RowErrors, parse_row, read_header

COLUMNS = [
    *("reference", "amount", "currency", "method", "card_token", "capture"),
    *("customer_email", "expires", "locale", "send"),
]
HEADER = read_header(COLUMNS)
GOOD = {"reference": "inv-7", "amount": "10.50", "currency": "EUR", "method": "link"}
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def parse(cells: dict[str, str], methods: tuple[str, ...] = (*METHODS, LINK)) -> object:
    values = GOOD | cells
    found = [values.get(name, "") for name in COLUMNS]
    return parse_row(HEADER, found, line=7, enabled_methods=methods)


def digest(cells: dict[str, str]) -> bytes:
    row = parse(cells)
    assert isinstance(row, PaymentRow)
    return row.content_digest()


@pytest.mark.parametrize(
    "cells, terms",
    [
        ({}, LinkTerms()),
        ({"expires": "14"}, LinkTerms(days=14)),
        ({"expires": "2026-12-31", "locale": "DE"}, LinkTerms(day=date(2026, 12, 31), locale="de")),
        ({"send": "No", "card_token": "passed over"}, LinkTerms()),
        ({"send": "YES", "customer_email": "jo@example.com"}, LinkTerms(send=True)),
    ],
)
def test_a_row_says_what_its_link_is(cells: dict[str, str], terms: LinkTerms) -> None:
    row = parse(cells)
    assert isinstance(row, PaymentRow)
    assert (row.method, row.link) == ("link", terms)


@pytest.mark.parametrize(
    "cells, fault",
    [
        ({"expires": "0"}, ("expires", "expires_invalid")),
        ({"expires": "367"}, ("expires", "expires_invalid")),
        ({"expires": "2026-02-30"}, ("expires", "expires_invalid")),
        ({"expires": "9999-12-31"}, ("expires", "expires_invalid")),
        ({"expires": "20261231"}, ("expires", "expires_invalid")),
        ({"expires": "tomorrow, or so"}, ("expires", "expires_invalid")),
        ({"locale": "fr"}, ("locale", "locale_unknown")),
        ({"send": "maybe"}, ("send", "send_invalid")),
        ({"send": "yes"}, ("customer_email", "email_missing")),
        ({"send": "yes", "customer_email": "jo"}, ("customer_email", "email_invalid")),
        ({"capture": "manual"}, ("capture", "capture_not_possible")),
        ({"reference": "r" * 41}, ("reference", "reference_too_long")),
    ],
)
def test_a_bad_cell_of_a_link_is_named_once(cells: dict[str, str], fault: tuple[str, str]) -> None:
    row = parse(cells)
    assert isinstance(row, RowErrors)
    assert [(error.column, error.code) for error in row.errors] == [fault]


def test_rows_of_other_methods_pass_these_columns_over() -> None:
    row = parse({"method": "card", "card_token": "t", "expires": "never", "send": "perhaps"})
    assert isinstance(row, PaymentRow)
    assert row.link is None
    refused = parse({}, METHODS)
    assert isinstance(refused, RowErrors)
    assert refused.errors[0].code == "method_not_enabled"


def test_what_a_link_is_belongs_to_what_its_row_asks_for() -> None:
    mail = {"customer_email": "jo@example.com"}
    asked = [
        {},
        {"expires": "14"},
        {"expires": "15"},
        {"locale": "hi"},
        mail,
        mail | {"send": "yes"},
    ]
    assert len({digest(cells) for cells in asked}) == len(asked)
    assert digest({"send": "no"}) == digest({})


@given(st.dates(date(2026, 3, 1), date(2027, 3, 1)), st.sampled_from(["Asia/Kolkata", "UTC"]))
def test_a_link_ends_when_its_last_day_is_over_where_its_merchant_is(day: date, zone: str) -> None:
    ends = LinkTerms(day=day).ends(NOW, ZoneInfo(zone))
    assert ends is not None
    local = ends.astimezone(ZoneInfo(zone))
    assert (local.date(), local.hour, local.minute) == (day + timedelta(days=1), 0, 0)
    assert LinkTerms(days=3).ends(NOW, ZoneInfo(zone)) == NOW + timedelta(days=3)
    assert LinkTerms().ends(NOW, ZoneInfo(zone)) is None
