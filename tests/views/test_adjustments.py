"""Adjusting by hand on screen: the form, the question, and asking a second person once."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any, Final, Unpack

import pytest

from app.adapters import db
from app.domain.identifiers import new_id
from app.models import ApprovalRequest, AuditEntry
from app.services import adjustments
from app.views import adjustments as view
from tests.services import flows
from tests.services.approvals.people import FINANCE_2, approve

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from app.services.adjustments import Asked
    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]

NEW, WRITE_OFF = "/ledger/adjustments/new", "/ledger/adjustments/write-off"
HIDDEN: Final = re.compile(r'name="(csrf_token|form_key)" value="([^"]*)"')
LINES = {
    "merchant": "acme",
    "reason": "a mistake of ours",
    "account-1": "merchant:available",
    "side-1": "debit",
    "amount-1": "5.00",
    "currency-1": "eur",
    "account-2": "revenue:mdr",
    "side-2": "credit",
    "amount-2": "5.00",
    "currency-2": "EUR",
}
GIVEN_UP = {"merchant": "acme", "amount": "1.00", "currency": "EUR", "reason": "is gone"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Let a second person approve at once; answers what was asked of that one."""
    found: list[dict[str, Any]] = []

    def approve(session: Session, now: datetime, **what: Unpack[Asked]) -> ApprovalRequest:
        found.append({**what})
        request = ApprovalRequest(public_id=new_id("apr", now))
        request.result_id = adjustments.execute(session, now, what["payload"], request)
        return request

    monkeypatch.setattr(view, "ASK", approve)
    return found


def balances(desk: Desk) -> dict[str, int]:
    every = flows.balances(desk.world.staff())
    return {code.split(":")[-2]: amount for code, amount in every.items() if amount}


def question(person: Person, address: str, fields: dict[str, str], status: int = 200) -> str:
    """Send a form; answers the page with the question, or with what is wrong."""
    answer = person.post(address, fields | person.csrf())
    assert answer.status_code == status, answer.text
    return unescape(answer.text)


def confirm(person: Person, address: str, fields: dict[str, str]) -> TestResponse:
    """Answer the question that follows these fields."""
    hidden = dict(HIDDEN.findall(question(person, address, fields)))
    return person.post(address, fields | hidden | {"confirmed": "1"})


def test_the_question_comes_first_and_each_form_asks_once(
    desk: Desk, asked: list[dict[str, Any]]
) -> None:
    finance = desk.person("finance")
    assert 'name="account-6"' in finance.get(NEW)
    page = question(finance, NEW, LINES)
    assert "This will be asked of a second person" in page
    assert "Revenue from percentages" in page
    assert asked == []
    fields = LINES | dict(HIDDEN.findall(page)) | {"confirmed": "1"}
    for _ in range(2):
        assert finance.post(NEW, fields).status_code == 303
    (only,) = asked
    assert (only["command"], only["reason"]) == ("ledger.adjust", "a mistake of ours")
    assert only["payload"]["after"] == {
        "Dr merchant:available EUR": "5.00 EUR",
        "Cr revenue:mdr EUR": "5.00 EUR",
    }
    assert balances(desk) == {"available": 500, "mdr": -500}


def test_a_debt_is_written_off_up_to_what_is_owed(desk: Desk, asked: list[dict[str, Any]]) -> None:
    finance = desk.person("finance")
    confirm(finance, NEW, LINES)
    confirm(finance, WRITE_OFF, GIVEN_UP)
    assert [each["command"] for each in asked] == ["ledger.adjust", "ledger.write_off"]
    assert balances(desk) == {"available": 400, "mdr": -500, "chargeback_loss": 100}
    beyond = question(finance, WRITE_OFF, GIVEN_UP | {"amount": "4.01"}, 422)
    assert "Writing off 4.01 EUR would pass" in beyond


def test_what_is_refused_when_it_is_confirmed_leaves_one_trace(
    desk: Desk, asked: list[dict[str, Any]]
) -> None:
    finance = desk.person("finance")
    confirm(finance, NEW, LINES)
    first, second = (
        dict(HIDDEN.findall(question(finance, WRITE_OFF, GIVEN_UP | {"amount": "3.00"})))
        for _ in range(2)
    )
    fields = GIVEN_UP | {"amount": "3.00", "confirmed": "1"}
    assert finance.post(WRITE_OFF, fields | first).status_code == 303
    assert finance.post(WRITE_OFF, fields | second).status_code == 422
    assert len(asked) == 2
    with db.reading(desk.world.staff()) as session:
        found = session.query(AuditEntry).filter(AuditEntry.action.like("%refused")).all()
    assert [each.action for each in found] == ["ledger.write_off_refused"]
    assert (found[0].actor_label, found[0].merchant_id) == ("finance", desk.world.acme)
    assert "Writing off 3.00 EUR would pass" in found[0].sentence


@pytest.mark.parametrize(
    "changes,words",
    [
        ({"merchant": "nobody"}, "Merchant: Is unknown."),
        ({"reason": ""}, "Reason: Is missing."),
        ({"amount-2": "4.99"}, "Lines: Do not balance: they are off by 0.01 EUR."),
        ({"amount-2": "4.999"}, "Lines: "),
        ({"currency-2": "money"}, "no known currency"),
        ({"side-2": ""}, "Lines: Have one without a side."),
        ({"account-2": "merchant:pending"}, "which is not adjusted by hand"),
        ({"account-2": "suspense"}, "Connector account: Is missing."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(
    desk: Desk, asked: list[dict[str, Any]], changes: dict[str, str], words: str
) -> None:
    page = question(desk.person("finance"), NEW, LINES | changes, 422)
    assert words.casefold() in page.casefold()
    assert 'value="5.00"' in page
    assert asked == []


def test_nothing_is_posted_before_a_second_person_has_approved(desk: Desk) -> None:
    assert confirm(desk.person("finance"), NEW, LINES).status_code == 303
    assert balances(desk) == {}
    with db.reading(desk.world.staff()) as session:
        request = session.query(ApprovalRequest).one().public_id
    posts = desk.person("finance").get(f"/approvals/{request}").partition('id="posts"')[2]
    assert "Acme: Available" in posts
    assert "5.00" in posts
    approve(FINANCE_2, request)
    assert balances(desk) == {"available": 500, "mdr": -500}


def test_what_was_typed_can_be_changed(desk: Desk) -> None:
    page = question(desk.person("finance"), NEW, LINES | {"change": "1"})
    assert 'value="a mistake of ours"' in page
    assert "This will be asked of a second person" not in page


@pytest.mark.parametrize("name", ["operations", "auditor", "acme-owner"])
def test_others_cannot_ask(desk: Desk, name: str) -> None:
    desk.person(name).get(NEW, 403)
    desk.person(name).get(WRITE_OFF, 403)
