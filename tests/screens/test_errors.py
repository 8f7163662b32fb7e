"""Pages of errors, each provoked as it happens to people, looked at like every other page."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import pytest

from tests.fixtures.agency import DATABASE
from tests.screens.looking import ALL, Looking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from tests.infra.mariadb import MariaDbServer
    from tests.screens.axe import Axe
    from tests.screens.conftest import SitDown

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

_POST: Final = """
([action, fields]) => {
  const form = document.createElement("form");
  form.method = "post";
  form.action = action;
  for (const [name, value] of Object.entries(fields)) {
    const control = document.createElement("textarea");
    control.name = name;
    control.value = value;
    form.append(control);
  }
  document.body.append(form);
  form.submit();
}
"""
MEBIBYTE: Final = 1024 * 1024


@pytest.fixture
def looking(sit_down: SitDown, axe: Axe) -> Iterator[Looking]:
    """Yield the window of somebody who may see everything."""
    with sit_down("admin") as seen:
        yield Looking(seen, axe, ALL)


def _get(page: Page, address: str) -> int:
    answer = page.goto(address)
    assert answer is not None
    return answer.status


def _post(page: Page, action: str, **fields: str) -> int:
    page.goto("/account/")
    with page.expect_navigation(wait_until="load") as coming:
        page.evaluate(_POST, [action, fields])
    return coming.value.status


def _is_sound(looking: Looking, where: str) -> None:
    looking.visit.complaints[:] = [
        each for each in looking.visit.complaints if "responded with a status" not in each
    ]
    looking.look(where)
    assert not looking.wrong, looking.told()
    assert looking.page.locator("h1").inner_text()
    assert looking.page.get_by_role("link").count(), "there is a way out"


@pytest.mark.parametrize("address", ["/refunds/?state=nothing", "/merchants/?_oc_MerchantsView=x"])
def test_an_argument_that_cannot_be_used(looking: Looking, address: str) -> None:
    assert _get(looking.page, address) == 400
    _is_sound(looking, address)


def test_a_form_that_came_from_elsewhere(looking: Looking) -> None:
    assert _post(looking.page, "/book/", book="live") == 400
    _is_sound(looking, "400 without token")


def test_a_screen_of_another_role(sit_down: SitDown, axe: Axe) -> None:
    with sit_down("acme-clerk") as seen:
        assert _get(seen.page, "/users/") == 403
        _is_sound(Looking(seen, axe, ALL), "403")


def test_an_address_that_leads_nowhere(looking: Looking) -> None:
    assert _get(looking.page, "/nowhere") == 404
    _is_sound(looking, "404")


def test_somebody_elses_payment(looking: Looking) -> None:
    assert _get(looking.page, f"/payments/pay_{'0' * 26}") == 404
    _is_sound(looking, "404 of a payment")


def test_a_way_that_is_not_open(looking: Looking) -> None:
    assert _get(looking.page, "/book/") == 405
    _is_sound(looking, "405")


def test_more_than_is_taken_at_once(looking: Looking) -> None:
    token = looking.page.locator("[name=csrf_token]").first.get_attribute("value") or ""
    sent = {"csrf_token": token, "first_name": "a" * (MEBIBYTE + 1)}
    assert _post(looking.page, "/account/", **sent) == 413
    _is_sound(looking, "413")


def test_a_fault_of_ours(looking: Looking, mariadb_server: MariaDbServer) -> None:
    with _without_table(mariadb_server, "price_list"):
        assert _get(looking.page, "/price-lists/") == 500
    _is_sound(looking, "500")
    assert "price" not in looking.page.locator("main").inner_text().lower()


@contextmanager
def _without_table(server: MariaDbServer, name: str) -> Iterator[None]:
    """Take a table away that no worker reads while nobody pays."""
    with server.root() as connection, connection.cursor() as cursor:
        cursor.execute(f"RENAME TABLE {DATABASE}.`{name}` TO {DATABASE}.`{name}_away`")
        try:
            yield
        finally:
            cursor.execute(f"RENAME TABLE {DATABASE}.`{name}_away` TO {DATABASE}.`{name}`")
