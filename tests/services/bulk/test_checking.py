from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.domain.actors import Actor
from app.queries import outbox
from app.services import leases
from app.services.bulk import check, error_file, table
from app.services.bulk.table import Delimiter
from tests.services import flows
from tests.services.bulk import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sqlalchemy import Engine

    from app.domain.bulk_header import Header
    from app.models import BulkUpload
    from app.services.bulk.table import Record
    from tests.fixtures.application import World

BAD_ROWS = {
    "amount_invalid": files.card("order-1", "1e3"),
    "amount_not_positive": files.card("order-1", "0.00"),
    "too_many_decimals": files.card("order-1", "1.005"),
    "amount_too_large": files.card("order-1", "92233720368547758.08"),
    "unknown_currency": ["order-1", "1.00", "XYZ", "card", "tok_approve"],
    "method_unknown": ["order-1", "1.00", "EUR", "cheque", "tok_approve"],
    "method_not_enabled": ["order-1", "1.00", "EUR", "upi", ""],
    "card_token_missing": files.card("order-1", token=""),
    "missing": files.card(""),
    "reference_too_long": files.card("x" * 65),
    "too_few_cells": ["order-1", "1.00"],
    "too_many_cells": [*files.card("order-1"), "more"],
    "control_character": files.card("order\x07-1"),
    "card_number_refused": files.card("order-1", token="4242 4242 4242 4242"),
}


def errors(upload: BulkUpload) -> list[tuple[int, str, str]]:
    assert upload.errors_at is not None
    found = error_file.first_errors(upload.errors_at, Delimiter(upload.delimiter), 100)
    return [(error.line, error.column, error.code) for error in found]


@pytest.mark.parametrize("code", BAD_ROWS)
def test_every_kind_of_bad_cell_is_named(world: World, code: str) -> None:
    upload = files.checked(world.owner(), files.text([files.card("order-0"), BAD_ROWS[code]]))
    assert (upload.status, upload.rows_valid, upload.rows_invalid) == ("ready", 1, 1)
    assert [(line, found) for line, _, found in errors(upload)] == [(3, code)]


def test_all_bad_cells_of_a_row_are_named_at_the_line_where_it_starts(world: World) -> None:
    content = (
        "reference,amount,currency,method,card_token,description\n"
        'order-1,10.50,EUR,card,tok_approve,"two\nlines"\n\n'
        "order-2,-1,EUR,card,,fine\n"
    )
    upload = files.checked(world.owner(), content)
    assert errors(upload) == [
        (2, "description", "control_character"),
        (5, "amount", "amount_not_positive"),
        (5, "card_token", "card_token_missing"),
    ]
    assert (upload.rows_total, upload.rows_invalid, upload.cells_invalid) == (2, 2, 3)


def test_totals_are_exact_by_currency_and_count_new_rows_only(world: World) -> None:
    rows = [files.card(f"order-{number}", "0.10") for number in range(3)]
    yen = ["order-9", "1000", "JPY", "card", "tok_approve"]
    upload = files.checked(world.owner(), files.text([*rows, yen, files.card("order-8", "x")]))
    assert json.loads(upload.totals) == {"EUR": 30, "JPY": 1000}


def test_a_decimal_comma_is_read_where_it_was_asked_for(world: World) -> None:
    content = "reference;amount;currency;method;card_token\norder-1;1,50;EUR;card;tok_approve\n"
    upload = files.checked(world.owner(), content, decimal_mark=",")
    assert (upload.delimiter, json.loads(upload.totals)) == ("semicolon", {"EUR": 150})


def test_the_second_row_with_a_reference_names_the_first(world: World) -> None:
    rows = [files.card("order-1"), files.card("order-2"), files.card("order-1")]
    upload = files.checked(world.owner(), files.text(rows))
    assert errors(upload) == [(4, "reference", "duplicate_reference")]
    assert upload.errors_at is not None
    assert b"stands on line 2" in files.stored(upload.errors_at)


def test_a_reference_of_another_payment_is_an_error_that_names_it(world: World) -> None:
    payment = flows.pay(world.owner(), world.acme, reference="order-1", run=False)
    upload = files.checked(world.owner(), files.cards(2))
    assert errors(upload) == [(2, "reference", "reference_taken")]
    assert upload.errors_at is not None
    assert payment.encode() in files.stored(upload.errors_at)


