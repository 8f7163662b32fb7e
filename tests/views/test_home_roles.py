"""Each role's home: what is theirs, nothing else, and first what waits for them."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Final

import pytest

from app.adapters import clock
from app.domain.permissions import RoleName
from tests.fixtures.application import NOW
from tests.queries import rows
from tests.views import home_rows
from tests.views.people import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from tests.views.people import Browser, People

DAY = timedelta(days=1)
FIGURES: Final = {"volume", "success", "reasons", "funnel", "methods"}
SECTIONS: Final = {
    "admin": {"desk", "acts", "ledger", "house", "sellers"},
    "operations": {"desk", "house", "sellers"},
    "finance": {"desk", "house", "sellers"},
    "compliance": {"desk", "sellers"},
    "auditor": {"acts", "ledger", "house", "sellers"},
    "acme-owner": {"desk", "recent", "today", "balance", "files"},
    "acme-clerk": {"desk", "recent", "today", "files"},
    "globex-owner": {"desk", "recent", "today", "balance", "files"},
}
LINE = re.compile(r'desk-link" href="([^"]+)">(\d+) ([^<]+)</a>')
SECTION = re.compile(r'<section class="panel-box" id="(\w+)"')
BODY = re.compile(r"<tbody>(.*?)</tbody>", re.DOTALL)
MOST_STATEMENTS: Final = 12


def home(browser: Browser, query: str = "") -> str:
    answer = browser.get(f"/{query}")
    assert answer.status_code == 200, answer.text
    return unescape(answer.text)


def lines(text: str) -> dict[str, tuple[int, str]]:
    """Return words → (number, link) of what waits."""
    return {words: (int(number), link) for link, number, words in LINE.findall(text)}


def rows_behind(browser: Browser, link: str) -> int:
    answer = browser.get(link)
    assert answer.status_code == 200, link
    (body,) = BODY.findall(answer.text)
    return len(re.findall(r"<tr\b", body))


@pytest.fixture
def busy(people: People) -> Iterator[People]:
    """Both merchants with payments, files and money, and work for everybody."""
    world = people.world
    for owner, merchant_id, key in (
        (world.owner(), world.acme, "acme"),
        (world.stranger(), world.globex, "globex"),
    ):
        made = [
            rows.payment(merchant_id, NOW, reference=f"{key}-1"),
            rows.payment(merchant_id, NOW - 2 * DAY, status="processing"),
            rows.payment(merchant_id, NOW - DAY, status="conflicted"),
            rows.payment(merchant_id, NOW - DAY, status="in_review"),
            rows.payment(merchant_id, NOW, status="failed", failure_code="expired_card"),
        ]
        ids = rows.keep(owner, made)
        home_rows.operation(world, owner, ids[1], NOW - 2 * DAY)
        home_rows.keep(
            owner,
            home_rows.upload(merchant_id, "ready", filename=f"{key}-ready.csv"),
            home_rows.upload(merchant_id, "refused", filename=f"{key}-refused.csv"),
            home_rows.upload(merchant_id, "refused", NOW - 20 * DAY),
        )
        home_rows.account(owner, f"merchant:mer_{key}:available", "EUR", 250, merchant_id)
        home_rows.account(owner, f"merchant:mer_{key}:pending", "EUR", -1000, merchant_id)
    house = home_rows.HOUSE
    home_rows.keep(house, home_rows.task("failed"), home_rows.journal())
    home_rows.account(house, "suspense:ca_1", "EUR", -777)
    home_rows.account(house, "provider:ca_1:receivable", "EUR", 1527)
    home_rows.keep(world.staff(), home_rows.act("users.create", "Added somebody"))
    with clock.at(NOW + timedelta(hours=1)):
        yield people


@pytest.mark.parametrize("name", SECTIONS)
def test_each_role_sees_its_sections_and_no_other(busy: People, name: str) -> None:
    found = SECTION.findall(home(busy.browser(name)))
    assert len(found) == len(set(found))
    assert set(found) == SECTIONS[name] | FIGURES


def test_every_role_is_written_down_here() -> None:
    assert len(SECTIONS) == len(RoleName) + 1, "two of them are owners"


def test_what_waits_comes_before_any_figure(busy: People) -> None:
    for name in ("operations", "acme-owner"):
        text = home(busy.browser(name))
        assert text.index('id="desk"') < text.index('id="figures"') < text.index('id="volume"')


def test_operations_sees_what_only_operations_can_solve(busy: People) -> None:
    browser = busy.browser("operations")
    found = lines(home(browser))
    assert {words: number for words, (number, _) in found.items()} == {
        "payments have no answer from the provider": 2,
        "payments contradict what the provider reports": 2,
        "job has failed": 1,
        "payments have been at the provider since before today": 2,
        "payments wait for a review": 2,
        "accounts of merchants are below zero": 2,
        "files have not been confirmed by their merchants": 2,
        "files were refused in the last 7 days": 2,
    }
    for words, (number, link) in found.items():
        assert rows_behind(browser, link) == number, words


def test_finance_sees_money_in_the_wrong_place(busy: People) -> None:
    browser = busy.browser("finance")
    text = home(browser)
    assert set(lines(text)) == {"accounts of merchants are below zero"}
    (held,) = re.findall(r'desk-link" href="([^"]+)">Money in suspense', text)
    assert "7.77" in text
    assert "7.77" in browser.get(held).text
    assert "15.27" in text, "the balances of the house"


def test_compliance_sees_merchants_without_a_grant(busy: People, migrator_engine: Engine) -> None:
    browser = busy.browser("compliance")
    assert "Nothing waits for you" in home(browser)
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql(
            "DELETE FROM capability WHERE merchant_id = %s", (busy.world.globex,)
        )
    text = home(browser)
    (link,) = re.findall(r'1 merchant may do nothing in this book yet:\s*<a href="([^"]+)">', text)
    assert "Globex" in browser.get(link).text


def test_the_auditor_sees_sensitive_acts_and_no_claim_of_proof(busy: People) -> None:
    browser = busy.browser("auditor")
    text = home(browser)
    (link,) = re.findall(r'row-words" href="([^"]+)">Added somebody</a>', text)
    assert "Added somebody" in browser.get(link).text
    assert "This page proves nothing." in text
    assert "flask payagency ledger verify" in text


def test_an_owner_sees_only_their_own(busy: People) -> None:
    text = home(busy.browser("acme-owner"))
    found = lines(text)
    assert {words: number for words, (number, _) in found.items()} == {
        "file waits for your confirmation": 1,
        "file was refused in the last 7 days": 1,
    }
    for number, link in found.values():
        assert rows_behind(busy.browser("acme-owner"), link) == number
    assert "acme-1" in text
    for foreign in ("globex", "Globex", "suspense", "Balances of the house", "job has failed"):
        assert foreign not in text, foreign
    assert "The card has expired." in text
    assert "Try again with corrected or other details." in text


def test_the_balance_is_what_the_owner_reads_on_the_account(busy: People) -> None:
    browser = busy.browser("acme-owner")
    found = re.findall(
        r'<dd><a href="([^"]+)"><span class="money[^"]*"><span class="amount">([^<]+)',
        home(browser),
    )
    assert [amount for _, amount in found] == ["-2.50", "10.00"]
    for link, amount in found:
        assert amount in browser.get(link).text


def test_todays_sales_lead_to_todays_payments(busy: People) -> None:
    browser = busy.browser("acme-owner")
    (link,) = re.findall(r'row-words" href="([^"]+)">1 payment</a>\s*<strong', home(browser))
    assert rows_behind(browser, link) == 1
    assert 'id="today"' not in home(browser, "?period=custom&from=2026-02-01&to=2026-02-02")


def test_a_clerk_sees_their_files_with_their_progress(busy: People) -> None:
    world = busy.world
    home_rows.keep(
        world.owner(),
        home_rows.upload(world.acme, "running", filename="mine.csv", rows_loaded=4),
        home_rows.upload(world.acme, "running", filename="other.csv", created_by="acme-owner"),
    )
    text = home(busy.browser("acme-clerk"))
    assert "Upload a file" in text
    assert 'value="4" max="10"' in text
    assert "4 of 10 rows" in text
    files = text[text.index('id="files"') :]
    assert "mine.csv" in files
    assert "other.csv" not in files
    assert set(lines(text)) == {"file was refused in the last 7 days"}, "they confirm nothing"


def test_nothing_waits_is_said_kindly(people: People) -> None:
    for name in ("operations", "finance", "compliance", "acme-owner", "acme-clerk"):
        assert "Nothing waits for you" in home(people.browser(name)), name


def test_the_other_book_is_empty(busy: People) -> None:
    browser = busy.browser("operations")
    assert browser.post("/book/", {"book": "live"}).status_code == 302
    text = home(browser)
    assert lines(text) == {}
    assert "No payments in these days" in text


def test_a_new_installation_says_its_first_steps(people: People, migrator_engine: Engine) -> None:
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM price_rule")
        connection.exec_driver_sql("DELETE FROM price_list")
    finance = home(people.browser("finance"))
    steps = finance[finance.index('id="beginnings"') :]
    assert re.findall(r'<a href="(/[^"]+/new)">', steps) == ["/price-lists/new"]
    assert 'id="beginnings"' in home(people.browser("admin")), "all of it is done"
    owner = home(people.browser("acme-owner"))
    assert re.findall(r'<a href="(/[^"]+/new)">', owner) == [
        "/api-keys/new",
        "/payments/new",
        "/uploads/new",
    ]
    assert "This is the test book: no money moves." in owner
    assert 'id="beginnings"' not in home(people.browser("operations"))


def test_the_first_steps_end_with_the_first_payment(people: People) -> None:
    rows.keep(people.world.owner(), [rows.payment(people.world.acme, NOW - 400 * DAY)])
    for name, is_shown in {"admin": False, "acme-owner": False, "globex-owner": True}.items():
        assert ('id="beginnings"' in home(people.browser(name))) is is_shown, name


@pytest.mark.parametrize("name", SECTIONS)
def test_a_home_costs_few_statements(busy: People, name: str) -> None:
    browser = busy.browser(name)
    home(browser)
    with statements(busy.app) as sent:
        home(browser)
    assert len(sent) <= MOST_STATEMENTS, "\n\n".join(sent)


def test_home_needs_a_sign_in(people: People) -> None:
    assert people.nobody().get("/").location.startswith("/login/")


def test_figures_are_for_those_who_may_see_payments(people: People) -> None:
    for address in ("/figures/volume.json", "/figures/success.json"):
        assert people.nobody().get(address).status_code == 302
        assert people.browser("auditor").get(address).get_json()["data"] is not None
