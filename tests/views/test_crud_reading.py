"""Generated lists: what they show, in which order, how much of it, and at what cost."""

from __future__ import annotations

import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta
from html import unescape
from threading import Barrier
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, update

from app.adapters.db import unit_of_work
from app.domain.actors import Actor
from app.domain.identifiers import new_id
from app.models import Capability, Merchant
from app.services.preferences import keep
from tests.fixtures.application import NOW
from tests.views.pages import column
from tests.views.people import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.views.people import Browser, People

LISTS = ["/merchants/", "/capabilities/", "/limits/", "/connector-accounts/", "/users/"]
BAD_ARGUMENTS = [
    "_oc_UsersView=password",
    "_oc_UsersView=id",
    "_oc_UsersView=created_by.password",
    "_oc_UsersView=username&_od_UsersView=sideways",
    "psize_UsersView=101",
    "psize_UsersView=0",
    "psize_UsersView=abc",
    "psize_UsersView=",
    "page_UsersView=-1",
    "page_UsersView=x",
    "page_UsersView=99999999999999999999",
    "page_UsersView=10&psize_UsersView=100",
    "_flt_0_password=a",
    "_flt_9_username=a",
    "_flt_x_username=a",
    "_flt_0_username=" + "a" * 201,
    "_flt_0_username=%00",
    "_flt_0_active=perhaps",
]


@pytest.mark.parametrize("argument", BAD_ARGUMENTS)
def test_what_a_list_does_not_offer_is_a_bad_request(people: People, argument: str) -> None:
    answer = people.browser("admin").get(f"/users/?{argument}")
    assert answer.status_code == 400
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("day", ["yesterday", "2026-13-01", "9999-12-31", "2026-01-01T00:00:00"])
def test_a_day_that_is_none_is_a_bad_request(people: People, day: str) -> None:
    assert people.browser("admin").get(f"/merchants/?_flt_0_created_at={day}").status_code == 400


@pytest.mark.parametrize("path", LISTS)
def test_a_list_costs_at_most_eight_statements(people: People, path: str) -> None:
    browser = people.browser("admin")
    with statements(people.app) as found:
        assert browser.get(path).status_code == 200
    assert len(found) <= 8, found


@pytest.fixture
def many(people: People) -> People:
    """Make 1,205 merchants."""
    rows = [
        {
            "public_id": new_id("mer", NOW),
            "key": f"m{number:04}",
            "name": "Same name",
            "country": "IN",
            "default_currency": "INR",
            "timezone": "UTC",
            "status": "active",
            "created_at": NOW,
        }
        for number in range(1_203)
    ]
    with people.engine.begin() as connection:
        connection.execute(insert(Merchant), rows)
    return people


ROW = re.compile(r'<td class="col-key" data-label="Short name">\s*(m\d{4})\s*</td>')
"""A merchant of `many`, by its short name."""


def leaf(browser: Browser, address: str, rel: str = "next") -> Iterator[str]:
    """Yield the pages of a list, one after the other."""
    while True:
        page = browser.get(address).text
        yield page
        onward = re.search(rf'rel="{rel}" href="([^"]+)"', page)
        if onward is None:
            return
        address = unescape(onward[1])


def test_a_long_list_says_so_without_counting_or_skipping(many: People) -> None:
    browser = many.browser("admin")
    with statements(many.app) as found:
        page = browser.get("/merchants/?psize_MerchantsView=100&page_MerchantsView=9").text
    assert "More than 1,000 rows" in page
    assert not [each for each in found if re.search(r"OFFSET", each, re.IGNORECASE)]
    counts = [each for each in found if re.search(r"count\(", each, re.IGNORECASE)]
    assert all("LIMIT" in each for each in counts)
    assert len(found) <= 8, found


def test_no_row_is_shown_twice_or_left_out_between_pages(many: People) -> None:
    browser = many.browser("admin")
    order = "&_oc_MerchantsView=name&_od_MerchantsView=desc"
    pages = list(leaf(browser, f"/merchants/?psize_MerchantsView=100{order}"))
    keys = [key for page in pages for key in ROW.findall(page)]
    assert keys == [f"m{number:04}" for number in reversed(range(1_203))]