def test_the_same_row_again_is_done_and_another_content_is_an_error(world: World) -> None:
    files.finished(world.owner(), files.cards(2))
    again = files.text([files.card("order-1"), files.card("order-2", "11.00")])
    upload = files.checked(world.owner(), again)
    assert (upload.rows_valid, upload.rows_done, upload.rows_invalid) == (0, 1, 1)
    assert errors(upload) == [(3, "reference", "reference_taken")]


def test_references_of_another_merchant_do_not_matter(world: World) -> None:
    files.finished(world.stranger(), files.cards(2))
    assert files.checked(world.owner(), files.cards(2)).rows_valid == 2


def test_an_amount_over_the_limit_is_named(world: World, migrator_engine: Engine) -> None:
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO amount_limit (public_id, merchant_id, livemode, kind, currency, "
            "max_minor, created_at) VALUES ('lim_1', %s, 0, 'card', 'EUR', 2000, '2026-03-01')",
            (world.acme,),
        )
    rows = [files.card("order-1", "20.00"), files.card("order-2", "20.01")]
    upload = files.checked(world.owner(), files.text(rows))
    assert errors(upload) == [(3, "amount", "limit_exceeded")]


REFUSED = {
    "no rows": ("reference,amount,currency,method\n\n", "has a header but no rows"),
    "broken quotation marks": (
        files.cards(2) + '"order-3"x,1,EUR,card,t\n',
        "line 4: has quotation",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_table_refuses_the_upload(world: World, name: str) -> None:
    content, words = REFUSED[name]
    upload = files.checked(world.owner(), content)
    assert (upload.status, upload.errors_at) == ("refused", None)
    assert words in (upload.failure or "")
    with db.reading(world.owner()) as session:
        assert list(outbox.due(session, "bulk", 10)) == []


def test_the_error_file_has_the_own_columns_and_is_inert(world: World) -> None:
    header = ("card_token", "reference", "amount", "currency", "method", "description")
    row = ["4242424242424242", "=1+1", "x", "EUR", "card", "@SUM(A1)"]
    upload = files.checked(world.owner(), files.text([row], header))
    assert upload.errors_at is not None
    data = files.stored(upload.errors_at)
    found = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    assert found[0] == [*header, "line", "column", "code", "message"]
    own = ["[card number removed]", "'=1+1", "x", "EUR", "card", "'@SUM(A1)"]
    assert [line[:9] for line in found[1:]] == [
        [*own, "2", "card_token", "card_number_refused"],
        [*own, "2", "amount", "amount_invalid"],
    ]


def test_a_check_that_was_canceled_meanwhile_ends_its_task(
    world: World, migrator_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    public_id = files.upload(world.owner(), files.cards(1))
    rows = table.rows

    def canceled_meanwhile(
        text: Iterable[str], delimiter: Delimiter
    ) -> tuple[Header, Iterator[Record]]:
        with migrator_engine.begin() as connection:
            connection.exec_driver_sql("UPDATE bulk_upload SET status = 'canceled'")
        return rows(text, delimiter)

    monkeypatch.setattr(table, "rows", canceled_meanwhile)
    assert files.work() == 1
    assert files.read(world.owner(), public_id).status == "canceled"
    with migrator_engine.connect() as connection:
        states = connection.exec_driver_sql("SELECT state FROM outbox WHERE kind = 'bulk.check'")
        assert states.scalars().all() == ["done"]


def test_a_check_whose_lease_was_taken_changes_nothing(
    world: World, migrator_engine: Engine
) -> None:
    public_id = files.upload(world.owner(), files.cards(1))
    house = Actor.house(None, "test")
    with db.unit_of_work(house) as session:
        first = outbox.lease(session, outbox.due(session, "bulk", 1)[0], leases.owner(), 1)
    files.end_leases(migrator_engine)
    with db.unit_of_work(house) as session:
        outbox.lease(session, outbox.due(session, "bulk", 1)[0], "another", 60)
    assert first is not None
    check(first)
    assert files.read(world.owner(), public_id).status == "checking"
