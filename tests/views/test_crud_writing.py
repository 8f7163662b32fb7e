"""Generated creates, edits and deletes: one trace each, none after a failure, words for errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
from sqlalchemy import select

from app.errors import CheckViolatedError
from app.models import (
    AmountLimit,
    ApprovalRequest,
    AuditEntry,
    Capability,
    Merchant,
    Payment,
)
from app.models.accounts import User
from app.services import audit, records
from app.views import menu
from app.views.crud import RecordView
from tests.views.approving import approve_waiting
from tests.views.people import PASSWORD

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    from tests.views.people import People

MERCHANT = {
    "key": "initech",
    "name": "Initech",
    "country": "DE",
    "default_currency": "eur",
    "timezone": "Europe/Berlin",
}
LIMIT = {
    "merchant_id": "acme",
    "kind": "card",
    "currency": "USD",
    "max_minor": "1000.05",
    "reason": "as agreed",
}
USER = {
    "username": "peter",
    "first_name": "Peter",
    "last_name": "Gibbons",
    "email": "peter@example.com",
    "role": "Finance",
    "merchants": "",
    "password": PASSWORD,
}
CREATES: list[tuple[str, dict[str, str], type[Any], str]] = [
    ("/merchants/add", MERCHANT, Merchant, "merchant.create"),
    (
        "/capabilities/add",
        {"merchant_id": "acme", "kind": "upi"},
        Capability,
        "capability.create",
    ),
    ("/limits/add", LIMIT, ApprovalRequest, "approvals.request"),
    ("/users/add", USER, User, "users.create"),
]
EDITS: list[tuple[str, dict[str, str], str]] = [
    (
        "/merchants",
        {**MERCHANT, "name": "Initrode", "mcc": "5411", "late_money": "refund"},
        "merchant.update",
    ),
    ("/limits", {"max_minor": "7.50", "reason": "as agreed"}, "approvals.request"),
    ("/users", {**USER, "last_name": "Smith", "active": "y"}, "users.update"),
]
DELETES = {
    "/capabilities": (Capability, "capability.delete"),
    "/users": (User, "users.delete"),
}
_BY_AREA = {path.removesuffix("/add"): (data, model) for path, data, model, _ in CREATES} | {
    "/limits": (LIMIT, AmountLimit)
}
AS_THEY_ARE: Final = {"late_money": "accept", "receipts": "y", "upload_mails": "y"}


def _create(people: People, area: str) -> str:
    """Add one row by the form and return what stands for it in addresses."""
    data, model = _BY_AREA[area]
    assert people.browser("admin").post(f"{area}/add", data).status_code == 302
    approve_waiting(people)
    table = model.__table__
    with people.engine.connect() as connection:
        row = connection.execute(select(table).order_by(table.c.id.desc())).mappings().first()
    assert row
    return str(row.get("public_id") or row["id"])


def shown_amount(amount: str, currency: str) -> str:
    """Return an amount as a cell shows it."""
    return f'<span class="amount">{amount}</span> <span class="currency">{currency}</span></span>'


@pytest.fixture
def failing(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every change from here on fail after its trace was written."""
    assert people
    record = audit.record

    def fail(session: Session, now: datetime, **names: object) -> None:
        cast("Any", record)(session, now, **names)
        session.flush()
        raise CheckViolatedError("A rule of the database refused this change.")

    monkeypatch.setattr(audit, "record", fail)


@pytest.mark.parametrize("path,data,model,action", CREATES)
def test_a_create_leaves_one_trace(
    people: People, path: str, data: dict[str, str], model: type[Any], action: str
) -> None:
    rows, traces = people.count(model), people.audit()
    assert people.browser("admin").post(path, data).status_code == 302
    assert people.count(model) == rows + 1
    assert [each[0] for each in people.audit()[len(traces) :]] == [action]


@pytest.mark.parametrize("path,data,model,action", CREATES)
@pytest.mark.usefixtures("failing")
def test_a_create_that_fails_leaves_nothing(
    people: People, path: str, data: dict[str, str], model: type[Any], action: str
) -> None:
    rows, traces = people.count(model), people.audit()
    answer = people.browser("admin").post(path, data)
    assert answer.status_code == 200
    assert "A rule of the database refused this change." in answer.text
    assert (people.count(model), people.audit()) == (rows, traces)