def test_one_leafs_back_over_the_same_pages(many: People) -> None:
    browser = many.browser("admin")
    there = [ROW.findall(page) for page in leaf(browser, "/merchants/?psize_MerchantsView=100")]
    *_, last = leaf_addresses(browser, "/merchants/?psize_MerchantsView=100")
    back = [ROW.findall(page) for page in leaf(browser, last, "prev")]
    assert back[::-1] == there


def leaf_addresses(browser: Browser, address: str) -> Iterator[str]:
    """Yield the addresses of the pages of a list."""
    yield address
    for page in leaf(browser, address):
        onward = re.search(r'rel="next" href="([^"]+)"', page)
        if onward:
            yield unescape(onward[1])


def test_pages_by_their_number_stand_for_those_who_kept_an_address(many: People) -> None:
    browser = many.browser("admin")
    first, second, third = itertools.islice(leaf(browser, "/merchants/?psize_MerchantsView=100"), 3)
    numbered = browser.get("/merchants/?psize_MerchantsView=100&page_MerchantsView=2").text
    assert ROW.findall(numbered) == ROW.findall(third)
    assert ROW.findall(first) != ROW.findall(second)


def test_a_page_of_a_row_that_is_not_seen_is_not_found(people: People) -> None:
    browser = people.browser("admin")
    assert browser.get("/merchants/?older=mer_01kjmma2g0vcad9yjfjrkxnhe1").status_code == 404


def test_a_page_is_small(many: People) -> None:
    page = many.browser("admin").get("/merchants/?psize_MerchantsView=50")
    assert len(ROW.findall(page.text)) >= 48
    assert len(page.data) <= 150_000


def test_one_search_looks_into_every_text(people: People) -> None:
    browser = people.browser("admin")
    assert column(browser.get("/merchants/?q=ACM").text, "key") == ["acme"]
    assert set(column(browser.get("/capabilities/?q=glob").text, "merchant_id")) == {"Globex"}
    assert "Nothing matches" in browser.get("/merchants/?q=%25").text
    assert browser.get("/merchants/?q=" + "a" * 201).status_code == 400


def test_a_percent_sign_is_searched_as_itself(people: People) -> None:
    browser = people.browser("admin")
    assert column(browser.get("/merchants/?_flt_0_key=cm").text, "key") == ["acme"]
    assert "Nothing matches" in browser.get("/merchants/?_flt_0_key=%25").text
    assert "Nothing matches" in browser.get("/merchants/?_flt_0_key=a_me").text


def test_dates_are_whole_days_in_utc(people: People) -> None:
    browser = people.browser("admin")
    day = NOW.date().isoformat()
    both = f"/merchants/?_flt_0_created_at={day}&_flt_1_created_at={day}"
    assert "acme" in column(browser.get(both).text, "key")
    assert "Nothing matches" in browser.get("/merchants/?_flt_1_created_at=2026-02-28").text


def test_a_day_is_one_of_the_readers_zone(people: People) -> None:
    admin = Actor.staff(people.ids["admin"], False, "admin", frozenset())
    with unit_of_work(admin) as session:
        keep(session, NOW, people.ids["admin"], "timezone", "Pacific/Kiritimati")
    zone = ZoneInfo("Pacific/Kiritimati")
    begin = datetime.combine(NOW.date(), time(), zone)
    with people.engine.begin() as connection:
        of_acme = update(Merchant).where(Merchant.key == "acme")
        connection.execute(of_acme.values(created_at=begin.astimezone(UTC)))
    browser, day = people.browser("admin"), NOW.date()
    found = browser.get(f"/merchants/?_flt_0_created_at={day}").text
    before = browser.get(f"/merchants/?_flt_1_created_at={day - timedelta(days=1)}").text
    assert "acme" in column(found, "key")
    assert "acme" not in column(before, "key")


def test_a_list_by_merchant_takes_the_merchants_short_name(people: People) -> None:
    browser = people.browser("admin")
    page = browser.get("/capabilities/?_flt_0_merchant_id=acme").text
    assert set(column(page, "merchant_id")) == {"Acme"}
    assert browser.get("/capabilities/?_flt_0_merchant_id=nobody").status_code == 400


