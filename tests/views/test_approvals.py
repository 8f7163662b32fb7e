"""Asking for approval, deciding on it and finding it, at the screens."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from app.errors import ForbiddenError
from app.models import AmountLimit
from app.security.writer import UnitWriter
from app.services import records
from app.services.record_rules import PROTECTED
from app.views.crud import RecordView
from app.views.menu import MENU
from tests.services import flows
from tests.views.approving import approve_waiting, waiting

if TYPE_CHECKING:
    from flask import Flask

    from tests.fixtures.application import World
    from tests.views.people import People

HIDDEN: Final = re.compile(r'type="hidden" name="([a-z_]+)" value="([^"]*)"')
LIMIT: Final = {
    "merchant_id": "acme",
    "kind": "card",
    "currency": "EUR",
    "max_minor": "500.00",
    "reason": "as agreed",
}


@pytest.fixture
def payment(people: People, sandbox_world: World) -> str:
    """Make a payment of 5,000.00 EUR of acme."""
    assert people.world is sandbox_world
    return flows.pay(sandbox_world.owner(), sandbox_world.acme, amount_minor=5_000_00)


def page(people: People, name: str, address: str) -> str:
    """Return what somebody reads at an address."""
    answer = people.browser(name).get(address)
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def ask_refund(people: People, name: str, payment: str, amount: str = "2000.00") -> str:
    """Ask for a refund by its form; answers what the page says that comes then."""
    typed = urlencode({"amount": amount, "reason": "returned goods"})
    sent = dict(HIDDEN.findall(page(people, name, f"/payments/{payment}/refund?{typed}")))
    browser = people.browser(name)
    answer = browser.post(f"/payments/{payment}/refund", sent, follow_redirects=True)
    return unescape(answer.text)


def refused(people: People) -> list[str]:
    """Return the actions that were refused, as the trail tells."""
    return [action for action, _ in people.audit() if action.endswith("_refused")]


def decide(people: People, name: str, request: str, verb: str, reason: str = "checked") -> str:
    """Decide on a request; answers what the page says that comes then."""
    address = f"/approvals/{request}/{verb}"
    answer = people.browser(name).post(address, {"reason": reason}, follow_redirects=True)
    assert answer.status_code == 200
    return unescape(answer.text)


def test_a_refund_over_the_limit_is_asked_for_and_approved(people: People, payment: str) -> None:
    typed = urlencode({"amount": "2000.00", "reason": "returned goods"})
    asked = page(people, "operations", f"/payments/{payment}/refund?{typed}")
    assert "This needs a second person" in asked
    assert "Ask for the refund of 2,000.00\xa0EUR" in asked
    told = ask_refund(people, "operations", payment)
    assert "a second person has to approve the refund" in told
    (request,) = waiting(people)
    assert f"/approvals/{request}" in page(people, "acme-owner", f"/payments/{payment}")
    shown = page(people, "finance", f"/approvals/{request}")
    assert "Refund 2000.00 EUR of payment order-1" in shown
    assert "0.00\xa0EUR" in shown, "before"
    assert "2,000.00\xa0EUR" in shown, "after"
    assert "It has been approved" in decide(people, "finance", request, "approve")
    told = page(people, "acme-owner", f"/payments/{payment}")
    assert "Refund of 2,000.00\xa0EUR asked by operations" in told


def test_a_small_refund_asks_nobody(people: People, payment: str) -> None:
    assert "The refund has been asked for" in ask_refund(people, "operations", payment, "999.99")
    assert waiting(people) == []


def test_the_same_is_asked_for_once(people: People, payment: str) -> None:
    ask_refund(people, "operations", payment)
    (request,) = waiting(people)
    typed = urlencode({"amount": "3000.00", "reason": "again"})
    answer = people.browser("finance").get(f"/payments/{payment}/refund?{typed}")
    assert answer.status_code == 409
    assert f"{request} by operations waits for a second person already" in answer.text


@pytest.mark.parametrize(
    "name,verb,said",
    [
        ("finance", "approve", "somebody else has to decide"),
        ("finance", "reject", "somebody else has to decide"),
        ("compliance", "approve", "Your role may not decide"),
        ("acme-owner", "reject", "Your role may not decide"),
        ("operations", "withdraw", "Only finance can withdraw"),
    ],
)
def test_who_may_not_is_told_and_leaves_one_trace(
    people: People, payment: str, name: str, verb: str, said: str
) -> None:
    ask_refund(people, "finance", payment)
    (request,) = waiting(people)
    assert said in decide(people, name, request, verb)
    assert refused(people) == [f"approvals.{verb}_refused"]
    assert waiting(people) == [request]


def test_a_second_decision_is_told_and_leaves_one_trace(people: People, payment: str) -> None:
    ask_refund(people, "operations", payment)
    (request,) = waiting(people)
    assert "It has been rejected" in decide(people, "finance", request, "reject")
    assert "has been rejected already" in decide(people, "finance", request, "approve")
    assert "has been rejected already" in decide(people, "operations", request, "withdraw")
    assert refused(people) == ["approvals.approve_refused", "approvals.withdraw_refused"]
    assert flows.read(people.world.owner(), payment).refund_asked_minor == 0


def test_a_decision_without_a_reason_is_none(people: People, payment: str) -> None:
    ask_refund(people, "operations", payment)
    (request,) = waiting(people)
    for verb in ("approve", "reject"):
        answer = people.browser("finance").post(f"/approvals/{request}/{verb}", {"reason": " "})
        assert answer.status_code == 422
        assert f'id="{verb}-again-error"' in answer.text
    assert (refused(people), waiting(people)) == ([], [request])


def test_a_changed_object_is_told_before_and_after(people: People, payment: str) -> None:
    ask_refund(people, "operations", payment)
    (request,) = waiting(people)
    flows.refund(people.world.owner(), people.world.acme, payment, 1_00)
    assert "has changed since it was asked for" in page(people, "finance", f"/approvals/{request}")
    assert "the request has lapsed" in decide(people, "finance", request, "approve")
    assert flows.read(people.world.owner(), payment).refund_asked_minor == 1_00


def test_the_buttons_are_for_those_who_may(people: People, payment: str) -> None:
    ask_refund(people, "operations", payment)
    (request,) = waiting(people)
    offered = {
        name: set(re.findall(rf"/approvals/{request}/(\w+)", page(people, name, at)))
        for name in ("operations", "finance", "auditor", "acme-owner")
        for at in (f"/approvals/{request}",)
    }
    assert offered == {
        "operations": {"withdraw"},
        "finance": {"approve", "reject"},
        "auditor": set(),
        "acme-owner": set(),
    }
    decide(people, "operations", request, "withdraw")
    assert f"/approvals/{request}/" not in page(people, "finance", f"/approvals/{request}")


def test_a_stranger_meets_nothing(people: People, payment: str) -> None:
    ask_refund(people, "acme-owner", payment)
    (request,) = waiting(people)
    assert request in page(people, "acme-owner", "/approvals/")
    assert request not in page(people, "globex-owner", "/approvals/")
    stranger = people.browser("globex-owner")
    assert stranger.get(f"/approvals/{request}").status_code == 404
    for verb in ("approve", "reject", "withdraw"):
        assert stranger.post(f"/approvals/{request}/{verb}", {"reason": "x"}).status_code == 404
    assert people.browser("acme-clerk").get("/approvals/").status_code == 403
    assert waiting(people) == [request]


def test_the_list_shows_at_first_what_one_may_decide_on(people: People, payment: str) -> None:
    ask_refund(people, "finance", payment)
    people.browser("admin").post("/limits/add", LIMIT)
    refund, limit = waiting(people)
    seen = {
        (name, query): [each for each in (refund, limit) if each in page(people, name, query)]
        for name, query in (
            ("finance", "/approvals/"),
            ("finance", "/approvals/?whose=mine"),
            ("finance", "/approvals/?whose=every"),
            ("compliance", "/approvals/"),
            ("operations", "/approvals/"),
            ("operations", "/approvals/?command=limits.change"),
            ("operations", "/approvals/?state=approved"),
            ("acme-owner", "/approvals/"),
            ("auditor", f"/approvals/?object={payment}"),
        )
    }
    assert list(seen.values()) == [
        [],
        [refund],
        [refund, limit],
        [limit],
        [refund, limit],
        [limit],
        [],
        [refund],
        [refund],
    ]


def test_the_list_is_handed_out_as_a_file(people: People, payment: str) -> None:
    ask_refund(people, "operations", payment)
    people.browser("admin").post("/limits/add", LIMIT)
    answer = people.browser("finance").post("/approvals/export.csv")
    head, row = answer.text.splitlines()
    assert head.endswith("Amount,Currency")
    assert row.endswith(",2000.00,EUR")
    assert people.browser("finance").get("/approvals/?state=nowhere").status_code == 400


def test_the_home_page_says_how_many_wait(people: People, payment: str) -> None:
    ask_refund(people, "finance", payment)
    people.browser("admin").post("/limits/add", LIMIT)
    assert "1 request waits for your decision" in page(people, "compliance", "/")
    for name in ("finance", "operations", "auditor", "acme-owner"):
        assert "waits for your decision" not in page(people, name, "/")


def _limits(people: People) -> list[int]:
    with people.engine.connect() as connection:
        return list(connection.scalars(select(AmountLimit.__table__.c.max_minor)))


def test_a_limit_is_only_asked_for(people: People) -> None:
    answer = people.browser("admin").post("/limits/add", LIMIT, follow_redirects=True)
    (request,) = waiting(people)
    assert "a second person has to approve it" in answer.text
    assert f'<a href="/approvals/{request}">' in answer.text
    assert "1 change waits for a second person" in answer.text
    assert _limits(people) == []
    approve_waiting(people)
    assert _limits(people) == [500_00]


def test_a_change_of_a_limit_is_marked_until_it_is_decided(people: People) -> None:
    browser = people.browser("admin")
    browser.post("/limits/add", LIMIT)
    approve_waiting(people)
    (limit,) = re.findall(r"/limits/show/(lim_\w+)", browser.get("/limits/").text)
    browser.post(f"/limits/edit/{limit}", {"max_minor": "750.00", "reason": "grown"})
    (request,) = waiting(people)
    mark = f'<a class="inner" href="/approvals/{request}">'
    assert mark in browser.get("/limits/").text
    assert "A change of it waits" in browser.get(f"/limits/show/{limit}").text
    shown = page(people, "compliance", f"/approvals/{request}")
    assert shown.index("500.00\xa0EUR") < shown.index("750.00\xa0EUR", shown.index("What changes"))
    assert _limits(people) == [500_00]
    again = browser.post(f"/limits/delete/{limit}", {"reason": "no"}, follow_redirects=True)
    assert f"{request} by admin waits" in again.text
    assert refused(people) == ["amount_limit.delete_refused"]
    approve_waiting(people)
    assert _limits(people) == [750_00]
    assert mark not in browser.get("/limits/").text


def test_a_limit_goes_by_two_people(people: People) -> None:
    browser = people.browser("admin")
    browser.post("/limits/add", LIMIT)
    approve_waiting(people)
    (limit,) = re.findall(r"/limits/show/(lim_\w+)", browser.get("/limits/").text)
    refused = browser.post(f"/limits/delete/{limit}")
    assert refused.status_code == 422
    assert 'id="reason-again-error"' in refused.text
    browser.post(f"/limits/delete/{limit}", {"reason": "no longer needed"})
    assert _limits(people) == [500_00]
    approve_waiting(people)
    assert _limits(people) == []


def test_the_form_of_a_limit_asks_for_the_reason(people: People) -> None:
    answer = people.browser("admin").post("/limits/add", {**LIMIT, "reason": ""})
    assert "Reason: This cannot be left empty." in unescape(answer.text)
    assert waiting(people) == []


def test_what_is_protected_is_written_by_no_generated_form(web_app: Flask) -> None:
    views = {
        entry.view.datamodel.obj: entry.view
        for entry in MENU
        if issubclass(entry.view, RecordView) and entry.view.datamodel.obj in PROTECTED
    }
    assert views.keys() == PROTECTED.keys() <= set(records.CHANGEABLE)
    assert all(view.asks_reason for view in views.values())
    with web_app.app_context():
        for model in PROTECTED:
            for write in (
                lambda model=model: UnitWriter().create(model, {}),
                lambda model=model: UnitWriter().update(model, 1, {"max_minor": 1}),
                lambda model=model: UnitWriter().delete(model, [1]),
            ):
                with pytest.raises(ForbiddenError, match="second person"):
                    write()
