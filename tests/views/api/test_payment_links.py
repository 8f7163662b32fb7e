"""Payment links by API: made once, read, listed, switched off; each fault at its place."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from app.adapters import clock, db
from app.domain.actors import Actor
from app.services import payment_links
from tests.services.notify import mailing

if TYPE_CHECKING:
    from tests.views.api.conftest import Program, Programs

LINK: Final[dict[str, Any]] = {
    "title": "Invoice 7",
    "amount": 6000,
    "currency": "EUR",
    "reference": "inv-7",
}


def _made(shop: Program, **changes: object) -> dict[str, Any]:
    answer = shop.post("/payment_links", {**LINK, **changes})
    assert answer.status_code == 201, answer.text
    told: dict[str, Any] = answer.get_json()
    return told


def test_a_link_is_made_once_for_its_key_and_told_as_it_stands(
    programs: Programs, shop: Program
) -> None:
    made = shop.post("/payment_links", LINK, key="one")
    again = shop.post("/payment_links", LINK, key="one")
    assert (again.get_json(), again.headers["Idempotent-Replayed"]) == (made.get_json(), "true")
    told = made.get_json()
    assert "/link/" in told["url"]
    assert (told["status"], told["kind"], told["max_payments"]) == ("active", "one_off", 1)
    payer = Actor.system(programs.world.acme, False, "payer")
    with db.unit_of_work(payer) as session:
        payment_links.open_payment(session, clock.now(), told["id"], None)
    read = shop.get(f"/payment_links/{told['id']}").get_json()
    assert (read["payments_opened"], read["payments_paid"]) == (1, 0)
    assert {**read, "payments_opened": 0} == told
    (payment,) = shop.get("/payments").get_json()["data"]
    assert payment["metadata"] == {"payment_link": told["id"]}


def test_links_are_listed_by_how_they_stand_and_switched_off(shop: Program) -> None:
    first = _made(shop)["id"]
    second = _made(shop, kind="reusable", amount=None, amount_least=100, max_payments=5)["id"]
    off = shop.post(f"/payment_links/{first}/deactivate")
    assert (off.status_code, off.get_json()["status"]) == (200, "inactive")
    assert shop.post(f"/payment_links/{first}/deactivate").status_code == 409
    listed = shop.get("/payment_links", limit="1").get_json()
    assert ([each["id"] for each in listed["data"]], listed["has_more"]) == ([second], True)
    inactive = shop.get("/payment_links", status="inactive").get_json()["data"]
    assert [each["id"] for each in inactive] == [first]


@pytest.mark.parametrize(
    "changes, pointer",
    [
        ({"title": " "}, "/title"),
        ({"amount": None, "amount_least": 9, "amount_most": 8}, "/amount_most"),
        ({"amount_least": 9}, "/amount"),
        ({"max_payments": 2}, "/max_payments"),
        ({"currency": "XXQ"}, "/currency"),
        ({"customer": {"email": "nobody"}}, "/customer/email"),
        ({"return_url": "ftp://x"}, "/return_url"),
        ({"expires_at": "soon"}, "/expires_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_place(
    shop: Program, changes: dict[str, object], pointer: str
) -> None:
    refused = shop.post("/payment_links", {**LINK, **changes})
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.get_json()["errors"]] == [pointer]


def test_a_link_ends_at_the_moment_that_was_sent(shop: Program) -> None:
    ends = (clock.now() + timedelta(days=3)).replace(microsecond=0)
    assert _made(shop, expires_at=ends.isoformat())["expires_at"] == (
        f"{ends:%Y-%m-%dT%H:%M:%S}.000Z"
    )


def test_another_merchants_link_is_not_there(programs: Programs, shop: Program) -> None:
    link = _made(shop)["id"]
    stranger = programs.of(programs.world.stranger())
    assert stranger.get(f"/payment_links/{link}").status_code == 404
    assert stranger.post(f"/payment_links/{link}/deactivate").status_code == 404
    assert stranger.get("/payment_links").get_json()["data"] == []
    assert shop.get(f"/payment_links/{link}").get_json()["status"] == "active"


def test_a_link_is_mailed_once_for_its_key(shop: Program) -> None:
    link = _made(shop)["id"]
    asked = {"to": "jo@example.com", "locale": "de", "message": "Thank you"}
    first = shop.post(f"/payment_links/{link}/send", asked, key="mail")
    again = shop.post(f"/payment_links/{link}/send", asked, key="mail")
    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (202, "true")
    told = first.get_json()
    assert again.get_json() == told
    assert (told["to"], told["locale"], told["status"]) == ("j…@example.com", "de", "waiting")
    assert (told["payment_link"], told["left_today"]) == (link, 19)
    assert len(mailing.rows()) == 1


def test_a_mail_of_a_link_is_refused_at_its_place(shop: Program) -> None:
    link = _made(shop)["id"]
    wrong: tuple[dict[str, str], ...] = ({"to": "jo"}, {"to": "a@b.example", "locale": "fr"})
    for body, pointer in zip(wrong, ("/to", "/locale"), strict=True):
        refused = shop.post(f"/payment_links/{link}/send", body)
        assert [each["pointer"] for each in refused.get_json()["errors"]] == [pointer]
    shop.post(f"/payment_links/{link}/deactivate")
    assert shop.post(f"/payment_links/{link}/send", {"to": "a@b.example"}).status_code == 409
