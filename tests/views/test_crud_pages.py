"""Generated pages: one row, what stands beside it, its file, and values as words."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from app.models import AuditEntry, Capability
from app.models.accounts import User
from tests.fixtures.application import NOW
from tests.views.approving import approve_waiting
from tests.views.pages import column, text

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.views.people import Browser, People

LISTS = ("merchants", "capabilities", "limits", "connector-accounts", "users")


def facts(page: str) -> dict[str, str]:
    """Return label → value of the facts of a row."""
    found = re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", page, re.DOTALL)
    return {text(label): text(value) for label, value in found}


def opened(browser: Browser, path: str, first: str = "") -> str:
    """Return the page of the first row of a list, or of that which is called so."""
    page = browser.get(path).text
    href = re.search(rf'class="opener" href="([^"]+)">\s*{first}', page)
    assert href
    return browser.get(unescape(href[1])).text


def test_a_merchants_page_is_where_all_of_it_hangs_together(people: People) -> None:
    page = opened(people.browser("admin"), "/merchants/", "Acme")
    shown = facts(page)
    assert (shown["Country"], shown["Status"]) == ("India", "Active")
    assert shown["Currency"].startswith("INR Indian Rupee")
    panels = re.findall(r'<section class="panel-box" id="(\w+)">(.*?)</section>', page, re.DOTALL)
    assert [name for name, _ in panels] == ["CapabilitiesView", "LimitsView"]
    assert column_of(panels[0][1], "Capability") == ["Card", "Bulk files"]
    links = [unescape(each) for each in re.findall(r'href="([^"]+)"', page)]
    for address in ("/payments/?merchant=acme", "/capabilities/add?merchant_id=acme"):
        assert address in links


def column_of(panel: str, label: str) -> list[str]:
    """Return the texts of a column of a panel."""
    return [
        text(each) for each in re.findall(rf'data-label="{label}">(.*?)</td>', panel, re.DOTALL)
    ]


def test_every_link_of_a_merchants_page_leads_somewhere(people: People) -> None:
    browser = people.browser("admin")
    page = opened(browser, "/merchants/", "Acme")
    page = page[page.index("<main") : page.index("</main>")]
    links = {unescape(each) for each in re.findall(r'href="(/(?!static)[^"]+)"', page)}
    assert len(links) > 8
    assert {each: browser.get(each).status_code for each in links} == dict.fromkeys(links, 200)


@pytest.mark.parametrize("username", ["finance", "operations", "compliance"])
def test_a_page_offers_what_the_reader_may_do(people: People, username: str) -> None:
    browser = people.browser(username)
    may = username == "compliance"
    page = opened(browser, "/merchants/", "Acme")
    assert ("Grant a capability" in page) is may
    assert (">Change</a>" in page) is may
    grant = opened(browser, "/capabilities/")
    assert ("/capabilities/delete/" in grant) is may
    assert ("Grant a capability" in browser.get("/capabilities/").text) is may


def test_removing_says_what_will_happen(people: People) -> None:
    page = opened(people.browser("admin"), "/capabilities/?_flt_1_kind=card")
    dialog = text(page[page.index("<dialog") : page.index("</dialog>")])
    assert "Remove Globex · Card?" in dialog or "Remove Acme · Card?" in dialog
    assert "New payments of this kind are refused from now on" in dialog


def test_no_link_stands_in_another(people: People) -> None:
    for name in LISTS:
        page = people.browser("admin").get(f"/{name}/").text
        assert re.findall(r"<a [^>]*>(?:(?!</a>).)*<a ", page, re.DOTALL) == [], name


def test_an_empty_list_says_the_next_step(people: People) -> None:
    browser = people.browser("admin")
    browser.post("/book/", {"book": "live"})
    page = browser.get("/capabilities/").text
    assert "A merchant takes payments by the methods granted to it here." in page
    assert page.count('href="/capabilities/add"') == 2


def test_values_are_words(people: People) -> None:
    grants = people.browser("admin").get("/capabilities/").text
    assert set(column(grants, "kind")) == {"Card", "Bulk files"}
    accounts = people.browser("admin").get("/connector-accounts/").text
    assert column(accounts, "enabled")[0] == "Yes"
    assert column(accounts, "merchant_id")[0] == "Every merchant"


def test_a_time_without_a_zone_is_one_in_utc(people: People) -> None:
    with people.engine.begin() as connection:
        auditor = update(User).where(User.username == "auditor")
        connection.execute(auditor.values(last_login=NOW.replace(tzinfo=None)))
    page = people.browser("admin").get("/users/?_flt_1_username=auditor").text
    assert f'datetime="{NOW.isoformat()}"' in page
    assert column(people.browser("admin").get("/users/?q=finance").text, "last_login") == ["Never"]


def download(browser: Browser, path: str, **data: object) -> TestResponse:
    """Ask for a list as a file."""
    return browser.post(path, dict(data))


def lines(answer: TestResponse) -> list[list[str]]:
    """Return the cells of a file."""
    assert answer.status_code == 200
    assert answer.content_type == "text/csv; charset=utf-8"
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))


@pytest.mark.parametrize("name", LISTS)
def test_each_list_is_a_file_and_leaves_a_trace(people: People, name: str) -> None:
    browser, traces = people.browser("admin"), people.count(AuditEntry)
    page = browser.get(f"/{name}/").text
    head, *rows = lines(download(browser, f"/{name}/export.csv"))
    assert people.count(AuditEntry) == traces + 1
    if "Nothing here yet" in page:
        assert rows == []
        return
    shown = [text(each) for each in re.findall(r'<th scope="col"[^>]*>(.*?)</th>', page, re.DOTALL)]
    assert head == [each for each in shown if each and each != "More"]
    assert len(rows) == len(re.findall(r'<td class="col-\w+', page)) // len(head)


def test_a_file_is_exactly_the_list_that_is_looked_at(people: People) -> None:
    browser = people.browser("admin")
    query = "_flt_0_roles=Auditor&columns=username,email"
    assert lines(download(browser, f"/users/export.csv?{query}")) == [
        ["Name to sign in", "E-mail"],
        ["auditor", "auditor@example.com"],
    ]


def test_a_file_of_the_rows_that_were_ticked(people: People) -> None:
    browser = people.browser("admin")
    ticked = [people.ids["finance"], people.ids["auditor"]]
    rows = lines(download(browser, "/users/export.csv?columns=username", id=ticked))
    assert rows[1:] == [["auditor"], ["finance"]]


def test_amounts_and_times_in_a_file_are_exact(people: People) -> None:
    browser = people.browser("admin")
    browser.post(
        "/limits/add",
        {
            "merchant_id": "acme",
            "kind": "card",
            "currency": "USD",
            "max_minor": "1000.05",
            "reason": "as agreed",
        },
    )
    approve_waiting(people)
    query = "columns=merchant_id,max_minor,created_at&_oc_LimitsView=created_at&_od_LimitsView=desc"
    _, first, *_ = lines(download(browser, f"/limits/export.csv?{query}"))
    assert first[:2] == ["Acme", "1000.05"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00", first[2])


def test_a_file_for_a_filter_that_is_wrong_is_none(people: People) -> None:
    browser, traces = people.browser("admin"), people.count(AuditEntry)
    answer = download(browser, "/merchants/export.csv?_flt_0_created_at=yesterday")
    assert answer.status_code == 422
    assert people.count(AuditEntry) == traces


def test_columns_are_chosen_and_kept(people: People) -> None:
    browser = people.browser("admin")
    assert column(browser.get("/merchants/").text, "timezone") == []
    browser.post("/merchants/columns", {"columns": ["name", "timezone"]})
    page = browser.get("/merchants/").text
    assert len(column(page, "timezone")) == 2
    assert column(page, "country") == []
    assert column(people.browser("operations").get("/merchants/").text, "timezone") == []


def test_no_column_of_another_table_or_secret_can_be_chosen(people: People) -> None:
    browser = people.browser("admin")
    page = browser.get("/connector-accounts/?columns=credentials,id,name").text
    assert "sk_sandbox" not in page
    assert column(page, "credentials") == []
    assert column(browser.get("/users/?columns=password,username").text, "password") == []


def test_a_file_holds_only_what_the_open_book_does(people: People) -> None:
    browser = people.browser("admin")
    count = people.count(Capability)
    assert len(lines(download(browser, "/capabilities/export.csv"))) == count + 1
    browser.post("/book/", {"book": "live"})
    assert len(lines(download(browser, "/capabilities/export.csv"))) == 1
