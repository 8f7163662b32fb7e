"""The hosted page of an open payment: what it offers, what it takes, and what it never takes."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app.adapters import rates
from app.adapters.rates import Rate
from app.domain.methods import upi
from app.providers import card_keys
from app.providers.base import NextAction, Outcome, Reading
from tests.sealing import APPROVED, DECLINED, seal
from tests.services import flows, opened
from tests.services.families import coins, describe

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from werkzeug.test import TestResponse

    from app.services.new_payment import NewPayment
    from tests.infra.sandbox import SandboxServer
    from tests.services.families import Provider
    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]

_KEYS = re.compile(r'data-keys="([^"]*)"')
CLEAR = f"{APPROVED[:4]} {APPROVED[4:8]} {APPROVED[8:12]} {APPROVED[12:]}"


@pytest.fixture(autouse=True)
def _unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "hit", lambda *_: None)


@pytest.fixture
def desk_of_families(desk: Desk, families: object) -> Desk:
    """Return the screens, behind which acme may be paid by every family."""
    assert families is desk.world
    return desk


class Payer:
    """Somebody with the address of an open payment's page."""

    def __init__(
        self, desk: Desk, person: Person | None = None, asked: NewPayment | None = None
    ) -> None:
        world = desk.world
        self.desk = desk
        self.payment = opened.ask(world.owner(), world.acme, asked)
        self.page = f"/pay/{flows.read(world.owner(), self.payment).page_token}"
        self.person = person or desk.nobody()

    def send(self, method: str, **fields: str) -> TestResponse:
        """Choose a method in a form that was just opened."""
        form = self.person.form(f"{self.page}?other=1")
        return self.person.post(f"{self.page}/start", {**form, "method": method, **fields})

    def sealed(self, number: str = APPROVED) -> dict[str, str]:
        """Return the fields of a card as the page's script encrypts it."""
        found = _KEYS.search(self.person.client.get(f"{self.page}?other=1").text)
        assert found is not None
        keys = json.loads(found[1].replace("&#34;", '"'))
        return {f"sealed.{account}": seal(jwk, number) for account, jwk in keys.items()}

    @property
    def status(self) -> str:
        return flows.read(self.desk.world.staff(), self.payment).status

    @property
    def tries(self) -> int:
        return len(flows.read_operations(self.desk.world.staff(), self.payment))


def test_a_card_is_chosen_sealed_and_pays(paying_desk: Desk) -> None:
    payer = Payer(paying_desk)
    text = payer.person.get(payer.page)
    for part in ("Your payment to Acme", "60.00", "How would you like to pay?", "cc-number"):
        assert part in text
    for secret in (payer.payment, "acme-owner", "order-1"):
        assert secret not in text.partition("data-keys")[0]
    answer = payer.send("card", **payer.sealed())
    assert (answer.status_code, answer.location) == (303, f"{payer.page}#go")
    assert payer.status == "succeeded"
    assert "The payment has been made." in payer.person.get(payer.page)


def test_no_field_of_a_card_has_a_name(paying_desk: Desk) -> None:
    payer = Payer(paying_desk)
    fields = re.findall(r"<input[^>]*data-card[^>]*>", payer.person.get(payer.page))
    assert len(fields) == 4
    assert not [each for each in fields if re.search(r"\sname=", each)]


def test_a_decline_is_told_and_another_card_pays(paying_desk: Desk) -> None:
    payer = Payer(paying_desk)
    payer.send("card", **payer.sealed(DECLINED))
    assert payer.status == "created"
    text = payer.person.get(payer.page)
    assert "Your bank declined the payment." in text
    assert "Nothing was charged." in text
    payer.send("card", **payer.sealed())
    assert (payer.status, payer.tries) == ("succeeded", 2)


@pytest.mark.parametrize("field", ["method", "note", "sealed.ca_1", "vpa", "csrf_note"])
def test_a_card_number_in_the_clear_is_refused_and_kept_nowhere(
    paying_desk: Desk,
    migrator_engine: Engine,
    capfd: pytest.CaptureFixture[str],
    field: str,
) -> None:
    payer = Payer(paying_desk)
    answer = payer.send(**{"method": "card", field: CLEAR})
    assert answer.status_code == 422
    assert "A card number came in the clear" in answer.text
    assert not [each for each in (CLEAR, APPROVED) if each in answer.text]
    assert (payer.status, payer.tries) == ("created", 0)
    out = capfd.readouterr()
    assert APPROVED not in (out.out + out.err).replace(" ", "")
    with migrator_engine.connect() as connection:
        for table in [row[0] for row in connection.exec_driver_sql("SHOW TABLES")]:
            rows = connection.exec_driver_sql(f"SELECT * FROM `{table}`")
            assert not [row for row in rows if CLEAR in str(row) or APPROVED in str(row)], table


