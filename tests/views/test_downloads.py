"""A list as a file: the same rows and columns, nobody else's, written while it is sent."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from app.adapters import db
from app.queries import audit, listing, payment_list
from app.queries.audit import AuditFilter
from app.queries.listing import Window
from tests.fixtures.application import NOW
from tests.queries import rows

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from app.queries.listing import Slice
    from app.queries.payment_list import PaymentFilter
    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]


def take(person: Person, address: str, **fields: str | list[str]) -> TestResponse:
    """Press the button that downloads a list; the file is not read yet."""
    return person.client.post(address, data={**person.form("/payments/"), **fields})


def read(answer: TestResponse) -> list[list[str]]:
    """Return the rows of a file, the header among them."""
    assert answer.status_code == 200, answer.text
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline="")))


def entries(desk: Desk) -> Sequence[Any]:
    """Return what the trail says about files."""
    with db.reading(desk.world.staff()) as session:
        return audit.page(session, AuditFilter(action="exports"), Window()).rows


def test_the_file_holds_what_the_page_shows(desk: Desk) -> None:
    world = desk.world
    (paid,) = rows.series(world.owner(), world.acme, 1, amount_minor=123456, reference="=1+1")
    rows.series(world.owner(), world.acme, 1, currency="JPY", amount_minor=5, reference="yen")
    answer = take(desk.person("acme-owner"), "/payments/export.csv?reference==1*")
    assert answer.data.startswith(b"\xef\xbb\xbfMade,Payment,")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="payments-2')
    assert answer.headers["Cache-Control"] == "no-store"
    assert read(answer) == [
        ["Made", "Payment", "Reference", "Method", "Status", "Amount", "Currency"],
        ["2026-03-01T17:30:00+05:30", paid, "'=1+1", "Card", "Succeeded", "1234.56", "EUR"],
    ]


def test_the_file_has_the_columns_of_the_page(desk: Desk) -> None:
    rows.series(desk.world.owner(), desk.world.acme, 1, currency="JPY", amount_minor=5)
    staff = desk.person("operations")
    asked = read(take(staff, "/payments/export.csv?columns=merchant,refunded"))
    assert asked[0] == ["Made", "Payment", "Merchant", "Refunded", "Amount", "Currency"]
    assert asked[1][2:] == ["Acme", "0", "5", "JPY"]
    staff.post("/payments/columns", {**staff.form("/payments/"), "columns": "method"})
    assert read(take(staff, "/payments/export.csv"))[0][2:] == ["Method", "Amount", "Currency"]


def test_the_file_is_ordered_as_the_list_and_holds_every_page(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "CHUNK_ROWS", 4)
    made = rows.series(desk.world.owner(), desk.world.acme, 11)
    found = read(take(desk.person("acme-owner"), "/payments/export.csv?older=pay_none"))
    assert [row[1] for row in found[1:]] == made


def test_only_ticked_rows_and_only_ones_own(desk: Desk) -> None:
    world = desk.world
    own = rows.series(world.owner(), world.acme, 3)
    foreign = rows.series(world.stranger(), world.globex, 2)
    person = desk.person("acme-owner")
    found = read(take(person, "/payments/export.csv", id=[own[0], own[2], *foreign]))
    assert [row[1] for row in found[1:]] == [own[0], own[2]]
    many = take(person, "/payments/export.csv", id=own * 34)
    assert many.status_code == 422
    assert "more than 100 rows" in many.text


def test_a_file_tells_nothing_of_another_merchant(desk: Desk) -> None:
    world = desk.world
    rows.series(world.owner(), world.acme, 2, reference="own")
    (foreign,) = rows.series(world.stranger(), world.globex, 1, reference="canary")
    person = desk.person("acme-owner")
    for query in ("", "?merchant=globex", "?reference=canary", f"?older={foreign}"):
        text = take(person, f"/payments/export.csv{query}").text
        assert "canary" not in text
        assert foreign not in text


def test_a_file_stays_the_readers_while_others_work(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "CHUNK_ROWS", 2)
    world = desk.world
    own = rows.series(world.owner(), world.acme, 5)
    foreign = rows.series(world.stranger(), world.globex, 5)
    files = {
        name: take(desk.person(name), "/payments/export.csv").iter_encoded()
        for name in ("acme-owner", "globex-owner", "operations")
    }
    seen = dict.fromkeys(files, b"")
    # One part of each in turn, with other requests between, as on a busy server.
    for _ in range(7):
        for name, parts in files.items():
            seen[name] += next(parts, b"")
            assert desk.person("globex-owner").client.get("/payments/").status_code == 200
    ids = {
        name: {each for each in [*own, *foreign] if each.encode() in seen[name]} for name in seen
    }
    assert ids == {
        "acme-owner": set(own),
        "globex-owner": set(foreign),
        "operations": {*own, *foreign},
    }


def test_rows_are_read_while_the_file_is_sent(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "CHUNK_ROWS", 2)
    rows.series(desk.world.owner(), desk.world.acme, 6)
    asked: list[Window] = []
    find = payment_list.payments

    def watched(
        session: Session, wanted: PaymentFilter, window: Window, *, besides: Collection[str] = ()
    ) -> Slice:
        asked.append(window)
        return find(session, wanted, window, besides=besides)

    monkeypatch.setattr(payment_list, "payments", watched)
    person = desk.person("acme-owner")
    fields = person.form("/payments/")
    asked.clear()
    parts = person.client.post("/payments/export.csv", data=fields).iter_encoded()
    assert asked == []
    for number in range(4):
        next(parts)
        assert len(asked) == number
    assert {window.limit for window in asked} == {2}
    assert list(parts) == []


def test_a_file_that_breaks_off_does_not_look_whole(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "CHUNK_ROWS", 2)
    made = rows.series(desk.world.owner(), desk.world.acme, 4)
    find = payment_list.payments

    def broken(session: Session, wanted: PaymentFilter, window: Window) -> Slice:
        if window.older:
            raise RuntimeError("the database went away")
        return find(session, wanted, window)

    person = desk.person("acme-owner")
    fields = person.form("/payments/")
    monkeypatch.setattr(payment_list, "payments", broken)
    parts = person.client.post("/payments/export.csv", data=fields).iter_encoded()
    got = b""
    with pytest.raises(RuntimeError, match="the database went away"):
        for part in parts:
            got += part
    assert made[0].encode() in got
    assert got.endswith(b"\r\nThe download broke off: this file is not complete.\r\n")


def test_who_took_which_list_is_written_down(desk: Desk) -> None:
    rows.series(desk.world.owner(), desk.world.acme, 1)
    query = "status=succeeded&status=failed&email=ann%40example.com&reference=&columns=method"
    take(desk.person("acme-owner"), f"/payments/export.csv?{query}")
    (entry,) = entries(desk)
    assert (entry.action, entry.actor_label, entry.object_id) == (
        "exports.payments",
        "acme-owner",
        "payments",
    )
    assert entry.merchant_id == desk.world.acme
    assert '"status":["succeeded","failed"]' in entry.changes
    assert '"columns":["made","payment","method","amount"]' in entry.changes
    assert "ann@example.com" not in entry.changes
    assert '"email":"(given)"' in entry.changes
    assert "reference" not in entry.changes


def test_nothing_is_handed_out_without_the_right_or_the_token(desk: Desk) -> None:
    rows.series(desk.world.owner(), desk.world.acme, 1)
    person = desk.person("acme-owner")
    for address in ("/payments/export.csv", "/refunds/export.csv", "/payments/columns"):
        assert person.client.post(address).status_code == 400
        assert person.client.get(address).status_code in {404, 405}
    answer = take(person, "/payments/export.csv?from=never")
    assert answer.status_code == 422
    assert len(entries(desk)) == 0


def test_refunds_are_a_file_too(desk: Desk) -> None:
    world = desk.world
    paid = rows.series(world.owner(), world.acme, 2)
    refund = rows.refund(world.owner(), world.connector_account, paid[0], 300)
    rows.series(world.owner(), world.acme, 1, created_at=NOW + timedelta(days=1))
    for name in ("acme-owner", "operations"):
        answer = take(desk.person(name), "/refunds/export.csv?state=init&columns=state")
        assert read(answer) == [
            ["Asked", "Refund", "State", "Amount", "Currency"],
            [read(answer)[1][0], refund, "Waiting to be sent", "3.00", "EUR"],
        ]
    stranger = take(desk.person("globex-owner"), "/refunds/export.csv", id=[refund])
    assert len(read(stranger)) == 1
