from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.sandbox.conftest import Shop

BACK = "https://shop.example/pay/abc/return?nonce=1"


def challenge(shop: Shop, **more: object) -> str:
    charge = shop.charge("k1", "tok_challenge", **more).get_json()
    assert charge["status"] == "requires_action"
    assert charge["action"]["url"] == f"http://localhost/challenge/{charge['id']}"
    return str(charge["id"])


def answer(shop: Shop, charge: str, choice: str) -> TestResponse:
    page = shop.client.get(f"/challenge/{charge}").get_data(as_text=True)
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    form = {"token": found[1], "answer": choice}
    return shop.client.post(f"/challenge/{charge}", data=form)


def test_an_approved_challenge_captures_and_leads_back(shop: Shop) -> None:
    charge = challenge(shop, return_url=BACK)
    assert shop.effects() == []
    response = answer(shop, charge, "approve")
    assert (response.status_code, response.headers["Location"]) == (303, BACK)
    assert shop.get(f"/v1/charges/{charge}").get_json()["status"] == "succeeded"
    assert [effect["kind"] for effect in shop.effects()] == ["challenge_result", "purchase"]


def test_a_declined_challenge_fails_the_charge(shop: Shop) -> None:
    charge = challenge(shop)
    answer(shop, charge, "decline")
    seen = shop.get(f"/v1/charges/{charge}").get_json()
    assert (seen["status"], seen["failure"]["code"]) == ("failed", "authentication_failed")
    page = shop.client.get(f"/challenge/{charge}").get_data(as_text=True)
    assert "This payment was declined." in page
    assert "<form" not in page


def test_only_the_first_answer_counts(shop: Shop) -> None:
    charge = challenge(shop)
    page = shop.client.get(f"/challenge/{charge}").get_data(as_text=True)
    token = page.split('name="token" value="')[1].split('"')[0]
    for choice in ("decline", "approve"):
        form = {"token": token, "answer": choice}
        assert shop.client.post(f"/challenge/{charge}", data=form).status_code == 303
    assert [effect["outcome"] for effect in shop.effects()] == ["declined"]


def test_a_manual_capture_waits_after_the_challenge(shop: Shop) -> None:
    charge = challenge(shop, capture=False)
    answer(shop, charge, "approve")
    assert shop.get(f"/v1/charges/{charge}").get_json()["status"] == "authorized"


@pytest.mark.parametrize(
    "form, status",
    [({"token": "wrong", "answer": "approve"}, 403), ({"answer": "approve"}, 403), ({}, 403)],
)
def test_an_answer_without_the_form_is_refused(
    shop: Shop, form: dict[str, str], status: int
) -> None:
    charge = challenge(shop)
    assert shop.client.post(f"/challenge/{charge}", data=form).status_code == status
    assert shop.effects() == []


def test_an_answer_that_is_neither_yes_nor_no_is_refused(shop: Shop) -> None:
    charge = challenge(shop)
    assert answer(shop, charge, "perhaps").status_code == 400
    assert shop.effects() == []


def test_there_is_no_challenge_for_other_charges(shop: Shop) -> None:
    charge = shop.charge("k1").get_json()["id"]
    assert shop.client.get(f"/challenge/{charge}").status_code == 404
    assert shop.client.get("/challenge/sbx_ch_unknown").status_code == 404


def test_the_page_says_what_is_paid_under_a_policy_of_its_own(shop: Shop) -> None:
    charge = challenge(shop, return_url=BACK, reference="<b>pay_9</b>")
    page = shop.client.get(f"/challenge/{charge}")
    text = page.get_data(as_text=True)
    assert "1050 EUR" in text
    assert "&lt;b&gt;pay_9" in text
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' https://shop.example;" in policy
    assert page.headers["X-Frame-Options"] == "DENY"


def test_the_log_is_read_in_pages(shop: Shop) -> None:
    for number in range(5):
        shop.charge(f"k{number}")
    first = shop.client.get("/log?limit=3").get_json()
    rest = shop.client.get(f"/log?after={first['next']}").get_json()
    calls, effects = first["calls"] + rest["calls"], first["effects"] + rest["effects"]
    assert [call["key"] for call in calls] == ["k0", "k1", "k2", "k3", "k4"]
    assert [effect["call_seq"] for effect in effects] == [call["seq"] for call in calls]
    end = shop.client.get(f"/log?after={rest['next']}").get_json()
    assert end == {"calls": [], "effects": [], "next": rest["next"]}


@pytest.mark.parametrize("query", ["after=-1", "limit=0", "limit=1001"])
def test_a_wrong_page_of_the_log_is_refused(shop: Shop, query: str) -> None:
    assert shop.client.get(f"/log?{query}").status_code == 400