@pytest.mark.parametrize("area,data,action", EDITS)
def test_an_edit_leaves_one_trace(
    people: People, area: str, data: dict[str, str], action: str
) -> None:
    key = _create(people, area)
    traces = people.audit()
    assert people.browser("admin").post(f"{area}/edit/{key}", data).status_code == 302
    assert [each[0] for each in people.audit()[len(traces) :]] == [action]


def _shown(people: People, area: str, key: str) -> str:
    page = people.browser("admin").get(f"{area}/show/{key}").text
    facts = page[page.index("<dl") : page.index("</dl>")]
    # How long ago something was is another word with each reading.
    return re.sub(r"<time.*?</time>", "", facts)


@pytest.mark.parametrize("area,data", [edit[:2] for edit in EDITS])
def test_an_edit_that_fails_leaves_nothing(
    people: People, request: pytest.FixtureRequest, area: str, data: dict[str, str]
) -> None:
    key = _create(people, area)
    before = _shown(people, area, key)
    traces = people.audit()
    request.getfixturevalue("failing")
    assert "refused this change" in people.browser("admin").post(f"{area}/edit/{key}", data).text
    assert people.audit() == traces
    assert _shown(people, area, key) == before


@pytest.mark.parametrize("area", DELETES)
def test_a_delete_leaves_one_trace(people: People, area: str) -> None:
    model, action = DELETES[area]
    key = _create(people, area)
    rows, traces = people.count(model), people.audit()
    assert people.browser("admin").post(f"{area}/delete/{key}").status_code == 302
    assert people.count(model) == rows - 1
    assert [each[0] for each in people.audit()[len(traces) :]] == [action]


@pytest.mark.parametrize("area", DELETES)
def test_a_delete_that_fails_leaves_everything(
    people: People, request: pytest.FixtureRequest, area: str
) -> None:
    model, _ = DELETES[area]
    key = _create(people, area)
    rows, traces = people.count(model), people.audit()
    request.getfixturevalue("failing")
    answer = people.browser("admin").post(f"{area}/delete/{key}", follow_redirects=True)
    assert "refused this change" in answer.text
    assert (people.count(model), people.audit()) == (rows, traces)


@pytest.mark.parametrize("area", DELETES)
def test_a_delete_by_address_alone_is_no_delete(people: People, area: str) -> None:
    key = _create(people, area)
    rows = people.count(DELETES[area][0])
    assert people.browser("admin").get(f"{area}/delete/{key}").status_code == 405
    assert people.count(DELETES[area][0]) == rows


def test_the_trace_tells_before_and_after_of_what_changed(people: People) -> None:
    people.browser("admin").post("/merchants/add", MERCHANT)
    with people.engine.connect() as connection:
        table = Merchant.__table__
        newest = select(table.c.public_id).order_by(table.c.id.desc()).limit(1)
        key = connection.scalar(newest)
    answer = people.browser("admin").post(
        f"/merchants/edit/{key}",
        {**MERCHANT, "name": "Initrode", "mcc": "", **AS_THEY_ARE},
    )
    assert answer.status_code == 302
    with people.engine.connect() as connection:
        rows = connection.execute(select(AuditEntry.changes).order_by(AuditEntry.id.desc()))
        changes = rows.scalars().first()
    assert changes == '{"after":{"name":"Initrode"},"before":{"name":"Initech"}}'


def test_staff_set_up_a_merchants_face_by_the_rules_of_its_owners(people: People) -> None:
    browser = people.browser("compliance")
    edit = f"/merchants/edit/{_create(people, '/merchants')}"
    face = {
        "colour": "#FD0",
        "return_hosts": "Shop.example\r\npay.example",
        "shown_name": " In it ",
    }
    known = {**MERCHANT, "name": "Initech", **AS_THEY_ARE}
    for name, wrong in (("colour", "yellow"), ("return_url", "https://evil.example/")):
        page = browser.post(edit, {**known, **face, name: wrong})
        assert 'role="alert"' in page.text, name
        assert wrong in page.text
    assert browser.post(edit, {**known, **face}).status_code == 302
    with people.engine.connect() as connection:
        table = Merchant.__table__
        wanted = select(table.c.colour, table.c.return_hosts, table.c.shown_name)
        found = connection.execute(wanted.order_by(table.c.id.desc()).limit(1)).one()
    assert tuple(found) == ("#ffdd00", "shop.example\npay.example", "In it")


