from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flask.testing import FlaskClient

    from tests.sandbox.conftest import Shop

METHODS = (
    {"type": "upi", "flow": "collect", "vpa": "success@sandbox"},
    {"type": "crypto", "asset": "USDT@tron"},
    {"type": "apm", "name": "klarna"},
)


def test_the_overview_leads_to_every_charge(shop: Shop) -> None:
    assert "no charges yet" in shop.client.get("/").get_data(as_text=True)
    made = [shop.ask(method, f"k{number}")["id"] for number, method in enumerate(METHODS)]
    challenged = shop.charge("k9", "tok_challenge").get_json()["id"]
    page = shop.client.get("/").get_data(as_text=True)
    assert all(f'href="/pay/{charge}"' in page for charge in made)
    assert f'href="/challenge/{challenged}"' in page
    assert page.index(challenged) < page.index(made[2]) < page.index(made[0])
    for charge in (*made, challenged):
        assert shop.client.get(f"/control/charges/{charge}").status_code == 200


def test_the_overview_ends_after_fifty(shop: Shop) -> None:
    for number in range(51):
        shop.charge(f"k{number}")
    assert shop.client.get("/").get_data(as_text=True).count("<li>") == 50


def test_everything_about_a_charge_is_done_on_its_page(shop: Shop) -> None:
    charge = shop.charge("k1").get_json()["id"]
    refund = shop.post(f"/v1/charges/{charge}/refunds", "r1", amount_minor=50).get_json()["id"]
    home = f"/control/charges/{charge}"
    opened = shop.client.post(f"{home}/dispute", data={"amount_minor": "", "stage": "inquiry"})
    assert (opened.status_code, opened.headers["Location"]) == (303, home)
    dispute = next(e["object"] for e in shop.effects() if e["kind"] == "dispute_opened")
    form = {"stage": "arbitration", "status": "open", "withdrawn": "true"}
    shop.client.post(f"/control/disputes/{dispute}", data=form)
    shop.client.post(f"/control/objects/{refund}", data={"outcome": "failed"})
    assert shop.read(dispute)["withdrawn"] is True
    assert shop.kinds()[-2:] == ["dispute", "refund_reversed"]
    page = shop.client.get(home).get_data(as_text=True)
    assert "refund_reversed" in page
    assert "<option selected>arbitration</option>" in page


def test_only_the_doors_that_are_open_are_shown(shop: Shop) -> None:
    card, bank = shop.charge("k1").get_json()["id"], shop.ask(METHODS[2], "k2")["id"]
    assert 'name="do"' not in shop.client.get(f"/control/charges/{card}").get_data(as_text=True)
    page = shop.client.get(f"/control/charges/{bank}").get_data(as_text=True)
    assert 'value="decline"' in page
    assert 'value="return"' not in page
    assert "Open a dispute" not in page


def test_a_door_that_is_shut_says_why_on_the_page(shop: Shop) -> None:
    charge = shop.charge("k1").get_json()["id"]
    answer = shop.client.post(f"/control/charges/{charge}", data={"do": "pay"})
    assert answer.status_code == 409
    assert "This charge is succeeded already." in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "body, status",
    [({}, 422), ({"do": 1}, 422), ({"do": "pay", "x": 1}, 422), ([1], 400), ({"do": "fly"}, 409)],
)
def test_a_wrong_wish_is_refused(shop: Shop, body: object, status: int) -> None:
    charge = shop.ask(METHODS[1])["id"]
    answer = shop.client.post(f"/control/charges/{charge}", json=body)
    assert answer.status_code == status
    assert shop.effects() == []


def test_a_challenge_is_answered_at_the_door_too(shop: Shop) -> None:
    yes = shop.charge("k1", "tok_challenge").get_json()["id"]
    no = shop.charge("k2", "tok_challenge").get_json()["id"]
    assert shop.do(yes, "pay")["status"] == "succeeded"
    assert shop.do(no, "decline")["failure"]["code"] == "authentication_failed"
    assert shop.kinds() == ["challenge_result", "purchase", "challenge_result"]


def test_another_site_opens_no_door(shop: Shop) -> None:
    charge = shop.ask(METHODS[2])["id"]
    foreign = {"Origin": "https://elsewhere.example"}
    for path in (f"charges/{charge}", f"charges/{charge}/dispute", f"objects/{charge}"):
        answer = shop.client.post(f"/control/{path}", data={"do": "pay"}, headers=foreign)
        assert answer.status_code == 403
    assert shop.effects() == []


def test_the_doors_stay_open_in_an_outage(shop: Shop) -> None:
    charge = shop.ask(METHODS[2])["id"]
    shop.set(outage=1)
    assert shop.do(charge, "pay")["status"] == "succeeded"
    assert shop.client.get("/").status_code == 200


def test_the_controls_page_tells_of_the_events(client: FlaskClient, shop: Shop) -> None:
    shop.charge("k1")
    page = client.get("/control", headers={"Accept": "text/html"}).get_data(as_text=True)
    assert "<dt>events</dt>" in page
    assert 'name="hold_webhooks" value="0"' in page
