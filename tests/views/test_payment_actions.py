"""What can be done on the page of a payment: refund it, and ask the provider how it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.views.paying import pay

if TYPE_CHECKING:
    from tests.views.desk import Desk

pytest_plugins = ["tests.views.desk"]


def test_a_challenge_shows_the_next_action_and_can_be_looked_up(paying_desk: Desk) -> None:
    owner, staff = paying_desk.person("acme-owner"), paying_desk.person("operations")
    page = pay(owner, card_token="tok_challenge")
    assert "Open the payer's page" in owner.get(page)
    assert "Look up now" not in owner.get(page)
    answer = staff.post(f"{page}/look-up", staff.csrf(page))
    assert answer.status_code == 303
    assert "Look up:" in staff.get(page), "the masked call"
    assert owner.post(f"{page}/look-up", owner.csrf()).status_code == 403


def test_nothing_to_look_up_is_said(paying_desk: Desk) -> None:
    owner, staff = paying_desk.person("acme-owner"), paying_desk.person("operations")
    page = pay(owner)
    staff.post(f"{page}/look-up", staff.csrf())
    assert "Nothing of this payment waits" in staff.get(page)


def test_a_refund_goes_back_once(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    page = pay(person)
    fields = {**person.form(page), "amount": "20.00", "reason": "returned goods"}
    for _ in range(2):
        assert person.post(f"{page}/refund", fields).status_code == 303
    text = person.get(page)
    assert "Partly refunded" in text
    assert "At most 40.00 EUR is left" in text
    assert text.count("Refund asked by acme-owner") == 1


def test_staff_refund_for_a_merchant(paying_desk: Desk) -> None:
    owner, staff = paying_desk.person("acme-owner"), paying_desk.person("finance")
    page = pay(owner)
    fields = {**staff.form(page), "amount": "60.00", "reason": "fraud reported"}
    for _ in range(2):
        assert staff.post(f"{page}/refund", fields).status_code == 303
    text = staff.get(page)
    assert "Refund asked by finance" in text
    assert 'name="amount"' not in text, "nothing is left"


@pytest.mark.parametrize(
    "amount,reason,said",
    [
        ("60.01", "too much", "would pass what is left"),
        ("20.00", " ", "reason: is missing"),
        ("20.001", "too fine", "has 3 decimals"),
        ("20.00", "card 4242424242424242", "full card number"),
    ],
)
def test_a_refund_that_cannot_be_changes_nothing(
    paying_desk: Desk, amount: str, reason: str, said: str
) -> None:
    person = paying_desk.person("acme-owner")
    page = pay(person)
    answer = person.post(
        f"{page}/refund", {**person.form(page), "amount": amount, "reason": reason}
    )
    assert answer.status_code == 422
    assert said in answer.text
    assert "4242424242424242" not in answer.text
    assert "Refund asked by" not in person.get(page)


def test_a_refund_form_sent_again_with_another_amount_is_refused(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    page = pay(person)
    fields = {**person.form(page), "amount": "20.00", "reason": "returned goods"}
    person.post(f"{page}/refund", fields)
    answer = person.post(f"{page}/refund", {**fields, "amount": "30.00"})
    assert answer.status_code == 422
    assert "sent before with other values" in answer.text
    assert person.get(page).count("Refund asked by acme-owner") == 1