def test_an_amount_is_kept_exactly_and_shown_exactly(people: People) -> None:
    key = _create(people, "/limits")
    browser = people.browser("admin")
    assert 'value="1000.05"' in browser.get(f"/limits/edit/{key}").text
    assert shown_amount("1,000.05", "USD") in browser.get(f"/limits/show/{key}").text
    for wrong in ("1000.055", "1,000", "1e3", "-5", "0"):
        page = browser.post(f"/limits/edit/{key}", {"max_minor": wrong, "reason": "why"})
        assert 'role="alert"' in page.text, wrong
        assert f'value="{wrong}"' in page.text
    assert shown_amount("1,000.05", "USD") in browser.get(f"/limits/show/{key}").text


def test_a_duplicate_is_told_in_words(people: People) -> None:
    _create(people, "/merchants")
    page = people.browser("admin").post("/merchants/add", MERCHANT)
    assert "The same exists already." in page.text
    assert "INSERT" not in page.text
    assert 'value="initech"' in page.text


def test_a_user_who_is_needed_elsewhere_is_told_in_words(people: People) -> None:
    key = _create(people, "/capabilities")
    with people.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE depends (c BIGINT, FOREIGN KEY (c) REFERENCES capability(id))"
        )
        connection.exec_driver_sql("INSERT INTO depends SELECT id FROM capability")
    try:
        browser = people.browser("admin")
        page = browser.post(f"/capabilities/delete/{key}", follow_redirects=True)
        assert "Other rows belong to it" in page.text
    finally:
        with people.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE depends")


WRONG: list[tuple[str, dict[str, str], str]] = [
    ("/merchants/add", {**MERCHANT, "key": "Bad Key"}, "Is not usable."),
    ("/merchants/add", {**MERCHANT, "country": "ZZ"}, "Not a valid choice"),
    ("/merchants/add", {**MERCHANT, "default_currency": "XXX"}, "not a currency"),
    ("/merchants/add", {**MERCHANT, "timezone": "Mars/Base"}, "Is unknown."),
    ("/merchants/add", {**MERCHANT, "name": "4242 4242 4242 4242"}, "card number"),
    ("/merchants/add", {**MERCHANT, "name": ""}, "cannot be left empty"),
    ("/limits/add", {**LIMIT, "merchant_id": "nobody"}, "Choose one of the suggestions."),
    ("/limits/add", {**LIMIT, "currency": "nope"}, "no known currency"),
    ("/limits/add", {**LIMIT, "kind": "cheque"}, "Not a valid choice"),
    ("/users/add", {**USER, "password": "short"}, "fewer than 15"),
    ("/users/add", {**USER, "username": "admin"}, "already taken"),
    ("/users/add", {**USER, "role": "Merchant owner"}, "acts for at least one"),
    ("/users/add", {**USER, "merchants": "acme"}, "belongs to the house"),
]


@pytest.mark.parametrize("path,data,words", WRONG)
def test_a_wrong_value_is_told_at_its_place(
    people: People, path: str, data: dict[str, str], words: str
) -> None:
    traces = people.audit()
    page = people.browser("admin").post(path, data)
    assert page.status_code == 200
    assert words in page.text
    assert people.audit() == traces


def test_a_column_that_is_in_no_form_is_not_written(people: People) -> None:
    data = {**MERCHANT, "status": "closed", "public_id": "mer_x", "id": "7"}
    assert people.browser("admin").post("/merchants/add", data).status_code == 302
    page = people.browser("admin").get("/merchants/?_flt_1_key=initech").text
    assert "active" in page
    assert "mer_x" not in page


def test_rows_belong_to_the_open_book(people: People) -> None:
    browser = people.browser("admin")
    browser.post("/book/", {"book": "live"})
    location = browser.post(
        "/capabilities/add", {"merchant_id": "acme", "kind": "payouts"}
    ).location
    assert browser.get(location).status_code == 200
    browser.post("/book/", {"book": "test"})
    assert browser.get(location).status_code == 404


def test_only_what_the_service_may_change_has_a_generated_form() -> None:
    writing = {"add", "edit", "delete"}
    models = {
        entry.view.datamodel.obj
        for entry in menu.MENU
        if issubclass(entry.view, RecordView) and writing & entry.view.include_route_methods
    }
    assert models == {*records.CHANGEABLE, User}
    assert Payment not in models