def test_a_card_in_the_clear_is_refused_when_nothing_can_be_chosen_too(paying_desk: Desk) -> None:
    payer = Payer(paying_desk)
    form = payer.person.form(payer.page)
    payer.send("card", **payer.sealed())
    answer = payer.person.post(f"{payer.page}/start", {**form, "note": CLEAR})
    assert answer.status_code == 422
    assert CLEAR not in answer.text


def test_one_form_starts_one_attempt_however_often_it_is_sent(paying_desk: Desk) -> None:
    payer = Payer(paying_desk)
    form = {**payer.person.form(payer.page), "method": "card"}
    for _ in range(3):
        answer = payer.person.post(f"{payer.page}/start", {**form, **payer.sealed(DECLINED)})
        assert answer.status_code == 303
    assert payer.tries == 1
    changed = payer.person.post(
        f"{payer.page}/start", {**form, "method": "apm:ideal", **payer.sealed()}
    )
    assert changed.status_code == 422
    assert payer.tries == 1


def test_two_tabs_pay_once(paying_desk: Desk) -> None:
    payer = Payer(paying_desk)
    tabs = [payer.person.form(payer.page) for _ in range(2)]
    for form in tabs:
        fields = {**form, "method": "card", **(payer.sealed() if payer.tries == 0 else {})}
        assert payer.person.post(f"{payer.page}/start", fields).status_code == 303
    assert (payer.status, payer.tries) == ("succeeded", 1)


def test_the_form_of_another_payment_is_refused(paying_desk: Desk) -> None:
    person = paying_desk.nobody()
    mine, other = Payer(paying_desk, person), Payer(paying_desk, person)
    form = {**person.form(other.page), "method": "card", **mine.sealed()}
    assert person.post(f"{mine.page}/start", form).status_code == 422
    assert person.post(f"{mine.page}/start", {**form, "form_key": ""}).status_code == 422
    without = {name: text for name, text in form.items() if name != "csrf_token"}
    assert person.post(f"{mine.page}/start", without).status_code == 400
    assert (mine.tries, other.tries) == (0, 0)


def test_a_card_without_scripts_is_told_why(paying_desk: Desk) -> None:
    payer = Payer(paying_desk)
    answer = payer.send("card")
    assert answer.status_code == 422
    assert "Allow scripts on this page" in answer.text
    assert payer.tries == 0


def test_a_provider_that_tells_no_key_is_offered_no_card(
    paying_desk: Desk, sandbox_server: SandboxServer
) -> None:
    payer = Payer(paying_desk)
    card_keys.forget()
    sandbox_server.kill()
    text = payer.person.get(payer.page)
    assert "This cannot be paid right now" in text
    assert 'value="card"' not in text
    card_keys.forget()


def test_what_merchant_amount_and_currency_allow_is_offered(desk_of_families: Desk) -> None:
    euros = Payer(desk_of_families)
    text = euros.person.get(euros.page)
    values = re.findall(r'name="method" value="([^"]+)"', text)
    assert values == ["crypto", "apm:ideal", "apm:multibanco"]
    assert re.findall(r'<option value="([^"]+)"', text) == ["BTC", "USDC@ethereum"]
    rupees = Payer(desk_of_families, asked=opened.wish(1_000_00, "INR"))
    values = re.findall(r'name="method" value="([^"]+)"', rupees.person.get(rupees.page))
    assert values == ["upi", "crypto"]


def test_upi_shows_a_code_at_a_desk_and_opens_an_app_on_a_phone(
    desk_of_families: Desk, provider: Provider
) -> None:
    link = "upi://pay?pa=acme@bank&pn=Acme&am=60.00&cu=INR"
    provider.says = Reading(
        outcome=Outcome.ACTION, action=NextAction("qr", fields={"payload": link})
    )
    for flow in ("qr", "intent"):
        payer = Payer(desk_of_families, asked=opened.wish(currency="INR"))
        payer.send("upi", flow=flow)
        assert provider.asked[-1].method_name == flow
        text = payer.person.get(payer.page)
        assert "Scan this code" in text
        assert "Pay in another way" in text