def test_a_filter_that_is_wrong_is_told_beside_it_and_kept(people: People) -> None:
    page = people.browser("admin").get("/merchants/?_flt_0_created_at=yesterday&q=ac").text
    assert "Write it like 2026-01-31." in page
    assert 'value="yesterday"' in page
    assert 'value="ac"' in page


def test_every_filter_is_a_chip_that_takes_it_away(people: People) -> None:
    page = people.browser("admin").get("/users/?_flt_0_roles=Auditor&_flt_0_active=yes&q=a").text
    chips = re.findall(r'class="chip-label">([^<]+)</span>\s*<span class="chip-word">([^<]+)', page)
    assert set(chips) == {("Search", "a"), ("Role", "Auditor"), ("State", "Active")}
    off = [unescape(each) for each in re.findall(r'class="chip-off" href="([^"]+)"', page)]
    assert "/users/?_flt_0_active=yes&q=a" in off


def test_the_head_of_the_column_tells_and_turns_the_order(people: People) -> None:
    browser = people.browser("admin")
    page = browser.get("/merchants/").text
    head = re.search(r'aria-sort="(\w+)">\s*<a class="sorter" href="([^"]+)">Name', page)
    assert head
    assert head[1] == "ascending"
    turned = browser.get(unescape(head[2])).text
    assert column(turned, "key") == column(page, "key")[::-1]
    assert 'aria-sort="descending"' in turned


def test_another_filter_keeps_the_order(people: People) -> None:
    order = "_oc_UsersView=email&_od_UsersView=desc"
    page = people.browser("admin").get(f"/users/?{order}&_flt_0_username=a").text
    for name, value in (("_oc_UsersView", "email"), ("_flt_0_username", "a")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in page


def test_filters_of_two_requests_at_once_do_not_mix(trap: People) -> None:
    browsers = [trap.browser("admin"), trap.browser("operations")]
    start = Barrier(2)

    def ask(index: int, key: str) -> list[bool]:
        answers = []
        for _ in range(15):
            start.wait(timeout=20)
            page = browsers[index].get(f"/trap/?_flt_0_merchant_id={key}").text
            answers.append({each.lower() for each in column(page, "merchant_id")} == {key})
        return answers

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(ask, 0, "acme")
        two = pool.submit(ask, 1, "globex")
        assert all(one.result() + two.result())


def test_addresses_carry_public_ids(people: People) -> None:
    browser = people.browser("admin")
    page = browser.get("/merchants/").text
    addresses = re.findall(r'href="/merchants/(?:show|edit)/([^"]+)"', page)
    assert addresses
    assert all(address.startswith("mer_") for address in addresses)
    assert browser.get(f"/merchants/show/{addresses[0]}").status_code == 200
    assert browser.get(f"/merchants/show/{people.world.acme}").status_code == 404


@pytest.mark.parametrize("key", ["0", "-1", "1x", "9" * 30, "1%00", "\u0661"])
def test_a_key_that_is_none_is_not_found(people: People, key: str) -> None:
    assert people.browser("admin").get(f"/users/show/{key}").status_code == 404


def test_what_a_base_filter_hides_has_no_page(trap: People) -> None:
    with trap.engine.connect() as connection:
        table = Capability.__table__
        rows = connection.execute(table.select()).mappings().all()
    hidden = next(row["public_id"] for row in rows if row["kind"] == "bulk")
    open_one = next(row["public_id"] for row in rows if row["kind"] == "card")
    browser = trap.browser("admin")
    assert browser.get(f"/trap/show/{open_one}").status_code == 200
    assert browser.get(f"/trap/show/{hidden}").status_code == 404


def test_nothing_encrypted_or_hashed_is_on_any_generated_page(people: People) -> None:
    browser = people.browser("admin")
    account = re.search(
        r"/connector-accounts/show/[^\"]+", browser.get("/connector-accounts/").text
    )
    assert account
    pages = [browser.get(path).text for path in (account[0], f"/users/show/{people.ids['admin']}")]
    for page in pages:
        assert "sk_sandbox_" not in page
        assert "scrypt" not in page
