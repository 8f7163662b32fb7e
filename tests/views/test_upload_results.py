"""What became of the rows of a file, handed out with the pages for payers to act on."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from app.providers.base import NextAction, Outcome, Reading
from tests.services import flows
from tests.services.bulk import files
from tests.services.bulk import test_linking as linking
from tests.services.bulk.test_families import GOOD, HEADER

if TYPE_CHECKING:
    from tests.fixtures.application import World
    from tests.services.families import Provider
    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]


def results(person: Person, upload: str) -> list[dict[str, str]]:
    answer = person.post(f"/uploads/{upload}/results.csv", person.csrf())
    assert answer.status_code == 200
    return list(csv.DictReader(answer.text.removeprefix("\ufeff").splitlines()))


def test_open_payments_stand_with_the_page_of_their_payer(
    desk: Desk, families: World, provider: Provider
) -> None:
    upload = files.finished(families.owner(), files.text(GOOD, HEADER)).public_id
    owner = desk.person("acme-owner")
    rows = results(owner, upload)
    assert [(row["Line"], row["Reference"], row["Amount"]) for row in rows] == [
        (str(number + 1), f"r-{number}", "10.50") for number in range(1, 5)
    ]
    assert [bool(row["Payer's page"]) for row in rows] == [False, True, True, True]
    token = flows.read(families.owner(), rows[1]["Payment"]).page_token
    assert rows[1]["Payer's page"].endswith(f"/pay/{token}")
    provider.says = Reading(
        outcome=Outcome.ACTION, action=NextAction("redirect", "https://bank.example/")
    )
    operation = flows.read_operations(families.owner(), rows[0]["Payment"])[0].public_id
    flows.send(families.owner(), families.acme, operation)
    assert results(owner, upload)[0]["Payer's page"], "a card whose payer must act"


def test_the_check_says_that_no_message_is_sent(desk: Desk, families: World) -> None:
    upload = files.checked(families.owner(), files.text(GOOD, HEADER))
    text = desk.person("acme-owner").get(f"/uploads/{upload.public_id}")
    assert "no message is sent to the payers yet" in text


def test_another_merchant_finds_no_results(desk: Desk, families: World) -> None:
    upload = files.finished(families.owner(), files.cards(1)).public_id
    stranger = desk.person("globex-owner")
    answer = stranger.post(f"/uploads/{upload}/results.csv", stranger.csrf())
    assert answer.status_code == 404
    assert "no message is sent" not in stranger.get("/uploads/")


def test_links_stand_on_the_page_and_in_the_results_with_their_address(
    desk: Desk, world: World
) -> None:
    rows = [linking.link("inv-7", send="yes"), linking.link("inv-8"), files.card("order-1")]
    owner = desk.person("acme-owner")
    ready = files.checked(world.owner(), linking.text(rows)).public_id
    asked = owner.get(f"/uploads/{ready}")
    for words in ("2, of which 1 is mailed to its payer", "1 new payment is charged:"):
        assert words in asked
    for words in (
        "2 payment links are made",
        "1 payer is sent their link by mail",
        "21.00",
    ):
        assert words in asked
    files.confirm(world.owner(), ready)
    files.work()
    page = owner.get(f"/uploads/{ready}")
    assert "2 rows became payment links." in page
    assert "2 payment links were made, and 0 of these were paid." in page
    found = results(owner, ready)
    made = linking.links(world.owner())
    assert [row["Payment link"] for row in found] == [*(each.public_id for each in made), ""]
    assert found[0]["Address of the link"].endswith(f"/link/{made[0].token}")
    assert "File payments.csv, line 2" in owner.get(f"/payment-links/{made[0].public_id}")
    listed = owner.get(f"/payment-links/?upload={ready}")
    assert listed.count("Invoice inv-") == 2
    assert "Invoice inv-" not in owner.get("/payment-links/?upload=bu_none")
