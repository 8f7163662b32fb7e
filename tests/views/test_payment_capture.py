"""Capturing, voiding, canceling and trying again: only what is legal, said before it is done."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import pytest

from app.adapters import clock, db
from app.domain.failure_codes import FailureCode
from app.models import AuditEntry
from app.providers.base import Outcome
from app.services import captures
from tests.services import answers, flows
from tests.views.paying import pay

if TYPE_CHECKING:
    from app.models import Operation
    from tests.views.desk import Desk, Person

HIDDEN: Final = re.compile(r'type="hidden" name="([a-z_]+)" value="([^"]*)"')
ACTS: Final = re.compile(r"(Look up now|Capture|Try again|Void|Cancel|Refund) ?…?</(?:a|button)>")
pytest_plugins = ["tests.views.desk"]


def acts(person: Person, page: str) -> set[str]:
    """Return what the head of a payment's page offers."""
    return set(ACTS.findall(person.get(page).partition('class="headline"')[0]))


def question(person: Person, page: str, verb: str, **typed: str) -> str:
    """Return the page that says what would happen."""
    return person.get(f"{page}/{verb}?{urlencode(typed)}")


def fields(text: str) -> dict[str, str]:
    """Return what the button of such a page sends."""
    return {name: unescape(value) for name, value in HIDDEN.findall(text)}


def asked(desk: Desk, page: str, kind: str) -> list[Operation]:
    found = flows.read_operations(desk.world.staff(), page.rpartition("/")[2])
    return [each for each in found if each.kind == kind]


@pytest.fixture
def owner(paying_desk: Desk) -> Person:
    """acme's owner."""
    return paying_desk.person("acme-owner")


@pytest.fixture
def held(owner: Person) -> str:
    """The page of a payment of 60.00 EUR that is authorized."""
    return pay(owner, capture="manual")


@pytest.fixture
def declined(owner: Person) -> str:
    """The page of a payment whose card was declined."""
    return pay(owner, card_token="tok_decline")


def test_an_authorized_payment_offers_capture_and_void(
    paying_desk: Desk, owner: Person, held: str
) -> None:
    assert acts(owner, held) == {"Capture", "Void"}
    assert acts(paying_desk.person("operations"), held) == {"Capture", "Void"}
    assert acts(paying_desk.person("finance"), held) == set()
    assert acts(paying_desk.person("acme-clerk"), held) == set()


def test_a_declined_payment_offers_another_attempt_and_its_end(
    paying_desk: Desk, owner: Person, declined: str
) -> None:
    assert acts(owner, declined) == {"Try again", "Cancel"}
    assert acts(paying_desk.person("operations"), declined) == {"Cancel"}


def test_the_question_of_a_capture_tells_fee_and_rest(owner: Person, held: str) -> None:
    text = question(owner, held, "capture", amount="20.00")
    assert "Capture 20.00\xa0EUR from the card ending 4242." in text
    assert "Our fee is 0.50\xa0EUR; the merchant gets 19.50\xa0EUR." in text
    assert "After it, 40.00\xa0EUR stays authorized" in text
    assert "Capture of" not in owner.get(held).partition('id="story"')[2]


def test_parts_are_captured_once_each_and_the_rest_is_released(
    paying_desk: Desk, owner: Person, held: str
) -> None:
    sent = fields(question(owner, held, "capture", amount="20.00"))
    for _ in range(2):
        assert owner.post(f"{held}/capture", sent).status_code == 303
    assert 'value="40.00"' in owner.get(held), "what is left is offered"
    owner.post(f"{held}/capture", fields(question(owner, held, "capture", amount="15.00")))
    text = question(owner, held, "void", reason="out of stock")
    assert "Release 25.00\xa0EUR on the card ending 4242." in text
    assert "The 35.00\xa0EUR that were captured stay captured." in text
    assert owner.post(f"{held}/void", fields(text)).status_code == 303
    done = [each.amount_minor for each in asked(paying_desk, held, "capture")]
    assert (done, len(asked(paying_desk, held, "void"))) == ([2000, 1500], 1)
    stored = flows.read(paying_desk.world.staff(), held.rpartition("/")[2])
    assert (stored.status, stored.captured_minor) == ("succeeded", 3500)
    assert acts(owner, held) == {"Refund"}
    story = owner.get(held)
    assert "Capture of 20.00\xa0EUR asked by acme-owner" in story
    assert "Release of 25.00\xa0EUR asked by acme-owner" in story
    assert "out of stock" in story


@pytest.mark.parametrize(
    "amount, said",
    [
        ("60.01", "60.00 EUR can still be captured"),
        ("0", "Is zero."),
        ("20.001", "Has 3 decimals"),
        ("20,00", "Write it like 1050.00."),
        ("", "Is empty."),
    ],
)
def test_a_capture_that_cannot_be_is_named_beside_its_field(
    paying_desk: Desk, owner: Person, held: str, amount: str, said: str
) -> None:
    sent = {**fields(question(owner, held, "capture", amount="20.00")), "amount": amount}
    by_get = owner.client.get(f"{held}/capture", query_string={"amount": amount})
    by_post = owner.post(f"{held}/capture", sent)
    for answer in (by_get, by_post):
        beside = unescape(answer.text).partition('id="amount-error"')[2].partition("</div>")[0]
        assert answer.status_code == 422
        assert said in beside
        assert not amount or f'value="{amount}"' in answer.text, "what was typed is kept"
    assert asked(paying_desk, held, "capture") == []


