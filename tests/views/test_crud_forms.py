"""Generated forms: where errors stand, what is kept, where one goes next, what is suggested."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from flask_babel import force_locale
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from wtforms import Form

from app.adapters.db import unit_of_work
from app.domain.actors import Actor
from app.models import AmountLimit
from app.services.preferences import keep
from app.views import amounts
from app.views.fields import PercentField
from tests.fixtures.application import NOW
from tests.views.approving import approve_waiting
from tests.views.pages import column, text

if TYPE_CHECKING:
    from flask import Flask

    from tests.views.people import People

LIMIT = {
    "merchant_id": "acme",
    "kind": "upi",
    "currency": "eur",
    "max_minor": "0.30",
    "reason": "as agreed",
}


def _limit(people: People, **changes: str) -> str:
    """Have a limit added and approved; answers its id."""
    assert people.browser("admin").post("/limits/add", {**LIMIT, **changes}).status_code == 302
    approve_waiting(people)
    table = AmountLimit.__table__
    with people.engine.connect() as connection:
        newest = select(table.c.public_id).order_by(table.c.id.desc()).limit(1)
        return str(connection.scalar(newest))


def test_a_save_leads_to_the_row_and_says_so(people: People) -> None:
    browser = people.browser("admin")
    answer = browser.post("/capabilities/add", {"merchant_id": "acme", "kind": "payouts"})
    assert re.fullmatch(r"/capabilities/show/cap_\w+", answer.location)
    assert "was added." in text(browser.get(answer.location).text)


def test_an_error_stands_above_and_beside_and_nothing_is_lost(people: People) -> None:
    wrong = {**LIMIT, "merchant_id": "nobody", "max_minor": "0.305"}
    page = people.browser("admin").post("/limits/add", wrong).text
    summary = page[page.index('class="errors-summary"') :]
    assert re.findall(r'<a href="#(\w+)">', summary)[:2] == ["merchant_id", "max_minor"]
    for name in ("merchant_id", "max_minor"):
        assert f'id="{name}-error"' in page
        assert re.search(rf'aria-describedby="{name}-hint {name}-error"[^>]*id="{name}"', page)
    for value in ("nobody", "eur", "0.305"):
        assert f'value="{value}"' in page
    assert re.search(r'<option selected value="upi">', page)


@pytest.mark.parametrize(
    "typed,kept", [("0", 0), ("100", 10_000), ("2.5", 250), ("0.05", 5), (" 7.25 ", 725)]
)
def test_a_percentage_is_kept_exactly(web_app: Flask, typed: str, kept: int) -> None:
    with web_app.test_request_context(), force_locale("en"):
        assert amounts.read_percent(typed, "tax") == kept
        assert amounts.plain_percent(kept) == typed.strip()


@pytest.mark.parametrize("typed", ["-1", "2,5", "1e1", "2.555", "100.01", "٢", "2.", "+1", "1000"])
def test_a_percentage_that_is_none_is_refused(web_app: Flask, typed: str) -> None:
    with web_app.test_request_context(), force_locale("en"):
        form = _percentage(MultiDict({"share": typed}))
        assert not form.validate()
        assert form.errors["share"]


def _percentage(typed: MultiDict[str, str]) -> Form:
    class Percentage(Form):
        share = PercentField("Share")

    return Percentage(typed)


def test_a_german_types_a_comma(people: People) -> None:
    admin = people.ids["admin"]
    with unit_of_work(Actor.staff(admin, False, "admin", frozenset())) as session:
        keep(session, NOW, admin, "locale", "de")
    browser = people.browser("admin")
    page = browser.get(f"/limits/edit/{_limit(people, max_minor='0,30')}").text
    assert 'value="0,30"' in page
    assert browser.post("/limits/add", {**LIMIT, "kind": "apm"}).status_code == 200


def test_an_amount_of_a_token_is_read_in_its_own_decimals(people: People) -> None:
    browser = people.browser("admin")
    limit = _limit(people, kind="crypto", currency="usdc@Ethereum", max_minor="0.000001")
    assert "0.000001" in browser.get(f"/limits/show/{limit}").text


def test_the_unit_stands_in_the_field(people: People) -> None:
    browser = people.browser("admin")
    page = browser.get(f"/limits/edit/{_limit(people)}").text
    units = re.findall(r'class="input-group-text">([^<]+)<', page)
    assert units == ["EUR"]


def back_of(page: str) -> str:
    """Return where Cancel leads, which the form keeps."""
    form = page[page.index('<form class="form"') :]
    kept = re.search(r'name="back" value="([^"]*)"', form)
    cancel = re.search(r'href="([^"]*)">Cancel<', form)
    assert kept
    assert cancel
    assert kept[1] == cancel[1]
    return unescape(kept[1])


def test_cancel_leads_back_to_the_list_as_it_was(people: People) -> None:
    browser = people.browser("admin")
    before = "/limits/?_flt_1_currency=INR&_oc_LimitsView=kind"
    page = browser.get("/limits/add", headers={"Referer": f"http://localhost{before}"}).text
    assert back_of(page) == before
    again = browser.post("/limits/add", {**LIMIT, "max_minor": "x", "back": before}).text
    assert f'href="{before}"' in unescape(again)


@pytest.mark.parametrize(
    "referrer",
    ["https://evil.example/limits/", "//evil.example", "javascript:alert(1)", "", "\\\\evil"],
)
def test_cancel_never_leads_off_site(people: People, referrer: str) -> None:
    browser = people.browser("admin")
    page = browser.get("/limits/add", headers={"Referer": referrer}).text
    assert back_of(page) == "/limits/"
    again = browser.post("/limits/add", {**LIMIT, "max_minor": "x", "back": referrer}).text
    assert back_of(again) == "/limits/"


def test_a_form_takes_what_the_page_before_knew(people: People) -> None:
    page = people.browser("admin").get("/capabilities/add?merchant_id=acme&kind=upi").text
    assert 'value="acme"' in page
    assert '<option selected value="upi">UPI</option>' in page


def test_codes_are_chosen_by_their_words(people: People) -> None:
    page = people.browser("admin").get("/merchants/add").text
    countries = re.findall(r'<option value="([A-Z]{2})">([^<]+)</option>', page)
    assert ("IN", "India") in countries
    assert len(countries) == 249
    names = [name for _, name in countries]
    assert names.index("Åland Islands") < names.index("Albania")


@pytest.mark.parametrize(
    "path,text_,first",
    [
        ("/merchants/options/default_currency", "rupee", "INR – Indian Rupee"),
        ("/merchants/options/default_currency", "eur", "EUR – Euro"),
        ("/limits/options/currency", "USDC@polygon", "USDC@polygon – USDC@polygon"),
        ("/merchants/options/timezone", "kolk", "Asia/Kolkata"),
        ("/merchants/options/timezone", "sao paulo", "America/Sao Paulo"),
    ],
)
def test_codes_are_suggested(people: People, path: str, text_: str, first: str) -> None:
    found = people.browser("admin").get(f"{path}?q={text_}").json
    assert found
    assert first in [each["title"] for each in found["options"]]
    assert len(found["options"]) <= 20


def test_only_fields_of_the_form_are_suggested(people: People) -> None:
    browser = people.browser("admin")
    for path in ("/capabilities/options/currency", "/merchants/options/name"):
        assert browser.get(path).status_code == 404


def test_a_new_merchant_is_found_in_the_list(people: People) -> None:
    browser = people.browser("admin")
    merchant = {
        "key": "initech",
        "name": "Initech",
        "country": "DE",
        "default_currency": "eur",
        "timezone": "Europe/Berlin",
    }
    page = browser.get(browser.post("/merchants/add", merchant).location).text
    assert "Initech was added." in text(page)
    assert column(browser.get("/merchants/?q=INIT").text, "country") == ["Germany"]


CARD = "4242 4242 4242 4242"


def test_a_card_number_is_never_shown_again(people: People) -> None:
    browser = people.browser("admin")
    page = browser.post("/limits/add", {**LIMIT, "merchant_id": CARD, "currency": CARD}).text
    assert "4242 4242" not in page
    assert 'value="0.30"' in page
    address = "/merchants/?q=4242+4242+4242+4242&_flt_0_name=4242+4242+4242+4242&_flt_0_key=a"
    answer = browser.get(address)
    assert answer.status_code == 400
    assert "card number" in answer.text
    assert re.findall(r".{80}4242\D{0,3}4242\D{0,3}4242", answer.text) == []
