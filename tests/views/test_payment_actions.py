"""What can be done on the page of a payment: refund it, and ask the provider how it stands."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import pytest

from tests.services import flows
from tests.views.paying import pay

if TYPE_CHECKING:
    from tests.views.desk import Desk, Person

HIDDEN: Final = re.compile(r'type="hidden" name="([a-z_]+)" value="([^"]*)"')
pytest_plugins = ["tests.views.desk"]


def test_a_challenge_shows_the_next_action_and_can_be_looked_up(paying_desk: Desk) -> None:
    owner, staff = paying_desk.person("acme-owner"), paying_desk.person("operations")
    page = pay(owner, card_token="tok_challenge")
    assert "Open the payer's page" in owner.get(page)
    assert "Look up now" not in owner.get(page)
    answer = staff.post(f"{page}/look-up", staff.csrf(page))
    assert answer.status_code == 303
    assert "Call to the provider: Look-up" in staff.get(page), "the masked call"
    assert owner.post(f"{page}/look-up", owner.csrf()).status_code == 403


def test_nothing_to_look_up_is_said(paying_desk: Desk) -> None:
    owner, staff = paying_desk.person("acme-owner"), paying_desk.person("operations")
    page = pay(owner)
    staff.post(f"{page}/look-up", staff.csrf())
    assert "Nothing of this payment waits" in staff.get(page)


def asked(person: Person, page: str, amount: str = "20.00", reason: str = "returned goods") -> str:
    """Return the page that says what the refund would do."""
    return person.get(f"{page}/refund?{urlencode({'amount': amount, 'reason': reason})}")


def fields(person: Person, page: str, amount: str = "20.00") -> dict[str, str]:
    """Return what the button of that page sends."""
    return dict(HIDDEN.findall(asked(person, page, amount)))


def test_the_question_says_exactly_what_will_happen_and_changes_nothing(
    paying_desk: Desk,
) -> None:
    person = paying_desk.person("acme-owner")
    page = pay(person)
    text = asked(person, page)
    assert "Refund 20.00\xa0EUR to the card ending 4242." in text
    assert "The fee of 1.50\xa0EUR is not returned." in text
    assert "40.00\xa0EUR of this payment can still be refunded" in text
    assert "returned goods" in text
    assert "asked by acme-owner" not in person.get(page)


def test_what_was_typed_is_kept_on_the_way_back(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    page = pay(person)
    back = re.search(r'href="([^"]+change=1)"', asked(person, page))
    assert back
    text = person.get(back[1])
    assert 'value="20.00"' in text
    assert 'value="returned goods"' in text


def test_the_page_of_a_payment_and_the_form_offer_what_is_left(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    page = pay(person)
    for address in (page, f"{page}/refund"):
        text = person.get(address)
        assert 'name="amount" type="text" value="60.00"' in text
        assert "At most 60.00\xa0EUR is left." in text


def test_a_refund_goes_back_once(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    page = pay(person)
    sent = fields(person, page)
    for _ in range(2):
        assert person.post(f"{page}/refund", sent).status_code == 303
    text = person.get(page)
    assert "Partly refunded" in text
    assert "At most 40.00\xa0EUR is left" in text
    assert text.count("Refund of 20.00\xa0EUR asked by acme-owner") == 1


def test_staff_refund_for_a_merchant_and_nothing_is_left(paying_desk: Desk) -> None:
    owner, staff = paying_desk.person("acme-owner"), paying_desk.person("finance")
    page = pay(owner)
    sent = fields(staff, page, "60.00")
    for _ in range(2):
        assert staff.post(f"{page}/refund", sent).status_code == 303
    text = staff.get(page)
    assert "Refund of 60.00\xa0EUR asked by finance" in text
    assert 'name="amount"' not in text, "nothing is left"
    assert "Nothing of this payment is left to refund." in staff.get(f"{page}/refund")


@pytest.mark.parametrize(
    "amount,reason,place,said",
    [
        ("60.01", "too much", "amount", "would pass what is left"),
        ("20.00", " ", "reason", "Is missing. Say why the money goes back."),
        ("20.001", "too fine", "amount", "Has 3 decimals"),
        ("20,00", "of a German", "amount", "Write it like 1050.00."),
        ("20.00", "card 4242424242424242", "reason", "full card number"),
    ],
)
def test_a_refund_that_cannot_be_is_named_beside_its_field_and_changes_nothing(
    paying_desk: Desk, amount: str, reason: str, place: str, said: str
) -> None:
    person = paying_desk.person("acme-owner")
    page = pay(person)
    typed = {"amount": amount, "reason": reason}
    by_get = person.client.get(f"{page}/refund", query_string=typed)
    by_post = person.post(f"{page}/refund", {**fields(person, page), **typed})
    for answer in (by_get, by_post):
        text = unescape(answer.text)
        assert answer.status_code == 422
        assert said in text.partition(f'id="{place}-error"')[2].partition("</div>")[0]
        assert f'<a href="#{place}">' in text
        assert "4242424242424242" not in text
    assert "asked by acme-owner" not in person.get(page)


def test_a_german_types_a_comma(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    page = pay(person)
    person.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    assert 'name="amount" type="text" value="60,00"' in person.get(f"{page}/refund")
    answer = person.post(f"{page}/refund", fields(person, page, "12,50"))
    assert answer.status_code == 303
    (refund,) = [
        each
        for each in flows.read_operations(paying_desk.world.staff(), page.rpartition("/")[2])
        if each.kind == "refund"
    ]
    assert refund.amount_minor == 1250


def test_a_refund_form_sent_again_with_another_amount_is_refused(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    page = pay(person)
    sent = fields(person, page)
    person.post(f"{page}/refund", sent)
    answer = person.post(f"{page}/refund", {**sent, "amount": "30.00"})
    assert answer.status_code == 422
    assert "sent before with other values" in answer.text
    assert person.get(page).count("Refund of 20.00\xa0EUR asked by acme-owner") == 1


def test_only_who_may_refund_is_asked(paying_desk: Desk) -> None:
    page = pay(paying_desk.person("acme-owner"))
    paying_desk.person("acme-clerk").get(f"{page}/refund", 403)
    paying_desk.person("auditor").get(f"{page}/refund?amount=1.00&reason=x", 403)
    paying_desk.person("globex-owner").get(f"{page}/refund?amount=1.00&reason=x", 404)