def test_a_form_sent_again_with_another_amount_is_refused(
    paying_desk: Desk, owner: Person, held: str
) -> None:
    sent = fields(question(owner, held, "capture", amount="20.00"))
    owner.post(f"{held}/capture", sent)
    answer = owner.post(f"{held}/capture", {**sent, "amount": "30.00"})
    assert answer.status_code == 422
    assert "sent before with other values" in answer.text
    assert len(asked(paying_desk, held, "capture")) == 1


def test_a_key_of_another_form_opens_nothing(paying_desk: Desk, owner: Person, held: str) -> None:
    foreign = fields(question(owner, held, "void", reason="x"))
    answer = owner.post(f"{held}/capture", {**foreign, "amount": "20.00"})
    assert answer.status_code == 422
    assert "not one that we gave out to you" in answer.text
    assert asked(paying_desk, held, "capture") == []


def test_what_is_over_is_said_where_its_form_was(owner: Person, held: str) -> None:
    owner.post(f"{held}/void", fields(question(owner, held, "void", reason="mistake")))
    assert "Nothing of this payment is left to capture." in owner.get(f"{held}/capture")
    assert "cannot be voided now" in owner.get(f"{held}/void")
    assert "cannot be canceled now" in owner.get(f"{held}/cancel")
    assert "cannot be tried again now" in owner.get(f"{held}/again")


@pytest.mark.parametrize("verb", ["void", "cancel"])
@pytest.mark.parametrize(
    "reason, said", [(" ", "Is missing."), ("4242424242424242", "card number")]
)
def test_giving_up_needs_a_reason(
    owner: Person, held: str, declined: str, verb: str, reason: str, said: str
) -> None:
    page = held if verb == "void" else declined
    answer = owner.client.get(f"{page}/{verb}", query_string={"reason": reason})
    assert answer.status_code == 422
    beside = unescape(answer.text).partition('id="reason-error"')[2].partition("</div>")[0]
    assert said in beside
    assert "4242424242424242" not in answer.text


def test_canceling_says_what_will_happen_and_ends_the_payment(
    paying_desk: Desk, owner: Person, declined: str
) -> None:
    text = question(owner, declined, "cancel", reason="ordered elsewhere")
    assert "Cancel the payment of 60.00\xa0EUR." in text
    sent = fields(text)
    for _ in range(2):
        assert owner.post(f"{declined}/cancel", sent).status_code == 303
    with db.reading(paying_desk.world.staff()) as session:
        found = session.query(AuditEntry).filter_by(action="payments.cancel").all()
    assert [entry.sentence for entry in found] == ["Canceled: ordered elsewhere"]
    assert acts(owner, declined) == set()


def test_another_card_pays_what_the_first_did_not(
    paying_desk: Desk, owner: Person, declined: str
) -> None:
    text = owner.get(f"{declined}/again")
    assert "Charge 60.00\xa0EUR to another card, at once." in text
    sent = {**fields(text), "card_token": "tok_approve"}
    for _ in range(2):
        assert owner.post(f"{declined}/again", sent).status_code == 303
    assert [each.state for each in asked(paying_desk, declined, "purchase")] == [
        "failed",
        "success",
    ]
    page = owner.get(declined)
    assert "Attempt 2 by Card, asked by acme-owner" in page
    assert acts(owner, declined) == {"Refund"}


@pytest.mark.parametrize("token, said", [("", "Is missing."), ("4242424242424242", "card number")])
def test_another_attempt_needs_a_token_and_never_shows_it(
    paying_desk: Desk, owner: Person, declined: str, token: str, said: str
) -> None:
    form = fields(owner.get(f"{declined}/again"))
    answer = owner.post(f"{declined}/again", {**form, "card_token": token})
    assert answer.status_code == 422
    beside = unescape(answer.text).partition('id="card_token-error"')[2].partition("</div>")[0]
    assert said in beside
    assert not token or token not in answer.text
    assert len(asked(paying_desk, declined, "purchase")) == 1


def test_only_who_may_is_asked_and_strangers_find_nothing(
    paying_desk: Desk, held: str, declined: str
) -> None:
    clerk, stranger = paying_desk.person("acme-clerk"), paying_desk.person("globex-owner")
    for page, verb in (
        (held, "capture"),
        (held, "void"),
        (declined, "cancel"),
        (declined, "again"),
    ):
        clerk.get(f"{page}/{verb}", 403)
        stranger.get(f"{page}/{verb}", 404)
        assert stranger.post(f"{page}/{verb}", stranger.csrf()).status_code == 404
    paying_desk.person("operations").get(f"{declined}/again", 403)


def test_the_facts_tell_what_is_authorized_and_left(owner: Person, held: str) -> None:
    owner.post(f"{held}/capture", fields(question(owner, held, "capture", amount="20.00")))
    facts = re.sub(r"<[^>]+>|\s+", " ", owner.get(held).partition('id="amounts"')[2])
    facts = re.sub(r" +", " ", facts)
    for fact in ("Authorized 60.00 EUR", "Captured 20.00 EUR", "Left to capture 40.00 EUR"):
        assert fact in facts


def test_a_capture_that_failed_is_explained(paying_desk: Desk, owner: Person, held: str) -> None:
    with db.unit_of_work(paying_desk.world.owner()) as session:
        public_id = held.rpartition("/")[2]
        capture = captures.ask_capture(session, clock.now(), public_id, 2000).public_id
    failed = replace(answers.answer(Outcome.FAILED), failure_code=FailureCode.PROCESSING_ERROR)
    answers.tell(paying_desk.world, capture, failed)
    assert "A capture failed: the amount is still authorized." in owner.get(held)
    assert acts(owner, held) == {"Capture", "Void"}
