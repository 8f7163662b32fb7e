"""Every number on the home page stands for the rows behind its link, in one currency."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock
from tests.fixtures.application import NOW
from tests.queries import rows
from tests.views import home_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]
SCREENS = "app.factory, app.views.menu, app.views.home, app.views.payments"
DAY = timedelta(days=1)
STAT = re.compile(
    r'stat-label">([^<]+)</span>\s*'
    r'<span class="stat-value"><a href="([^"]+)" aria-label="[^:]+: ([^"]*)"'
)
NOTE = re.compile(r'stat-note">(.*?)</span>\s*</div>', re.DOTALL)
_ROW = r'row-words" href="([^"]+)">[^<]+</a>\s*<span class="row-fact"><strong>'
STAGE = re.compile(_ROW + r"(\d+)</strong>")
METHOD = re.compile(_ROW + r"[\d.]+%</strong> · \d+ of (\d+)")


@pytest.fixture
def month(desk: Desk) -> Iterator[Desk]:
    world = desk.world
    made = [
        rows.payment(world.acme, NOW, amount_minor=1001),
        rows.payment(world.acme, NOW, amount_minor=2),
        rows.payment(world.acme, NOW, status="failed", failure_code="expired_card"),
        rows.payment(world.acme, NOW, status="conflicted", amount_minor=5),
        rows.payment(world.acme, NOW, status="in_review", amount_minor=6),
        rows.payment(world.acme, NOW - 3 * DAY, currency="JPY", status="refunded"),
        rows.payment(world.acme, NOW - 3 * DAY, currency="JPY", status="refunded", method="upi"),
        rows.payment(world.acme, NOW - 40 * DAY, status="failed"),
    ]
    ids = rows.keep(world.owner(), made)
    home_rows.operation(
        world, world.owner(), ids[0], NOW, kind="refund", state="success", amount_minor=1001
    )
    with clock.at(NOW + timedelta(hours=1)):
        yield desk


def cells(text: str) -> list[tuple[str, str]]:
    """Return (link, number of payments) of the tables of volume and reasons."""
    return re.findall(r'count"><a href="([^"]+)">(\d+)</a>', text)


def stats(text: str) -> dict[str, tuple[str, str]]:
    """Return label → (what is shown, link) of the figures at a glance."""
    return {label: (" ".join(shown.split()), link) for label, link, shown in STAT.findall(text)}


def rows_of(person: Person, link: str) -> int:
    """Count the rows of the list behind a link."""
    return len(re.findall(r'class="[^"]*\bopener\b', person.get(link)))


def test_every_number_leads_to_as_many_payments(month: Desk) -> None:
    person = month.person("acme-owner")
    for address in ("/?currency=EUR", "/?currency=JPY&by=method", "/?currency=all&period=90d"):
        found = cells(person.get(address))
        assert found
        for link, number in found:
            assert rows_of(person, link) == int(number), link


@pytest.mark.parametrize("name", ["acme-owner", "operations"])
def test_stages_and_methods_lead_to_their_payments(month: Desk, name: str) -> None:
    person = month.person(name)
    text = person.get("/?currency=all&period=30d")
    stages, methods = STAGE.findall(text), METHOD.findall(text)
    assert [number for _, number in stages] == ["7", "4", "4", "2"]
    assert [number for _, number in methods] == ["4", "1"]
    for link, number in stages + methods:
        assert rows_of(person, link) == int(number), link


def test_merchants_paid_most_lead_to_their_payments(month: Desk) -> None:
    rows.keep(month.world.stranger(), [rows.payment(month.world.globex, NOW, amount_minor=9)])
    person = month.person("operations")
    text = person.get("/?currency=EUR")
    found = re.findall(r'row-words" href="([^"]+merchant=[^"]+)">(\w+)</a>', text)
    assert [(name, rows_of(person, link)) for link, name in found] == [("Acme", 2), ("Globex", 1)]


def test_the_figures_at_a_glance_equal_their_rows(month: Desk) -> None:
    person = month.person("acme-owner")
    found = stats(person.get("/?currency=EUR"))
    assert {label: shown for label, (shown, _) in found.items()} == {
        "Paid volume": "10.03 EUR",
        "Payments": "5",
        "Success rate": "66.7%",
        "Refunds": "10.01 EUR",
        "Average payment": "5.02 EUR",
    }
    behind = {label: rows_of(person, link) for label, (_, link) in found.items()}
    assert behind == {
        "Paid volume": 2,
        "Payments": 5,
        "Success rate": 3,
        "Refunds": 1,
        "Average payment": 2,
    }


def test_currencies_are_never_added(month: Desk) -> None:
    person = month.person("acme-owner")
    yen = stats(person.get("/?currency=JPY"))
    assert yen["Paid volume"][0] == "2,000 JPY"
    assert stats(person.get("/?currency=EUR"))["Paid volume"][0] == "10.03 EUR"
    every = stats(person.get("/?currency=all"))
    assert {label: shown for label, (shown, _) in every.items()} == {
        "Payments": "7",
        "Success rate": "80.0%",
        "Refunds": "1",
    }
    assert "No payments in these days" in person.get("/?currency=USD")


def test_the_most_frequent_currency_is_shown_first(month: Desk) -> None:
    assert "Volume by day, EUR" in month.person("acme-owner").get("/")


def test_the_days_before_are_compared(month: Desk) -> None:
    world = month.world
    rows.keep(world.owner(), [rows.payment(world.acme, NOW - 8 * DAY) for _ in range(4)])
    person = month.person("acme-owner")
    text = person.get("/?period=7d&currency=EUR")
    assert "23 Feb 2026 – 1 Mar 2026, compared with 16 Feb 2026 – 22 Feb 2026" in text
    notes = [re.sub(r"<[^>]+>", "", note) for note in NOTE.findall(text)]
    assert [" ".join(note.split()) for note in notes] == [
        "↓ 74.9% less",
        "↑ 25.0% more",
        "↓ 33.3 points less",
        "Nothing before",
        "↓ 49.8% less",
    ]


def test_merchants_see_conflicts_and_reviews_as_one(month: Desk) -> None:
    owner, staff = month.person("acme-owner"), month.person("operations")
    assert "0.11" in owner.get("/?currency=EUR")
    assert "Conflicted" not in owner.get("/?currency=EUR")
    assert "Conflicted" in staff.get("/?currency=EUR")


def test_days_are_chosen_from_a_list_or_freely(month: Desk) -> None:
    person = month.person("acme-owner")
    assert stats(person.get("/?period=90d&currency=EUR"))["Payments"][0] == "6"
    assert stats(person.get("/?period=today&currency=EUR"))["Payments"][0] == "5"
    own = "/?period=custom&from=2026-01-20&to=2026-01-20&currency=EUR"
    assert stats(person.get(own))["Payments"][0] == "1"


@pytest.mark.parametrize(
    "query",
    [
        "period=1000d",
        "by=colour",
        "period=custom&from=2026-02-01&to=2026-01-01",
        "period=custom&from=tomorrow",
        "period=custom&from=2020-01-01&to=2026-01-01",
        "currency=" + "x" * 300,
    ],
)
def test_a_choice_that_makes_no_sense_is_told_and_the_usual_shown(month: Desk, query: str) -> None:
    text = month.person("acme-owner").get(f"/?{query}", 422)
    assert 'role="alert"' in text
    assert stats(text)["Payments"][0] == "5"


def test_the_volume_travels_as_exact_text(month: Desk) -> None:
    answer = month.person("acme-owner").client.get("/figures/volume.json?currency=EUR")
    bars = json.loads(answer.text)["data"]
    amounts = {bar["name"]: bar["y"] for bar in bars}
    assert amounts == {"Succeeded": ["10.03"], "Failed": ["10.00"], "In review": ["0.11"]}
    assert all(bar["customdata"][0][0].startswith("/payments/?") for bar in bars)
    assert bars[0]["customdata"][0][1] == "1 Mar 2026 · Succeeded<br>10.03 EUR<br>2 payments"


def test_all_currencies_are_drawn_as_numbers(month: Desk) -> None:
    answer = month.person("acme-owner").client.get("/figures/volume.json?currency=all&by=method")
    bars = json.loads(answer.text)["data"]
    assert {bar["name"]: bar["y"] for bar in bars} == {"Card": ["5", "1"], "UPI": ["1"]}


def test_the_success_figure_shows_each_day(month: Desk) -> None:
    answer = month.person("operations").client.get("/figures/success.json?currency=all")
    (line,) = json.loads(answer.text)["data"]
    assert (line["x"], line["y"]) == (["2026-02-26", "2026-03-01"], ["100.0", "66.7"])
    assert line["text"] == ["", "66.7%"]


def test_figures_speak_the_language_of_the_reader(month: Desk) -> None:
    client = month.person("acme-owner").client
    german = {"Accept-Language": "de"}
    answer = client.get("/figures/success.json?currency=all", headers=german)
    assert json.loads(answer.text)["data"][0]["text"][1].startswith("66,7")
    drawn = json.loads(client.get("/figures/volume.json?currency=JPY", headers=german).text)
    assert drawn["layout"]["yaxis"]["ticktext"][-1] == "2.000"


def test_the_main_finding_stands_in_words(month: Desk) -> None:
    text = month.person("acme-owner").get("/?currency=EUR")
    assert "Asked in all: 20.14 EUR in 5 payments." in text
    assert "66.7% of the payments that are over were paid." in text


def test_the_screens_load_neither_pandas_nor_plotly() -> None:
    code = f"import {SCREENS}, sys; print(sorted({{'pandas', 'plotly'}} & set(sys.modules)))"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