def test_a_upi_address_is_asked_for_where_that_is_allowed(
    desk_of_families: Desk, provider: Provider, migrator_engine: Engine
) -> None:
    assert not upi.collect_allowed("5411", upi.COLLECT_ENDS)
    describe(migrator_engine, mcc="6012")
    payer = Payer(desk_of_families, asked=opened.wish(currency="INR"))
    assert 'name="vpa"' in payer.person.get(payer.page)
    wrong = payer.send("upi:collect", vpa="nobody")
    assert wrong.status_code == 422
    assert '<a href="#vpa">Your UPI address: ' in wrong.text
    provider.says = Reading(outcome=Outcome.PENDING)
    assert payer.send("upi:collect", vpa="maria@okbank").status_code == 303
    assert "A request waits in the UPI app" in payer.person.get(payer.page)


def test_a_way_that_was_left_is_left_for_another(
    desk_of_families: Desk, provider: Provider
) -> None:
    payer = Payer(desk_of_families)
    bank = NextAction("redirect", "https://bank.example/pay")
    provider.says = Reading(outcome=Outcome.ACTION, action=bank)
    payer.send("apm:ideal")
    assert "https://bank.example/pay" in payer.person.get(payer.page)
    provider.says = Reading(outcome=Outcome.ACTION, crypto=coins())
    payer.send("crypto", asset="BTC")
    text = payer.person.get(payer.page)
    assert "Send exactly this amount" in text
    assert payer.tries == 2


def test_who_has_just_paid_elsewhere_does_not_pay_again(
    desk_of_families: Desk, provider: Provider
) -> None:
    payer = Payer(desk_of_families)
    bank = NextAction("redirect", "https://bank.example/pay")
    provider.says = Reading(outcome=Outcome.ACTION, action=bank)
    payer.send("apm:ideal")
    form = {**payer.person.form(f"{payer.page}?other=1"), "method": "apm:multibanco"}
    provider.says = Reading(outcome=Outcome.SUCCESS)
    assert payer.person.post(f"{payer.page}/start", form).status_code == 303
    assert (payer.status, payer.tries) == ("succeeded", 1)


def test_a_failed_challenge_returns_to_the_choice(
    paying_desk: Desk, sandbox_server: SandboxServer
) -> None:
    payer = Payer(paying_desk, asked=replace(opened.wish(), return_url="https://shop.example/done"))
    payer.send("card", **payer.sealed("4000002500003155"))
    assert payer.status == "requires_action"
    staff = paying_desk.world.staff()
    (operation,) = flows.read_operations(staff, payer.payment)
    assert operation.provider_reference
    sandbox_server.answer_challenge(operation.provider_reference, "decline")
    nonce = flows.read(staff, payer.payment).return_nonce
    back = payer.person.client.get(f"{payer.page}/return?nonce={nonce}")
    assert (back.status_code, back.location) == (303, payer.page)
    assert "How would you like to pay?" in payer.person.get(payer.page)
    payer.send("card", **payer.sealed())
    assert 'href="https://shop.example/done"' in payer.person.get(payer.page)


def test_who_tries_too_often_waits(paying_desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    payer = Payer(paying_desk)
    seen: list[tuple[str, str]] = []

    def full(name: str, caller: str, most: int) -> Rate:
        seen.append((name, caller))
        return Rate(allowed=False, limit=most, remaining=0, reset_seconds=7)

    monkeypatch.setattr(rates, "hit", full)
    answer = payer.send("card", **payer.sealed())
    assert answer.status_code == 429
    assert "Wait 7 seconds" in answer.text
    assert seen == [("pay", payer.page.rpartition("/")[2])]
    assert payer.tries == 0


def test_a_payment_that_is_over_offers_nothing(paying_desk: Desk, migrator_engine: Engine) -> None:
    payer = Payer(paying_desk)
    form = {**payer.person.form(payer.page), "method": "card", **payer.sealed()}
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE payment SET expires_at = '2020-01-01'")
    assert payer.person.post(f"{payer.page}/start", form).status_code == 303
    assert payer.tries == 0
    assert "The time for this payment is over" in payer.person.get(payer.page)
