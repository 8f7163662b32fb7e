"""The payer's way back: nothing that comes along is believed, the provider is asked once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.domain.actors import Actor
from app.errors import DatabaseBusyError
from app.queries import payments
from app.services import look_up
from app.views import words
from app.views.payer import _is_web_address
from app.views.payer_page import SYMBOLS
from tests.services import flows
from tests.services.notify import mailing

if TYPE_CHECKING:
    from app.models import Payment
    from tests.infra.sandbox import SandboxServer
    from tests.views.desk import Desk

pytest_plugins = ["tests.views.desk"]


def challenged(desk: Desk, return_url: str = "") -> Payment:
    """Make a payment whose payer must act."""
    world = desk.world
    public_id = flows.pay(world.owner(), world.acme, token="tok_challenge")
    with db.unit_of_work(Actor.system(world.acme, False, "test")) as session:
        payment = payments.get(session, public_id)
        assert payment is not None
        payment.return_url = return_url
        return payment


def approve(desk: Desk, sandbox: SandboxServer, payment: Payment) -> None:
    """Let the payer approve on the provider's page."""
    (operation,) = flows.read_operations(desk.world.staff(), payment.public_id)
    assert operation.provider_reference
    assert sandbox.answer_challenge(operation.provider_reference).status_code == 303


def status(desk: Desk, payment: Payment) -> str:
    return flows.read(desk.world.staff(), payment.public_id).status


def test_the_return_asks_the_provider_and_tells_the_payer(
    paying_desk: Desk, sandbox_server: SandboxServer
) -> None:
    payment = challenged(paying_desk)
    approve(paying_desk, sandbox_server, payment)
    assert status(paying_desk, payment) == "requires_action"
    address = f"/pay/{payment.page_token}/return?nonce={payment.return_nonce}"
    text = paying_desk.nobody().get(address)
    assert status(paying_desk, payment) == "succeeded"
    for part in ("Your payment to Acme", "60.00", "The payment has been made."):
        assert part in text
    for secret in (payment.public_id, "acme-owner", "order-1", "payer@example.com"):
        assert secret not in text


def test_the_bank_may_post_without_a_token(
    paying_desk: Desk, sandbox_server: SandboxServer
) -> None:
    payment = challenged(paying_desk)
    approve(paying_desk, sandbox_server, payment)
    fields = {"nonce": payment.return_nonce or "", "status": "failed", "amount": "1"}
    answer = paying_desk.nobody().post(f"/pay/{payment.page_token}/return", fields)
    assert answer.status_code == 200
    assert status(paying_desk, payment) == "succeeded", "what came along is not believed"


@pytest.mark.parametrize("nonce", ["", "wrong"])
def test_a_wrong_nonce_shows_the_page_without_asking(
    paying_desk: Desk, sandbox_server: SandboxServer, nonce: str
) -> None:
    payment = challenged(paying_desk)
    approve(paying_desk, sandbox_server, payment)
    text = paying_desk.nobody().get(f"/pay/{payment.page_token}/return?nonce={nonce}&status=paid")
    assert "asks you to confirm it" in text
    assert status(paying_desk, payment) == "requires_action"


def test_a_nonce_works_once(paying_desk: Desk, sandbox_server: SandboxServer) -> None:
    payment = challenged(paying_desk)
    address = f"/pay/{payment.page_token}/return?nonce={payment.return_nonce}"
    nobody = paying_desk.nobody()
    nobody.get(address)
    approve(paying_desk, sandbox_server, payment)
    nobody.get(address)
    assert status(paying_desk, payment) == "requires_action"


def test_looking_ahead_does_not_use_the_nonce_up(paying_desk: Desk) -> None:
    payment = challenged(paying_desk)
    address = f"/pay/{payment.page_token}/return?nonce={payment.return_nonce}"
    assert paying_desk.nobody().client.head(address).status_code == 200
    assert flows.read(paying_desk.world.staff(), payment.public_id).return_nonce is not None


def test_the_payer_goes_on_to_the_merchant(paying_desk: Desk) -> None:
    payment = challenged(paying_desk, "https://shop.example/thanks?order=1")
    answer = paying_desk.nobody().client.get(
        f"/pay/{payment.page_token}/return?nonce={payment.return_nonce}"
    )
    assert (answer.status_code, answer.location) == (303, "https://shop.example/thanks?order=1")


def test_a_provider_that_is_away_is_left_to_the_sweeper(
    paying_desk: Desk, sandbox_server: SandboxServer
) -> None:
    payment = challenged(paying_desk)
    sandbox_server.kill()
    text = paying_desk.nobody().get(
        f"/pay/{payment.page_token}/return?nonce={payment.return_nonce}"
    )
    assert "asks you to confirm it" in text


def test_an_unknown_page_is_not_found(desk: Desk) -> None:
    assert "no such payment page" in desk.nobody().get("/pay/nothing/return", 404)


@pytest.mark.parametrize(
    "text,good",
    [
        ("https://shop.example/x", True),
        ("http://localhost:1/x", True),
        ("javascript:alert(1)", False),
        ("//shop.example", False),
        ("https://", False),
        ("https://a\n", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_only_web_addresses_are_followed(text: str, good: bool) -> None:
    assert _is_web_address(text) is good


def test_a_busy_database_shows_the_page_all_the_same(
    paying_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object) -> None:
        raise DatabaseBusyError("The database is busy.")

    payment = challenged(paying_desk)
    monkeypatch.setattr(look_up, "run", busy)
    address = f"/pay/{payment.page_token}/return?nonce={payment.return_nonce}"
    assert "asks you to confirm it" in paying_desk.nobody().get(address)


@pytest.mark.parametrize("state", words.PAYER_WORDS)
def test_every_state_that_a_payer_meets_has_a_symbol(state: str) -> None:
    assert state in SYMBOLS


def test_the_payer_reads_the_page_in_the_language_of_the_browser(paying_desk: Desk) -> None:
    payment = challenged(paying_desk)
    nobody = paying_desk.nobody()
    nobody.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de-AT"
    text = nobody.get(f"/pay/{payment.page_token}/return")
    assert 'lang="de"' in text
    assert "60,00" in text


def kept(desk: Desk, payment: Payment) -> str | None:
    return flows.read(desk.world.staff(), payment.public_id).payer_locale


def test_the_language_of_who_pays_is_kept_while_the_payment_waits(
    paying_desk: Desk, sandbox_server: SandboxServer
) -> None:
    payment = challenged(paying_desk)
    page, nobody = f"/pay/{payment.page_token}", paying_desk.nobody()
    paying_desk.person("acme-owner").client.get(page, headers={"Accept-Language": "hi"})
    nobody.client.get(page)
    nobody.client.head(page, headers={"Accept-Language": "hi"})
    nobody.client.get(page, headers={"Accept-Language": "fr"})
    assert kept(paying_desk, payment) is None
    nobody.client.get(page, headers={"Accept-Language": "de-AT, en;q=0.5"})
    assert kept(paying_desk, payment) == "de"
    approve(paying_desk, sandbox_server, payment)
    nobody.get(f"{page}/return?nonce={payment.return_nonce}")
    nobody.client.get(page, headers={"Accept-Language": "hi"})
    assert kept(paying_desk, payment) == "de"
    (receipt,) = [row for row in mailing.rows() if row.object_id == payment.public_id]
    assert (receipt.kind, receipt.locale) == ("receipt", "de")
