"""The payer's page: what has to be done for every kind of action, and nothing more than that."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock
from app.providers.base import NextAction, Outcome, Reading
from app.views import payer_page, qr
from tests.services import flows
from tests.services.families import ADDRESS, EXPIRES, ask, coins, describe, wish

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from app.providers.facts import ActionType
    from app.services.new_payment import NewPayment
    from tests.services.families import Provider
    from tests.views.desk import Desk

pytest_plugins = ["tests.views.desk"]

LINK = "upi://pay?pa=acme@bank&pn=Acme&am=60.00&cu=INR"
COINS = Reading(outcome=Outcome.ACTION, crypto=coins())


@pytest.fixture
def desk_of_families(desk: Desk, families: object) -> Desk:
    """Return the screens, behind which acme may be paid by every family."""
    assert families is desk.world
    return desk


def opened(
    desk: Desk, provider: Provider, says: Reading, asked: NewPayment
) -> tuple[str, str, str]:
    """Make a payment; returns its id, its operation and the address of its payer's page."""
    provider.says = says
    payment, operation = ask(desk.world.owner(), desk.world.acme, asked)
    token = flows.read(desk.world.owner(), payment).page_token
    return payment, operation, f"/pay/{token}"


def upi_page(desk: Desk, provider: Provider, link: str, kind: ActionType = "qr") -> str:
    action = NextAction(kind, fields={"payload": link})
    says = Reading(outcome=Outcome.ACTION, action=action)
    _, _, page = opened(desk, provider, says, wish("upi", "qr", currency="INR"))
    return desk.nobody().client.get(page).text


def crypto_page(desk: Desk, provider: Provider, **changes: object) -> str:
    says = replace(COINS, outcome=Outcome.PENDING, crypto=coins(**changes))
    _, _, page = opened(desk, provider, says, wish("crypto", "BTC"))
    return desk.nobody().get(page)


@pytest.mark.parametrize("kind", ["qr", "upi_intent"])
def test_upi_is_scanned_or_opened_on_a_phone(
    desk_of_families: Desk, provider: Provider, kind: ActionType
) -> None:
    text = upi_page(desk_of_families, provider, LINK, kind)
    assert 'href="upi://pay?pa=acme@bank&amp;pn=Acme&amp;am=60.00&amp;cu=INR"' in text
    assert 'aria-label="QR code to pay Acme with a UPI app"' in text
    assert "<svg" in text
    assert "acme@bank" in text
    assert "Your payment to Acme" in text


@pytest.mark.parametrize("amount", ["6.00", "6000.00"])
def test_a_code_that_asks_for_another_amount_is_not_shown(
    desk_of_families: Desk, provider: Provider, amount: str
) -> None:
    text = upi_page(desk_of_families, provider, LINK.replace("60.00", amount))
    assert "upi://" not in text
    assert "is being processed" in text


def test_a_code_is_drawn_without_styles_and_says_what_it_is() -> None:
    drawn = qr.draw('upi://pay?pn="><script>', 'a "label" & more')
    assert "style" not in drawn
    assert "script" not in drawn
    assert 'aria-label="a &#34;label&#34; &amp; more"' in drawn
    assert re.search(r'<svg viewBox="0 0 \d+ \d+"', drawn)


def test_a_redirect_is_a_button(desk_of_families: Desk, provider: Provider) -> None:
    url = "https://bank.example/confirm?a=1&b=2"
    says = Reading(outcome=Outcome.ACTION, action=NextAction("redirect", url))
    _, _, page = opened(desk_of_families, provider, says, wish("apm", "ideal"))
    assert f'href="{url}" rel="noreferrer"' in desk_of_families.nobody().get(page)


def test_a_voucher_shows_its_code(desk_of_families: Desk, provider: Provider) -> None:
    action = NextAction("voucher", "https://bank.example/v", {"code": "12 345 678"})
    says = Reading(outcome=Outcome.ACTION, action=action)
    _, _, page = opened(desk_of_families, provider, says, wish("apm", "multibanco"))
    text = desk_of_families.nobody().get(page)
    assert 'data-copy="12 345 678"' in text
    assert "https://bank.example/v" in text
    assert "must be done by" not in text


def test_a_request_names_the_masked_address(
    desk_of_families: Desk, provider: Provider, migrator_engine: Engine
) -> None:
    describe(migrator_engine, mcc="6211")
    asked = wish("upi", "collect", currency="INR", details={"vpa": "success@sandbox"})
    _, _, page = opened(desk_of_families, provider, Reading(outcome=Outcome.PENDING), asked)
    text = desk_of_families.nobody().get(page)
    assert "su…@sandbox" in text
    assert "success@sandbox" not in text


