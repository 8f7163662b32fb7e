"""The payers of a merchant, the page of one, and what leads there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fixtures.application import NOW
from tests.queries import rows
from tests.queries.test_payers import ANNA, BORIS, paid
from tests.views.people import statements

if TYPE_CHECKING:
    from tests.views.desk import Desk

pytest_plugins = ["tests.views.desk"]


@pytest.fixture
def annas(desk: Desk) -> list[str]:
    """Let Anna pay acme twice, once in vain, and globex once; return the ids of the payments."""
    world = desk.world
    mine = rows.keep(
        world.owner(),
        [
            paid(world.acme, BORIS),
            paid(world.acme, ANNA, 1, customer_name="Anna", status="failed", captured_minor=0),
            paid(world.acme, ANNA, 2, customer_name="Anna", reference="twice", currency="JPY"),
        ],
    )
    other = paid(world.globex, ANNA, 3, customer_name="Anna Elsewhere")
    return [*mine, *rows.keep(world.stranger(), [other])]


def test_a_merchant_sees_its_payers_and_each_leads_to_its_page(
    desk: Desk, annas: list[str]
) -> None:
    owner = desk.person("acme-owner")
    text = owner.get("/payers/")
    assert text.index(ANNA) < text.index(BORIS)
    assert "Elsewhere" not in text
    assert f"/payers/{annas[2]}" in text
    assert BORIS not in owner.get(f"/payers/?email={ANNA}")
    assert "Nothing matches" in owner.get("/payers/?from=2026-03-02")
    head, first, second = owner.post("/payers/export.csv", owner.csrf()).text.splitlines()
    assert head.endswith("E-mail,Name,Last payment,Payments,Paid")
    assert first.startswith(f"{ANNA},Anna,2026-03-01T17:30:02+05:30")
    assert first.endswith(",2,1000 JPY")
    assert second.endswith(",1,10.00 EUR")


def test_the_page_of_a_payer_tells_sums_and_leads_to_its_rows(desk: Desk, annas: list[str]) -> None:
    clerk = desk.person("acme-clerk")
    # Whichever of the payments names the payer, the page is the same.
    text = clerk.get(f"/payers/{annas[1]}")
    assert text.count(f'href="/payments/{annas[2]}"') == 1
    assert f"/payments/?payer={annas[2]}&currency=EUR&status=failed" in text
    assert annas[0] not in text
    assert "Disputes</h2>" not in text
    listed = clerk.get(f"/payments/?payer={annas[2]}&currency=JPY")
    assert "twice" in listed
    assert f'chip-word">{ANNA}' in listed
    assert annas[1] not in listed
    assert f"/payers/{annas[1]}" in clerk.get(f"/payments/{annas[1]}")
    clerk.get(f"/payers/{annas[3]}", 404)
    assert "Nothing matches" in clerk.get(f"/payments/?payer={annas[3]}")
    assert "Nothing matches" in clerk.get(f"/refunds/?payer={annas[2]}")


def test_refunds_and_disputes_are_those_of_the_payer(desk: Desk, annas: list[str]) -> None:
    world, owner = desk.world, desk.person("acme-owner")
    mine = rows.refund(world.owner(), world.connector_account, annas[2], 30)
    rows.refund(world.owner(), world.connector_account, annas[0], 40)
    text = owner.get(f"/payers/{annas[2]}")
    assert 'id="refunds"' in text
    assert "payment twice" in text
    listed = owner.get(f"/refunds/?payer={annas[2]}")
    assert mine in listed
    assert f'href="/payments/{annas[0]}"' not in listed
    assert "Nothing matches" in owner.get(f"/disputes/?payer={annas[2]}")


def test_the_house_sees_all_payers_or_those_of_one_merchant(desk: Desk, annas: list[str]) -> None:
    staff = desk.person("operations")
    text = staff.get(f"/payers/?email={ANNA}")
    assert "Anna Elsewhere" in text
    assert f"/payers/{annas[2]}" in text
    assert "Elsewhere" not in staff.get("/payers/?merchant=acme")
    assert "is no merchant's name" in staff.get("/payers/?merchant=nobody", 400)
    assert "Globex" in staff.get(f"/payers/{annas[3]}")


def test_a_payer_is_found_by_the_whole_address(desk: Desk, annas: list[str]) -> None:
    found = desk.person("acme-owner").get(f"/search/?q={ANNA.upper()}")
    assert f"/payers/{annas[2]}" in found
    assert f"/payers/{annas[3]}" not in found
    assert f"/payers/{annas[3]}" in desk.person("operations").get(f"/search/?q={ANNA}")
    assert "/payers/pay_" not in desk.person("acme-owner").get("/search/?q=nobody@example.com")


def test_a_payment_without_an_address_has_no_payer(desk: Desk) -> None:
    world, owner = desk.world, desk.person("acme-owner")
    (nobodys,) = rows.keep(world.owner(), [rows.payment(world.acme, NOW)])
    owner.get(f"/payers/{nobodys}", 404)
    assert f"/payers/{nobodys}" not in owner.get(f"/payments/{nobodys}")
    assert "No payers yet" in owner.get("/payers/")


@pytest.mark.parametrize("name", ["acme-owner", "operations"])
def test_a_page_takes_few_statements(desk: Desk, annas: list[str], name: str) -> None:
    person = desk.person(name)
    person.get("/payers/")
    with statements(desk.app) as asked:
        person.get(f"/payers/?older={annas[2]}")
    assert len(asked) <= 8, asked
