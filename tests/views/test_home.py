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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.views.desk import Desk

pytest_plugins = ["tests.views.desk"]
SCREENS = "app.factory, app.views.menu, app.views.home, app.views.payments"


@pytest.fixture
def month(desk: Desk) -> Iterator[Desk]:
    world = desk.world
    made = [
        rows.payment(world.acme, NOW, amount_minor=1001),
        rows.payment(world.acme, NOW, amount_minor=2),
        rows.payment(world.acme, NOW, status="failed"),
        rows.payment(world.acme, NOW, status="conflicted", amount_minor=5),
        rows.payment(world.acme, NOW, status="in_review", amount_minor=6),
        rows.payment(world.acme, NOW - timedelta(days=3), currency="JPY", status="refunded"),
        rows.payment(world.acme, NOW - timedelta(days=40), status="failed"),
    ]
    rows.keep(world.owner(), made)
    with clock.at(NOW + timedelta(hours=1)):
        yield desk


def cells(text: str) -> list[tuple[str, str]]:
    """Return (link, number of payments) of the volume's table."""
    return re.findall(r'count"><a href="([^"]+)">(\d+)</a>', text)


def test_every_number_leads_to_as_many_payments(month: Desk) -> None:
    person = month.person("acme-owner")
    found = cells(person.get("/?currency=EUR"))
    assert sorted(number for _, number in found) == ["1", "2", "2"]
    for link, number in found:
        assert person.get(link).count('data-label="Payment"') == int(number)


def test_merchants_see_conflicts_and_reviews_as_one(month: Desk) -> None:
    owner, staff = month.person("acme-owner"), month.person("operations")
    assert "0.11" in owner.get("/?currency=EUR")
    assert len(cells(staff.get("/?currency=EUR"))) == 4


def test_the_success_rate_counts_what_is_over(month: Desk) -> None:
    person = month.person("acme-owner")
    text = person.get("/")
    rate = re.search(r'<a href="([^"]+)">([\d.]+) %</a>', text)
    assert rate
    assert rate[2] == "75.0", "two succeeded, one refunded, one failed"
    assert person.get(rate[1]).count('data-label="Payment"') == 4


def test_currencies_are_never_added(month: Desk) -> None:
    person = month.person("acme-owner")
    yen = person.get("/?currency=JPY")
    assert '<span class="amount">1000</span>' in yen
    assert "10.03" not in yen
    assert "10.03" in person.get("/?currency=EUR")
    assert "No payments in these days" in person.get("/?currency=USD")


def test_days_can_be_chosen_from_a_list(month: Desk) -> None:
    person = month.person("acme-owner")
    assert len(cells(person.get("/?days=90&currency=EUR"))) == 4
    person.get("/?days=1000", 422)


def test_the_volume_travels_as_exact_text(month: Desk) -> None:
    answer = month.person("acme-owner").client.get("/figures/volume.json?currency=EUR")
    bars = json.loads(answer.text)["data"]
    amounts = {bar["name"]: bar["y"] for bar in bars}
    assert amounts == {"Succeeded": ["10.03"], "Failed": ["10.00"], "In review": ["0.11"]}
    assert all(bar["customdata"][0][0].startswith("/payments/?") for bar in bars)


def test_the_success_figure_shows_the_rate(month: Desk) -> None:
    answer = month.person("operations").client.get("/figures/success.json")
    (bar,) = json.loads(answer.text)["data"]
    assert (bar["x"], bar["y"], bar["customdata"][0][1:]) == (["card"], ["75.0"], [3, 1])


def test_an_empty_home_says_the_next_step(desk: Desk) -> None:
    text = desk.person("globex-owner").get("/")
    assert "No payments in these days" in text
    assert "plotly" not in text
    assert json.loads(desk.person("globex-owner").get("/figures/volume.json"))["data"] == []


def test_home_needs_a_sign_in(desk: Desk) -> None:
    assert desk.nobody().client.get("/").location.startswith("/login/")


def test_the_screens_load_neither_pandas_nor_plotly() -> None:
    code = f"import {SCREENS}, sys; print(sorted({{'pandas', 'plotly'}} & set(sys.modules)))"
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True)
    assert done.stdout.strip() == b"[]"
