"""Generated lists: what they show, in which order, how much of it, and at what cost."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from app.domain.identifiers import new_id
from app.models import Capability, Merchant
from tests.fixtures.application import NOW
from tests.views.people import statements

if TYPE_CHECKING:
    from tests.views.people import People

LISTS = ["/merchants/", "/capabilities/", "/limits/", "/prices/", "/connector-accounts/", "/users/"]
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


def test_a_long_list_says_so_without_counting_or_skipping(many: People) -> None:
    browser = many.browser("admin")
    with statements(many.app) as found:
        page = browser.get("/merchants/?psize_MerchantsView=100&page_MerchantsView=9").text
    assert "1000+ in this list" in page
    assert "Page 10 of 10" in page
    assert not [each for each in found if re.search(r"count\(|OFFSET", each, re.IGNORECASE)]


def test_no_row_is_shown_twice_or_left_out_between_pages(many: People) -> None:
    browser = many.browser("admin")
    keys: list[str] = []
    for number in range(10):
        page = browser.get(
            f"/merchants/?psize_MerchantsView=100&page_MerchantsView={number}"
            "&_oc_MerchantsView=name&_od_MerchantsView=desc"
        ).text
        keys += re.findall(r"<td>(m\d{4})</td>", page)
    assert len(keys) == 1_000
    assert len(set(keys)) == 1_000


def test_a_percent_sign_is_searched_as_itself(people: People) -> None:
    browser = people.browser("admin")
    assert "acme" in browser.get("/merchants/?_flt_0_key=cm").text
    assert "Nothing found" in browser.get("/merchants/?_flt_0_key=%25").text
    assert "Nothing found" in browser.get("/merchants/?_flt_0_key=a_me").text


def test_dates_are_whole_days_in_utc(people: People) -> None:
    browser = people.browser("admin")
    day = NOW.date().isoformat()
    both = f"/merchants/?_flt_0_created_at={day}&_flt_1_created_at={day}"
    assert "acme" in browser.get(both).text
    assert "Nothing found" in browser.get("/merchants/?_flt_1_created_at=2026-02-28").text


def test_a_list_by_merchant_takes_the_merchants_short_name(people: People) -> None:
    browser = people.browser("admin")
    page = browser.get("/capabilities/?_flt_0_merchant_id=acme").text
    assert "Acme" in page
    assert "Globex" not in page
    assert browser.get("/capabilities/?_flt_0_merchant_id=nobody").status_code == 400


def test_filters_of_two_requests_at_once_do_not_mix(trap: People) -> None:
    browsers = [trap.browser("admin"), trap.browser("operations")]
    start = Barrier(2)

    def ask(index: int, key: str, other: str) -> list[bool]:
        answers = []
        for _ in range(15):
            start.wait(timeout=20)
            page = browsers[index].get(f"/trap/?_flt_0_merchant_id={key}").text
            answers.append(f"<td>{key.title()}</td>" in page and other not in page)
        return answers

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(ask, 0, "acme", "<td>Globex</td>")
        two = pool.submit(ask, 1, "globex", "<td>Acme</td>")
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
