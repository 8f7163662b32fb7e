"""From a balance to the lines that sum to it, and from a line to its payment."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.services import flows

if TYPE_CHECKING:
    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]


def account(person: Person, word: str) -> str:
    """Return the address of the account whose link says `word`."""
    links = re.findall(
        r'href="(/ledger/accounts/acc_[^"]+)">([^<]*)<', person.get("/ledger/accounts/")
    )
    return next(str(address) for address, label in links if word in label)


@pytest.fixture
def two(paying_desk: Desk) -> Desk:
    for number in (1, 2):
        flows.pay(paying_desk.world.owner(), paying_desk.world.acme, reference=f"order-{number}")
    return paying_desk


def test_staff_follow_a_balance_to_lines_journal_and_payment(two: Desk) -> None:
    staff = two.person("finance")
    page = staff.get(account(staff, "receivable"))
    assert "120.00" in page
    journal = re.search(r'href="(/ledger/journals/jr_[^"]+)"', page)
    payment = re.search(r'href="(/payments/pay_[^"]+)"', page)
    assert journal
    assert payment
    posted = staff.get(journal[1])
    assert "60.00" in posted
    assert payment[1] in posted
    staff.get(payment[1])


def test_a_merchant_sees_own_accounts_in_plain_words(two: Desk) -> None:
    owner = two.person("acme-owner")
    listed = owner.get("/ledger/accounts/")
    assert "Pending" in listed
    assert "117.00" in listed, "what we owe is shown positive"
    assert "receivable" not in listed
    assert "revenue" not in listed.lower().partition("<tbody>")[2].partition("</table>")[0]
    page = owner.get(account(owner, "Pending"))
    assert "58.50" in page
    assert "117.00" in page
    assert "jr_" not in page


def test_a_stranger_finds_neither_account_nor_journal(two: Desk) -> None:
    staff, stranger = two.person("finance"), two.person("globex-owner")
    assert "No account yet" in stranger.get("/ledger/accounts/")
    own = account(staff, "pending")
    stranger.get(own, 404)
    journal = re.search(r'href="(/ledger/journals/jr_[^"]+)"', staff.get(own))
    assert journal
    stranger.get(journal[1], 404)
    two.person("acme-owner").get(journal[1], 404)


def test_accounts_are_found_by_the_beginning_of_their_code(two: Desk) -> None:
    staff = two.person("finance")
    found = staff.get("/ledger/accounts/?code=revenue")
    assert "revenue:mdr" in found
    assert "receivable" not in found
    staff.get("/ledger/accounts/?code=" + "x" * 300, 400)


@pytest.mark.parametrize(
    "edge", ["older=x", "newer=-1", "older=" + "9" * 40, "older=" + "9" * 19, "older=٣"]
)
def test_a_page_that_cannot_be_is_not_found(two: Desk, edge: str) -> None:
    staff = two.person("finance")
    staff.get(f"{account(staff, 'receivable')}?{edge}", 404)


def test_unknown_ids_and_roles_without_the_ledger(desk: Desk) -> None:
    staff = desk.person("finance")
    staff.get("/ledger/accounts/acc_none", 404)
    staff.get("/ledger/journals/jr_none", 404)
    desk.person("acme-clerk").get("/ledger/accounts/", 403)
