"""What a payer's browser does with a card: judge it while it is typed, and encrypt it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from joserfc import jwe
from joserfc.jwk import RSAKey

from app.providers.card_keys import ALG
from tests.infra.chromium import visit
from tests.infra.site import served

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(120)]
STATIC = Path(__file__).parents[2] / "app" / "static"
_CALL = """
async ([file, name, values]) => {
  const found = await import(`/static/js/${file}.js`);
  return { told: await found[name](...values) };
}
"""


@pytest.fixture(scope="module")
def page(chromium: Browser) -> Iterator[Page]:
    """Yield an empty page of an origin at which our scripts stand."""
    app = Flask(__name__, static_folder=str(STATIC), static_url_path="/static")
    app.add_url_rule("/", "empty", lambda: "<!DOCTYPE html><title>Empty</title>")
    with served(app) as origin, visit(chromium, origin) as seen:
        seen.page.goto("/")
        yield seen.page


def call(page: Page, file: str, name: str, *values: object) -> dict[str, Any]:
    """Call what a script exports; what it returns is `told`."""
    return dict(page.evaluate(_CALL, [file, name, values]))


@pytest.mark.parametrize("content", ["", "{}", "Å ü – 卡" * 40])
def test_what_a_browser_seals_only_the_key_opens(page: Page, content: str) -> None:
    key, other = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
    jwk = {**key.as_dict(private=False), "alg": ALG, "kid": "key-1"}
    sealed = call(page, "jwe", "seal", jwk, content)["told"]
    again = call(page, "jwe", "seal", jwk, content)["told"]
    assert sealed.split(".")[1:4] != again.split(".")[1:4], "never the same twice"
    opened = jwe.decrypt_compact(sealed, key, algorithms=[ALG, "A256GCM"])
    assert opened.headers() == {"alg": ALG, "enc": "A256GCM", "kid": "key-1"}
    assert (opened.plaintext or b"").decode() == content
    with pytest.raises(Exception, match=r"(?i)decrypt|key|cek"):
        jwe.decrypt_compact(sealed, other, algorithms=[ALG, "A256GCM"])


@pytest.mark.parametrize(
    "number, brand, shown",
    [
        ("4242424242424242", "Visa", "4242 4242 4242 4242"),
        ("5555555555554444", "Mastercard", "5555 5555 5555 4444"),
        ("2223003122003222", "Mastercard", "2223 0031 2200 3222"),
        ("378282246310005", "Amex", "3782 822463 10005"),
        ("6011111111111117", "Discover", "6011 1111 1111 1117"),
        ("30569309025904", "Diners", "3056 930902 5904"),
        ("3530111333300000", "JCB", "3530 1113 3330 0000"),
        ("6521111111111117", "RuPay", "6521 1111 1111 1117"),
    ],
)
def test_a_card_is_known_by_its_beginning(page: Page, number: str, brand: str, shown: str) -> None:
    assert call(page, "cards", "brandOf", number)["told"]["name"] == brand
    assert call(page, "cards", "grouped", number)["told"] == shown
    assert call(page, "cards", "digitsOf", f" {shown}\u00a0")["told"] == number


def test_a_digit_that_was_mistyped_is_found(page: Page) -> None:
    assert call(page, "cards", "isNumber", "4242424242424242")["told"]
    for wrong in ("4242424242424241", "424242424242424", "", "42424242424242424242"):
        assert not call(page, "cards", "isNumber", wrong)["told"]


@pytest.mark.parametrize(
    "typed, month, year",
    [("0731", "07", "2031"), ("07 / 31", "07", "2031"), ("07/2031", "07", "2031")],
)
def test_an_expiry_is_read_as_it_is_written(page: Page, typed: str, month: str, year: str) -> None:
    assert call(page, "cards", "expiryOf", typed)["told"] == {"month": month, "year": year}


@pytest.mark.parametrize("typed", ["", "1331", "0031", "07/3", "07/1931"])
def test_what_is_no_month_and_year_is_none(page: Page, typed: str) -> None:
    assert call(page, "cards", "expiryOf", typed)["told"] is None


def test_a_card_is_good_until_the_end_of_its_month(page: Page) -> None:
    judge = """async ([year, month, now]) => (await import("/static/js/cards.js")).isCurrent(
        { year, month }, new Date(now))"""
    for year, month, holds in (("2026", "03", True), ("2026", "02", False), ("2057", "01", False)):
        assert page.evaluate(judge, [year, month, "2026-03-31T12:00:00"]) is holds, json.dumps(year)


@pytest.mark.parametrize(
    "typed, back, shown",
    [
        ("7", False, "07 / "),
        ("1", False, "1"),
        ("07", False, "07 / "),
        ("07", True, "07"),
        ("0731", False, "07 / 31"),
        ("07/2031", False, "07 / 2031"),
    ],
)
def test_an_expiry_gets_its_slash(page: Page, typed: str, back: bool, shown: str) -> None:
    assert call(page, "cards", "expiryTyped", typed, back)["told"] == shown


def test_a_security_code_has_the_digits_of_its_brand(page: Page) -> None:
    for code, number, holds in (
        ("123", "4242", True),
        ("1234", "4242", False),
        ("1234", "3782", True),
        ("123", "3782", False),
        ("12", "", False),
    ):
        assert call(page, "cards", "isCode", code, number)["told"] is holds
