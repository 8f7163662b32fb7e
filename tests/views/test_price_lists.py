"""The screens of price lists: drafting without scripts, publishing, computing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.models import ApprovalRequest
from app.queries import prices as rows
from app.queries.listing import Window
from tests.services import flows
from tests.services.approvals.people import FINANCE_2, approve
from tests.views.pages import text

if TYPE_CHECKING:
    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]

DRAFT = {
    "merchant": "acme",
    "currency": "eur",
    "effective_from": "",
    "tax": "18",
    "agent": "partner",
    "agent_share": "20",
    "refund_fee": "0.50",
    "chargeback_fee": "15",
    "returns_fee": "none",
    "note": "agreed by mail",
    "rules-0-method": "card",
    "rules-0-percent": "2.9",
    "rules-0-fixed": "0.30",
    "rules-0-minimum": "0.50",
    "rules-0-maximum": "5",
    "rules-0-tiers-0-from": "10000",
    "rules-0-tiers-0-percent": "2.4",
    "rules-0-tiers-0-fixed": "0.25",
    "rules-1-method": "card",
    "rules-1-brand": "Amex",
    "rules-1-percent": "3.4",
    "rules-1-fixed": "",
    "rules-3-method": "",
}


def _send(person: Person, address: str, **changes: str) -> str:
    """Send the form; answers where it leads, or the page with its faults."""
    answer = person.post(address, {**DRAFT, **person.csrf(), **changes})
    return answer.location if answer.status_code == 303 else answer.text


def _publish(desk: Desk, person: Person, page: str) -> str:
    """Ask for the publication and have a second person approve it; answers where that leads."""
    answer = person.post(f"{page}/publish", {**person.csrf(), "reason": "as agreed"})
    with db.reading(desk.world.staff()) as session:
        waiting = [
            row.public_id for row in session.query(ApprovalRequest).filter_by(state="waiting")
        ]
    for request in waiting:
        approve(FINANCE_2, request)
    return answer.location


def _count(desk: Desk) -> int:
    with db.reading(desk.world.staff()) as session:
        wanted = rows.ListFilter(now=clock.now())
        return len(rows.page(session, wanted, Window()).rows)


def test_a_draft_is_kept_changed_and_published(desk: Desk) -> None:
    person = desk.person("finance")
    page = _send(person, "/price-lists/new")
    told = text(person.get(page))
    assert "2.90% + 0.30 EUR; at least 0.50 EUR; at most 5.00 EUR" in told
    assert "from 10,000.00 EUR a month: 2.40% + 0.25 EUR" in told
    assert "Card amex: 3.40%, new" in told
    assert "Tax on the fee: 18.00% instead of 0.00%" in told
    again = person.get(f"{page}/change")
    assert 'value="2.9"' in again
    assert _send(person, f"{page}/change", **{"rules-0-percent": "2.75"}) == page
    assert "2.75% + 0.30 EUR" in text(person.get(page))
    assert _publish(desk, person, page) == page
    published = person.get(page)
    assert "In force" in published
    assert "publish" not in re.findall(r'<dialog id="(\w+)"', published)


def test_a_published_list_is_changed_by_nobody(desk: Desk) -> None:
    person = desk.person("finance")
    page = _send(person, "/price-lists/new")
    _publish(desk, person, page)
    assert "never changes" in _send(person, f"{page}/change")
    person.post(f"{page}/discard", person.csrf())
    assert "never changes" in person.get(page)


def test_a_draft_can_be_discarded(desk: Desk) -> None:
    person = desk.person("finance")
    before = _count(desk)
    page = _send(person, "/price-lists/new")
    assert _count(desk) == before + 1
    person.post(f"{page}/discard", person.csrf())
    person.get(page, 404)
    assert _count(desk) == before


def test_rows_are_added_without_scripts_and_nothing_is_lost(desk: Desk) -> None:
    person = desk.person("finance")
    before = _count(desk)
    page = _send(person, "/price-lists/new", more="rules-0")
    assert 'name="rules-0-tiers-1-from"' in page
    assert 'value="10000"' in page
    page = _send(person, "/price-lists/new", more="rule")
    assert 'name="rules-4-method"' in page
    assert _count(desk) == before


@pytest.mark.parametrize(
    "place, typed, words",
    [
        ("merchant", "nobody", "unknown"),
        ("currency", "XXX", "not a currency"),
        ("effective_from", "2020-01-01T00:00", "in the past"),
        ("effective_from", "tomorrow", "no day and time"),
        ("tax", "101", "between 0 and 100"),
        ("refund_fee", "0.505", "3 decimals"),
        ("agent", "", "missing"),
        ("rules-0-method", "cash", "choose one"),
        ("rules-1-brand", "", "same method and brand as rule 1"),
        ("rules-0-percent", "2,5", "no percentage"),
        ("rules-0-minimum", "6", "above the cap"),
        ("rules-0-tiers-0-from", "0", "do not ascend"),
        ("rules-0-tiers-0-percent", "x", "no percentage"),
    ],
)
def test_what_is_wrong_is_said_at_its_place_and_kept(
    desk: Desk, place: str, typed: str, words: str
) -> None:
    person = desk.person("finance")
    before = _count(desk)
    page = _send(person, "/price-lists/new", **{place: typed})
    assert words in text(page).lower()
    assert 'class="errors-summary"' in page
    shown = {"rules-0-method": "", "rules-1-brand": ""}.get(place, typed)
    assert f'value="{shown}"' in page
    assert 'value="agreed by mail"' in page
    assert _count(desk) == before


def test_the_calculator_says_it_line_by_line(desk: Desk) -> None:
    person = desk.person("finance")
    page = _send(person, "/price-lists/new")
    _publish(desk, person, page)
    address = "/price-lists/calculator?merchant=acme&method=card&brand=&amount=60&currency=eur&at="
    told = text(person.get(address))
    for line in ("2.90% of 60.00 EUR", "Fixed part", "of it for partner: 20.00%", "Fee and tax"):
        assert line in told, line
    own = text(desk.person("acme-owner").get(address))
    assert "Tax on the fee: 18.00%" in own
    assert "partner" not in own
    assert "zero" in text(person.get(address.replace("amount=60", "amount=0"), 422))


def test_merchants_see_their_own_lists_and_change_nothing(desk: Desk) -> None:
    finance, owner = desk.person("finance"), desk.person("acme-owner")
    page = _send(finance, "/price-lists/new")
    owner.get(page, 404)
    assert page not in owner.get("/price-lists/"), "a draft is not agreed yet"
    _publish(desk, finance, page)
    told = owner.get(page)
    assert page in owner.get("/price-lists/")
    assert "agreed by mail" not in told
    assert "partner" not in told
    assert "Change the draft" not in told
    desk.person("globex-owner").get(page, 404)
    assert page not in desk.person("globex-owner").get("/price-lists/")
    assert owner.post(f"{page}/publish", owner.csrf()).status_code == 403


def test_the_list_tells_stages_and_hands_itself_out(desk: Desk) -> None:
    person = desk.person("finance")
    page = _send(person, "/price-lists/new")
    public_id = page.rpartition("/")[2]
    assert public_id in person.get("/price-lists/?stage=draft&merchant=acme&currency=eur")
    assert public_id not in person.get("/price-lists/?stage=in_force&stage=past&stage=coming")
    _publish(desk, person, page)
    assert public_id in person.get("/price-lists/?stage=in_force")
    assert "Past" in person.get("/price-lists/?stage=past&currency=eur&merchant=acme")
    file = person.post("/price-lists/export.csv?stage=in_force&currency=eur", person.csrf()).text
    assert "In force" in file
    assert public_id in file


def test_a_payment_and_its_refund_tell_what_the_list_does(paying_desk: Desk) -> None:
    finance, owner = paying_desk.person("finance"), paying_desk.person("acme-owner")
    page = _send(finance, "/price-lists/new", returns_fee="all")
    _publish(paying_desk, finance, page)
    payment = flows.pay(paying_desk.world.owner(), paying_desk.world.acme)
    told = owner.get(f"/payments/{payment}")
    assert f'href="{page}"' in told
    assert "Tax on the fee: 18.00%" in text(told)
    asked = text(owner.get(f"/payments/{payment}/refund?amount=30&reason=back"))
    assert "Of the fee, 1.19 EUR is returned." in asked
    assert "The refund itself costs 0.59 EUR." in asked
    flows.refund(paying_desk.world.owner(), paying_desk.world.acme, payment, 3000)
    rest = text(owner.get(f"/payments/{payment}/refund?amount=30&reason=back"))
    assert "Of the fee, 1.22 EUR is returned." in rest


def test_without_a_reason_nothing_is_asked_for_and_the_field_says_so(desk: Desk) -> None:
    person = desk.person("finance")
    page = _send(person, "/price-lists/new")
    answer = person.post(f"{page}/publish", {**person.csrf(), "reason": " "})
    assert answer.status_code == 422
    (field,) = re.findall(r'<input[^>]*id="reason-again"[^>]*>', answer.text)
    assert 'aria-invalid="true"' in field
    with db.reading(desk.world.staff()) as session:
        assert session.query(ApprovalRequest).count() == 0
