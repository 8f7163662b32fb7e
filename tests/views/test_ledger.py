"""From a balance to the lines that sum to it, and from a line to its payment."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pytest

from app.domain.ledger import accounts
from app.domain.ledger.accounts import AccountRef, AccountType
from app.models import LedgerLine
from app.views import account_words
from app.views.ledger import sums
from tests.services import flows

if TYPE_CHECKING:
    from flask import Flask

    from tests.fixtures.application import World
    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]


def account(person: Person, word: str) -> str:
    """Return the address of the account whose link says `word`."""
    links = re.findall(
        r'href="(/ledger/accounts/acc_[^"]+)"[^>]*>([^<]*)<', person.get("/ledger/accounts/")
    )
    return next(str(address) for address, label in links if word in label)


@pytest.fixture
def two(paying_desk: Desk) -> Desk:
    for number in (1, 2):
        flows.pay(paying_desk.world.owner(), paying_desk.world.acme, reference=f"order-{number}")
    return paying_desk


def test_staff_follow_a_balance_to_lines_journal_and_payment(two: Desk) -> None:
    staff = two.person("finance")
    page = staff.get(account(staff, "Owed by the provider"))
    assert "120.00" in page
    journal = re.search(r'href="(/ledger/journals/jr_[^"]+)"', page)
    payment = re.search(r'href="(/payments/pay_[^"]+)"', page)
    assert journal
    assert payment
    posted = staff.get(journal[1])
    assert "60.00" in posted
    assert payment[1] in posted
    sides = posted.partition('<th scope="row">Sum</th>')[2].partition("</tr>")[0]
    assert sides.count("60.00") == 2, "debits and credits"
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
    own = account(staff, "Acme: Pending")
    stranger.get(own, 404)
    journal = re.search(r'href="(/ledger/journals/jr_[^"]+)"', staff.get(own))
    assert journal
    stranger.get(journal[1], 404)
    two.person("acme-owner").get(journal[1], 404)


def test_accounts_are_found_by_the_beginning_of_their_code(two: Desk) -> None:
    staff = two.person("finance")
    found = staff.get("/ledger/accounts/?code=revenue")
    assert "Revenue from percentages" in found
    assert "Owed by the provider" not in found
    staff.get("/ledger/accounts/?code=" + "x" * 300, 400)


@pytest.mark.parametrize(
    "edge", ["older=x", "newer=-1", "older=" + "9" * 40, "older=" + "9" * 19, "older=٣"]
)
def test_a_page_that_cannot_be_is_not_found(two: Desk, edge: str) -> None:
    staff = two.person("finance")
    staff.get(f"{account(staff, 'Owed by the provider')}?{edge}", 404)


def test_unknown_ids_and_roles_without_the_ledger(desk: Desk) -> None:
    staff = desk.person("finance")
    staff.get("/ledger/accounts/acc_none", 404)
    staff.get("/ledger/journals/jr_none", 404)
    desk.person("acme-clerk").get("/ledger/accounts/", 403)


def test_accounts_are_narrowed_by_merchant_currency_and_who_owes(two: Desk) -> None:
    staff = two.person("finance")
    assert "Acme: Pending" in staff.get("/ledger/accounts/?merchant=Ac&currency=eur")
    for query in ("merchant=globex", "currency=USD", "owing=1"):
        assert "Nothing matches these filters" in staff.get(f"/ledger/accounts/?{query}")
    assert "is no known currency" in staff.get("/ledger/accounts/?currency=money", 400)


def test_accounts_go_on_after_an_edge_and_back_to_the_first(two: Desk) -> None:
    staff = two.person("finance")
    text = staff.get("/ledger/accounts/?after=merchant:z&after_currency=EUR")
    assert "Acme: Pending" not in text
    assert "Owed by the provider" in text
    assert 'href="/ledger/accounts/"' in text.partition("pager-row")[2]


def test_the_accounts_are_handed_out_with_exact_balances(two: Desk) -> None:
    def filed(name: str) -> list[dict[str, str]]:
        person = two.person(name)
        answer = person.post("/ledger/accounts/export.csv", person.csrf())
        return list(csv.DictReader(answer.data.decode("utf-8-sig").splitlines()))

    (own,) = filed("acme-owner")
    assert (own["Account"], own["Balance"], own["Currency"]) == ("Pending", "117.00", "EUR")
    assert {row["Account"]: row["Balance"] for row in filed("finance")}["Acme: Pending"] == "117.00"
    assert filed("globex-owner") == []


def test_every_account_of_the_chart_has_a_name() -> None:
    refs = [each for each in vars(accounts).values() if isinstance(each, AccountRef)]
    assert {ref.code for ref in refs} == set(account_words.CHART)
    assert set(account_words.TYPES) == set(AccountType)


def test_an_account_is_named_by_its_owner(web_app: Flask, world: World) -> None:
    staff, owner = world.staff(), world.owner()
    with web_app.test_request_context():
        assert account_words.name("merchant:mer_x:pending", staff, {"mer_x": "X"}) == "X: Pending"
        assert account_words.name("suspense:ca_1", staff, {}) == "ca_1: Money not matched yet"
        assert account_words.name("tax:fee", staff, {}) == "Tax on our fees"
        assert account_words.name("merchant:mer_x:in_refund", owner, {}) == "On the way to payers"


def test_the_sides_of_a_journal_are_summed_by_currency() -> None:
    amounts = ((100, "USD"), (-60, "EUR"), (60, "EUR"), (-40, "USD"), (-60, "USD"))
    lines = [LedgerLine(amount_minor=amount, currency=currency) for amount, currency in amounts]
    assert sums(lines) == [("EUR", 60, 60), ("USD", 100, 100)]


def test_balances_and_lines_are_shown_as_of_a_moment(two: Desk) -> None:
    staff = two.person("finance")
    address = account(staff, "Owed by the provider")
    before = staff.get("/ledger/accounts/?as_of=2020-01-31T23:59")
    assert 'as_of=2020-01-31T23:59">' in before
    assert "As of" in before
    assert "117.00" not in before
    old = staff.get(f"{address}?as_of=2020-01-31T23:59")
    assert "Nothing had been posted to this account by then" in old
    assert "120.00" in staff.get(f"{address}?as_of=2100-01-31T23:59")
    for nonsense in ("yesterday", "0001-01-01T00:00", "9999-12-31T23:59"):
        assert "This moment cannot be shown" in staff.get(f"{address}?as_of={nonsense}", 400)
        assert "2026-01-31T23:59" in staff.get("/ledger/accounts/?as_of=yesterday", 400)


def test_an_account_of_the_house_leads_to_its_parts(two: Desk) -> None:
    staff = two.person("finance")
    address = account(staff, "Owed by the provider")
    page = staff.get(address)
    assert "2 parts summed" in page
    part, other = sorted(set(re.findall(r"\?part=(\d+)", page)))
    only = staff.get(f"{address}?part={part}")
    assert "60.00" in only
    assert "120.00" not in only
    assert only.count("jr_") < page.count("jr_")
    assert "60.00" in staff.get(f"{address}?part={other}&as_of=2100-01-31T23:59")
    for nowhere in ("99", "x", "-1"):
        staff.get(f"{address}?part={nowhere}", 404)