def test_crypto_shows_address_exact_amount_and_deadline(
    desk_of_families: Desk, provider: Provider
) -> None:
    text = crypto_page(desk_of_families, provider)
    assert f'data-copy="{ADDRESS}"' in text
    assert 'data-copy="0.00100000"' in text
    assert "1 Jan 2030" in text
    assert f'data-deadline="{EXPIRES.isoformat()}"' in text


def test_an_address_without_a_quote_is_shown_as_it_was_told(
    desk_of_families: Desk, provider: Provider
) -> None:
    fields = {"asset": "BTC", "address": ADDRESS, "amount": "0.5"}
    says = Reading(outcome=Outcome.ACTION, action=NextAction("crypto_address", fields=fields))
    _, _, page = opened(desk_of_families, provider, says, wish("crypto", "BTC"))
    text = desk_of_families.nobody().get(page)
    assert f'data-copy="{ADDRESS}"' in text
    assert 'data-copy="0.5"' in text


def test_crypto_asks_for_the_rest(desk_of_families: Desk, provider: Provider) -> None:
    text = crypto_page(desk_of_families, provider, received_units=40_000)
    assert "0.00040000 of 0.00100000 BTC have arrived" in text
    assert 'data-copy="0.00060000"' in text


@pytest.mark.parametrize("units", [99_000, 100_000, 150_000])
def test_crypto_that_has_come_is_only_confirmed(
    desk_of_families: Desk, provider: Provider, units: int
) -> None:
    text = crypto_page(desk_of_families, provider, received_units=units, confirmations=1)
    assert "1 of 2 confirmations" in text
    assert ADDRESS not in text
    assert "must be done by" not in text


def test_after_the_deadline_nothing_is_asked_for_any_more(
    desk_of_families: Desk, provider: Provider
) -> None:
    _, _, page = opened(desk_of_families, provider, COINS, wish("crypto", "BTC"))
    with clock.at(EXPIRES):
        text = desk_of_families.nobody().get(page)
    assert "do not pay it any more" in text
    assert ADDRESS not in text
    assert ADDRESS in desk_of_families.nobody().get(page)


def test_a_upi_code_ends_with_its_method(desk_of_families: Desk, provider: Provider) -> None:
    action = NextAction("qr", fields={"payload": LINK})
    says = Reading(outcome=Outcome.ACTION, action=action)
    asked = wish("upi", "qr", currency="INR")
    payment, _, page = opened(desk_of_families, provider, says, asked)
    made = flows.read(desk_of_families.world.owner(), payment).created_at
    for seconds, shown in ((299, True), (301, False)):
        with clock.at(made + timedelta(seconds=seconds)):
            assert ("upi://" in desk_of_families.nobody().get(page)) is shown


def test_the_state_changes_with_what_is_shown_and_tells_nothing(
    desk_of_families: Desk, provider: Provider
) -> None:
    world = desk_of_families.world
    _, operation, page = opened(desk_of_families, provider, COINS, wish("crypto", "BTC"))
    nobody = desk_of_families.nobody().client

    def version() -> str:
        answer = dict(nobody.get(f"{page}/state").json or {})
        assert list(answer) == ["version"]
        return str(answer["version"])

    first = version()
    assert f'data-version="{first}"' in nobody.get(page).text
    assert version() == first
    provider.says = replace(COINS, crypto=coins(received_units=1))
    flows.send(world.owner(), world.acme, operation)
    second = version()
    provider.says = Reading(outcome=Outcome.SUCCESS)
    flows.send(world.owner(), world.acme, operation)
    assert len({first, second, version()}) == 3
    assert "data-state" not in nobody.get(page).text


def test_the_page_tells_nothing_of_the_merchants_business(
    desk_of_families: Desk, provider: Provider
) -> None:
    asked = wish(
        "crypto",
        "BTC",
        reference="order-secret",
        description="internal note",
        customer_name="Jo Payer",
        customer_email="payer@example.com",
    )
    payment, operation, page = opened(desk_of_families, provider, COINS, asked)
    text = desk_of_families.nobody().get(page)
    for secret in (payment, operation, "order-secret", "internal", "Jo Payer", "payer@", "acme-"):
        assert secret not in text
    for address in ("/pay/nothing", "/pay/nothing/state"):
        assert "no such payment page" in desk_of_families.nobody().get(address, 404)


def test_the_page_is_read_in_the_language_of_the_browser_and_changes_nothing(
    desk_of_families: Desk, provider: Provider
) -> None:
    payment, _, page = opened(desk_of_families, provider, COINS, wish("crypto", "BTC"))
    nobody = desk_of_families.nobody()
    nobody.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    text = nobody.get(page)
    assert 'lang="de"' in text
    assert "60,00" in text
    asked = len(provider.asked)
    nobody.get(f"{page}/state")
    assert len(provider.asked) == asked
    assert flows.read(desk_of_families.world.owner(), payment).return_nonce is not None


def test_the_address_is_that_of_the_public_site() -> None:
    assert payer_page.address("abc").endswith("/pay/abc")
