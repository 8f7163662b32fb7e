from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.sandbox.conftest import Clock, Shop

BACK = "https://shop.example/pay/abc/return?nonce=1"
METHODS = {
    "upi": {"type": "upi", "flow": "qr"},
    "collect": {"type": "upi", "flow": "collect", "vpa": "anybody@sandbox"},
    "crypto": {"type": "crypto", "asset": "BTC"},
    "bank": {"type": "apm", "name": "ideal"},
    "mandate": {"type": "apm", "name": "sepa_debit"},
    "voucher": {"type": "apm", "name": "multibanco"},
}


def page_of(shop: Shop, charge: str) -> str:
    answer = shop.client.get(f"/pay/{charge}")
    assert answer.status_code == 200
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "<script" not in answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def buttons(page: str) -> list[str]:
    return re.findall(r'name="do"\s+value="([a-z]+)"', page)


def press(shop: Shop, charge: str, do: str, **more: str) -> TestResponse:
    token = page_of(shop, charge).split('name="token" value="')[1].split('"')[0]
    return shop.client.post(f"/pay/{charge}", data={"token": token, "do": do, **more})


def ask(shop: Shop, method: str) -> dict[str, Any]:
    return shop.ask(METHODS[method], return_url=BACK, reference="<b>pay_9</b>")


@pytest.mark.parametrize(
    "method, shown",
    [
        ("upi", ["pay", "decline", "late"]),
        ("collect", ["pay", "decline", "late"]),
        ("crypto", ["exact", "under", "over", "custom"]),
        ("bank", ["pay", "decline", "leave"]),
        ("mandate", ["pay", "decline", "leave"]),
        ("voucher", ["pay"]),
    ],
)
def test_each_method_has_its_page(shop: Shop, method: str, shown: list[str]) -> None:
    page = page_of(shop, ask(shop, method)["id"])
    assert buttons(page) == shown
    assert "&lt;b&gt;pay_9" in page
    assert "1050" in page


@pytest.mark.parametrize("method, do", [("bank", "pay"), ("bank", "leave"), ("mandate", "decline")])
def test_who_was_sent_here_is_sent_back(shop: Shop, method: str, do: str) -> None:
    answer = press(shop, ask(shop, method)["id"], do)
    assert (answer.status_code, answer.headers["Location"]) == (303, BACK)


@pytest.mark.parametrize("method, do", [("upi", "pay"), ("voucher", "pay"), ("crypto", "over")])
def test_who_came_on_another_device_stays(shop: Shop, method: str, do: str) -> None:
    charge = ask(shop, method)["id"]
    answer = press(shop, charge, do)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/pay/{charge}")
    assert (
        "form-action 'self';"
        in shop.client.get(f"/pay/{charge}").headers["Content-Security-Policy"]
    )


def test_the_faucet_sends_confirms_and_takes_back(shop: Shop) -> None:
    charge = ask(shop, "crypto")
    expected = charge["crypto"]["expected_units"]
    press(shop, charge["id"], "under")
    press(shop, charge["id"], "custom", units=str(expected - expected // 2))
    assert buttons(page_of(shop, charge["id"]))[-2:] == ["confirm", "reorganize"]
    press(shop, charge["id"], "confirm")
    assert shop.read(charge["id"])["captured_minor"] == 1050
    press(shop, charge["id"], "reorganize")
    assert shop.read(charge["id"])["crypto"]["received_units"] == expected // 2


@pytest.mark.parametrize("units, status", [("", 422), ("-1", 422), ("1.5", 422), ("0", 409)])
def test_wrong_units_show_the_page_again(shop: Shop, units: str, status: int) -> None:
    charge = ask(shop, "crypto")["id"]
    answer = press(shop, charge, "custom", units=units)
    assert answer.status_code == status
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert shop.effects() == []


def test_an_expired_code_may_still_be_paid_and_a_bank_page_not(shop: Shop, clock: Clock) -> None:
    code = shop.ask(METHODS["upi"], "k1")["id"]
    bank = shop.ask(METHODS["bank"], "k2")["id"]
    clock.pass_seconds(1800)
    assert buttons(page_of(shop, code)) == ["pay"]
    assert buttons(page_of(shop, bank)) == []
    press(shop, code, "pay")
    assert buttons(page_of(shop, code)) == []
    assert shop.read(code)["facts"]["rrn"] in page_of(shop, code)


def test_a_booked_debit_is_returned_on_its_page(shop: Shop, clock: Clock) -> None:
    charge = ask(shop, "mandate")["id"]
    press(shop, charge, "pay")
    clock.pass_seconds(2)
    assert buttons(page_of(shop, charge)) == ["return"]
    press(shop, charge, "return")
    assert shop.read(charge)["failure"]["code"] == "debit_returned"


def test_a_second_press_shows_what_became_of_it(shop: Shop) -> None:
    charge = ask(shop, "upi")["id"]
    token = page_of(shop, charge).split('name="token" value="')[1].split('"')[0]
    codes = [
        shop.client.post(f"/pay/{charge}", data={"token": token, "do": "pay"}).status_code
        for _ in range(2)
    ]
    assert codes == [303, 409]
    assert shop.kinds() == ["purchase"]


@pytest.mark.parametrize("form", [{}, {"token": "wrong", "do": "pay"}, {"do": "pay"}])
def test_a_form_of_somebody_else_does_nothing(shop: Shop, form: dict[str, str]) -> None:
    charge = ask(shop, "upi")["id"]
    assert shop.client.post(f"/pay/{charge}", data=form).status_code == 403
    assert shop.effects() == []


def test_there_is_no_page_for_a_card_or_in_an_outage(shop: Shop) -> None:
    card, code = shop.charge("k1").get_json()["id"], shop.ask(METHODS["upi"], "k2")["id"]
    assert shop.client.get(f"/pay/{card}").status_code == 404
    assert shop.client.get("/pay/sbx_ch_unknown").status_code == 404
    shop.set(outage=1)
    assert shop.client.get(f"/pay/{code}").status_code == 503


def test_a_challenge_with_a_time_limit_expires(shop: Shop, clock: Clock) -> None:
    charge = shop.charge("k1", "tok_challenge", expires_seconds=60).get_json()["id"]
    clock.pass_seconds(60)
    assert shop.read(charge)["failure"]["code"] == "expired"
    page = shop.client.get(f"/challenge/{charge}").get_data(as_text=True)
    assert "This payment was expired." in page
