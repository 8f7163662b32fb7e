"""Balances and what moved them: the parts add up, page by page and however they are narrowed."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.adapters import db
from app.domain.balance_transactions import id_of, number_of
from app.domain.money import Money, format_major
from app.queries import balance_lines
from app.queries.balance_lines import LineFilter
from app.queries.listing import Window
from app.views import balance_rows
from tests.services.releasing import let_all_be_due, lots_of, release
from tests.views.people import statements

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.queries.listing import Slice
    from tests.views.api.conftest import Program, Programs

PATH = "/balance_transactions"


def _all(shop: Program, limit: int = 100, **query: str) -> list[dict[str, Any]]:
    """Return every row of a list, page by page."""
    found: list[dict[str, Any]] = []
    page = shop.get(PATH, limit=str(limit), **query).get_json()
    while page["has_more"]:
        found += page["data"]
        assert len(page["data"]) <= limit
        page = shop.get(
            PATH, limit=str(limit), starting_after=page["next_cursor"], **query
        ).get_json()
    found += page["data"]
    return found


@pytest.fixture
def moved(shop: Program, programs: Programs, migrator_engine: Engine) -> list[str]:
    """Let money move in two currencies: captured, refunded, released; return the payments."""
    payments = [shop.paid(reference="a")["id"], shop.paid(reference="b", currency="USD")["id"]]
    let_all_be_due(migrator_engine)
    release(programs.world)
    held = shop.paid(reference="c", capture="manual")["id"]
    shop.post(f"/payments/{held}/capture", {"amount": 2500})
    for payment in payments:
        shop.post(f"/payments/{payment}/refunds", {"amount": 700})
    return [*payments, held]


@pytest.mark.usefixtures("moved")
def test_what_moved_a_balance_adds_up_to_it(shop: Program) -> None:
    sums: Counter[tuple[str, str]] = Counter()
    for each in _all(shop):
        sums[each["currency"], each["account"]] += each["amount"]
    told = shop.get("/balance").get_json()["balances"]
    assert {each["currency"] for each in told} == {"EUR", "USD"}
    for balance in told:
        currency = balance.pop("currency")
        assert {name: sums[currency, name] for name in balance} == balance


def test_money_that_is_put_aside_tells_when_it_is_available(
    shop: Program, programs: Programs, moved: list[str]
) -> None:
    (lot,) = lots_of(programs.world, moved[2])
    (put_aside,) = _all(shop, payment=moved[2])
    assert (put_aside["type"], put_aside["account"]) == ("capture", "pending")
    assert put_aside["available_on"].startswith(lot.release_at.strftime("%Y-%m-%dT%H:%M:%S"))
    released = [each for each in _all(shop, type="release") if each["account"] == "available"]
    assert {each["payment"] for each in released} == set(moved[:2])
    assert all(each["available_on"] == each["created"] for each in released)
    shown = shop.get(f"{PATH}/{put_aside['id']}")
    assert shown.get_json() == put_aside


def test_narrowed_pages_find_what_the_whole_list_holds(
    shop: Program, moved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = _all(shop)
    numbers = [number_of(each["id"]) for each in every]
    assert numbers == sorted(numbers, key=lambda each: -(each or 0))
    middle = every[len(every) // 2]["created"]
    older = [each for each in every if each["created"] < middle]
    narrowed = [
        ("created[lt]", middle, older),
        ("created[gte]", middle, [each for each in every if each not in older]),
        ("type", "write_off", []),
    ]
    for name, value in (("currency", "USD"), ("payment", moved[0]), ("type", "release")):
        narrowed.append((name, value, [each for each in every if each[name] == value]))
    monkeypatch.setattr(balance_lines, "MOST_READ", 3)
    for (name, value, expected), limit in itertools.product(narrowed, (1, 2, 100)):
        assert _all(shop, limit, **{name: value}) == expected, (name, value, limit)


@pytest.mark.usefixtures("moved")
def test_pages_go_towards_newer_ones_too(shop: Program) -> None:
    every = _all(shop)
    newer = shop.get(PATH, limit="2", ending_before=every[4]["id"]).get_json()
    assert (newer["data"], newer["has_more"]) == (every[2:4], True)
    newest = shop.get(PATH, limit="2", ending_before=newer["next_cursor"]).get_json()
    assert (newest["data"], newest["has_more"]) == (every[:2], False)
    for query in ({"type": "salary"}, {"starting_after": every[0]["id"], "ending_before": "x"}):
        assert shop.get(PATH, **query).status_code == 422


def test_nobody_meets_what_moved_anothers_balance(
    shop: Program, programs: Programs, moved: list[str]
) -> None:
    line = _all(shop)[0]["id"]
    for actor in (programs.world.stranger(), programs.world.owner(livemode=True)):
        other = programs.of(actor)
        assert _all(other) == _all(other, payment=moved[0]) == []
        assert other.get(f"{PATH}/{line}").status_code == 404
        assert other.get(PATH, starting_after=line).status_code == 404
    with db.reading(programs.world.staff()) as session:
        houses = session.execute(
            text("SELECT id FROM ledger_line WHERE merchant_id IS NULL LIMIT 1")
        ).scalar_one()
    assert shop.get(f"{PATH}/{id_of(houses)}").status_code == 404


@pytest.mark.usefixtures("moved")
def test_each_account_is_read_by_its_index(programs: Programs) -> None:
    wanted = LineFilter(kind="release")
    with db.reading(programs.world.owner()) as session:
        accounts = balance_lines._accounts(session, wanted)
        lines = balance_lines._Lines(accounts, wanted, older=1000, newer=None)
        for asked in (lines.end(), lines.ids(1, 21)):
            compiled = asked.compile(session.connection(), compile_kwargs={"literal_binds": True})
            plan = session.execute(text(f"EXPLAIN {compiled}")).mappings().all()
            read = {each["key"] for each in plan if each["table"] == "ledger_line"}
            assert read == {"ix_ledger_line_account"}


def _figures(page: str) -> dict[tuple[str, str], str]:
    """Return (currency, place) → what the screen says to stand there, each a link to its lines."""
    found = re.findall(
        r'href="/balance/\?(?:merchant=\w+&)?currency=(\w+)&place=(\w+)#lines">'
        r'<span class="money[^"]*"><span class="amount">([^<]*)<',
        page,
    )
    return {(currency, place): amount for currency, place, amount in found}


@pytest.mark.usefixtures("moved")
def test_the_screen_tells_what_programs_are_told(shop: Program, programs: Programs) -> None:
    owner = programs.people.browser("acme-owner")
    page = unescape(owner.get("/balance/").text)
    figures, lines = _figures(page), _all(shop)
    for balance in shop.get("/balance").get_json()["balances"]:
        currency = balance.pop("currency")
        shown = {place: amount for (code, place), amount in figures.items() if code == currency}
        assert (
            shown.items()
            <= {
                place: format_major(Money(minor, currency)) for place, minor in balance.items()
            }.items()
        )
        assert all(minor == 0 or place in shown for place, minor in balance.items())
    for each in lines:
        assert f'href="/balance/{each["id"]}"' in page
    file = owner.post("/balance/export.csv?columns=posted,transaction,amount", {}).text
    rows = [row.split(",")[1:] for row in file.splitlines()[1:]]
    assert rows == [
        [each["id"], format_major(Money(each["amount"], each["currency"])), each["currency"]]
        for each in lines
    ]
    staff = programs.people.browser("finance")
    assert _figures(unescape(staff.get("/balance/?merchant=acme").text)) == figures
    assert "Choose a merchant" in staff.get("/balance/").text
    assert len(staff.post("/balance/export.csv", {}).text.splitlines()) == 1


@pytest.mark.usefixtures("moved")
def test_each_figure_is_the_sum_of_the_lines_that_it_leads_to(
    shop: Program, programs: Programs
) -> None:
    owner = programs.people.browser("acme-owner")
    figures = _figures(unescape(owner.get("/balance/").text))
    assert {place for _, place in figures} >= {"available", "pending"}
    for (currency, place), amount in figures.items():
        query = f"?currency={currency}&place={place}"
        file = owner.post(f"/balance/export.csv{query}&columns=posted,amount", {}).text
        amounts = [Decimal(row.split(",")[-2]) for row in file.splitlines()[1:]]
        assert sum(amounts) == Decimal(amount)
        assert "/ledger/accounts/" in owner.get(f"/balance/{query}").text


def test_a_capture_says_why_it_is_what_it_is(
    shop: Program, programs: Programs, moved: list[str]
) -> None:
    owner = programs.people.browser("acme-owner")
    (line,) = _all(shop, payment=moved[2])
    page = unescape(owner.get(f"/balance/{line['id']}").text)
    assert f'href="/payments/{moved[2]}"' in page
    assert "Captured: 25.00" in page
    assert "Why this fee" in page
    merchant = programs.people.browser("finance").get(f"/balance/{line['id']}").text
    assert "Acme" in merchant
    other = programs.people.browser("globex-owner")
    assert other.get(f"/balance/{line['id']}").status_code == 404
    assert other.get(f"/balance/?older={line['id']}").status_code == 404
    assert owner.get("/balance/btx_nothing").status_code == 404
    assert programs.people.browser("acme-clerk").get("/balance/").status_code == 403


@pytest.mark.usefixtures("moved")
@pytest.mark.parametrize(
    "name,query",
    [("acme-owner", ""), ("acme-owner", "?kind=release"), ("finance", "?merchant=acme")],
)
def test_the_screen_takes_few_statements(programs: Programs, name: str, query: str) -> None:
    browser = programs.people.browser(name)
    browser.get(f"/balance/{query}")
    with statements(programs.people.app) as asked:
        assert browser.get(f"/balance/{query}").status_code == 200
    assert len(asked) <= 10, asked


def test_pages_of_the_screen_go_both_ways(
    shop: Program, programs: Programs, moved: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert moved
    every = [each["id"] for each in _all(shop)]
    monkeypatch.setattr(balance_lines, "MOST_READ", 3)
    wanted = LineFilter(merchant_id=programs.world.acme)
    with db.reading(programs.world.owner()) as session:

        def read(**edge: str | None) -> tuple[list[str], Slice]:
            window = Window(limit=2, **{name: at or "" for name, at in edge.items()})
            part = balance_rows.page(session, wanted, window)
            return [each.public_id for each in part.rows], part

        first, page = read()
        second, page = read(older=page.older)
        third, page = read(older=page.older)
        assert [*first, *second, *third] == every[:6]
        back, page = read(newer=page.newer)
        assert (back, read(newer=page.newer)[0]) == (second, first)
        seldom = replace(wanted, kind="write_off")
        empty = balance_rows.page(session, seldom, Window(limit=2))
        assert (empty.rows, empty.older, empty.newer) == ([], every[2], None)


@given(st.integers(1, 2**63 - 1), st.integers(1, 2**63 - 1), st.text(max_size=20))
def test_ids_of_lines_come_back_and_sort_as_lines_were_written(a: int, b: int, junk: str) -> None:
    assert number_of(id_of(a)) == a
    assert (id_of(a) < id_of(b)) is (a < b)
    found = number_of(junk)
    assert found is None or id_of(found) == junk
