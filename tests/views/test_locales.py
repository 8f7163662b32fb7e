"""The language, the time zone and the look of a request, for each kind of reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.money import Money
from app.errors import BadInputError, said
from app.extensions import db as database
from app.queries import preferences as chosen
from app.services import preferences
from app.views import amounts, locales, show
from tests.fixtures.application import NOW
from tests.queries import rows
from tests.views.people import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

    from tests.views.people import Browser, People


def _choose(people: People, username: str, **choices: str) -> Browser:
    browser = people.browser(username)
    assert browser.post("/account/looks", choices).status_code == 302
    return browser


@pytest.fixture
def asking(web_app: Flask) -> Iterator[Flask]:
    """Yield the application; requests in it come from nobody."""
    yield web_app
    with web_app.app_context():
        database.session.remove()


ACCEPTED = [
    ("de", "de"),
    ("de-AT,en;q=0.9", "de"),
    ("hi-IN", "hi"),
    ("fr,hi;q=0.3,de;q=0.8", "de"),
    ("en-US,de;q=0.9", "en"),
    ("fr", "en"),
    ("*", "en"),
    ("", "en"),
    ("de;q=0", "en"),
    ("de;q=lots", "en"),
    (";;,,=", "en"),
    ("de" * 4000, "en"),
    ("\u00e9\u00e9, de;q=0.1", "de"),
]


@pytest.mark.parametrize("header,locale", ACCEPTED)
def test_the_browser_s_languages_are_read(asking: Flask, header: str, locale: str) -> None:
    with asking.test_request_context(headers={"Accept-Language": header}):
        assert locales.reader().locale == locale


def test_nothing_is_read_beside_a_request(asking: Flask) -> None:
    with asking.app_context():
        assert locales.reader().locale == "en"
        assert locales.reader().zone_name == "UTC"


def test_a_page_names_its_language(people: People) -> None:
    page = people.nobody().get("/login/", headers={"Accept-Language": "hi"}).text
    assert 'lang="hi"' in page
    assert 'dir="ltr"' in page
    assert "साइन इन" in page


def test_a_person_s_choice_counts_more_than_the_browser_s(people: People) -> None:
    browser = _choose(people, "finance", locale="de")
    page = browser.get("/account/", headers={"Accept-Language": "hi"}).text
    assert 'lang="de"' in page
    assert "Ihr Konto" in page
    assert "Ab jetzt sieht es für Sie so aus." in page, "said in the language just chosen"


def test_the_cookie_and_addresses_know_no_language(people: People) -> None:
    browser = _choose(people, "finance", locale="de")
    browser.get("/account/?_l_=hi")
    with browser.client.session_transaction() as cookie:
        assert "locale" not in cookie
    assert 'lang="de"' in browser.get("/account/?_l_=hi").text
    assert browser.get("/lang/hi").status_code == 404


def test_a_choice_is_taken_back(people: People) -> None:
    browser = _choose(people, "finance", locale="de", theme="dark", timezone="Asia/Tokyo")
    assert 'data-theme="dark"' in browser.get("/account/").text
    browser.post("/account/looks", {"locale": ""})
    page = browser.get("/account/").text
    assert 'lang="en"' in page
    assert 'data-theme="dark"' in page
    assert "It is Asia/Tokyo now." in page


@pytest.mark.parametrize("name,value", [("locale", "fr"), ("timezone", "Moon"), ("theme", "x")])
def test_what_is_not_offered_is_refused(people: People, name: str, value: str) -> None:
    answer = people.browser("finance").post("/account/looks", {name: value})
    assert answer.status_code == 422
    assert "is none of the values offered" in answer.text


@pytest.mark.parametrize(
    "back,target", [("/payments/", "/payments/"), ("//evil.example", "/account/")]
)
def test_one_stays_where_one_chose(people: People, back: str, target: str) -> None:
    answer = people.browser("finance").post("/account/looks", {"theme": "dark", "back": back})
    assert answer.location == target


def test_the_zone_is_one_s_own_then_the_merchant_s_then_utc(people: People) -> None:
    assert "It is Asia/Kolkata now." in people.browser("acme-owner").get("/account/").text
    assert "It is UTC now." in people.browser("finance").get("/account/").text
    browser = _choose(people, "acme-owner", timezone="Europe/Berlin")
    assert "It is Europe/Berlin now." in browser.get("/account/").text


def test_a_zone_that_is_gone_is_utc(people: People) -> None:
    with people.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE merchant SET timezone = 'Mars/Olympus'")
    assert "It is UTC now." in people.browser("acme-owner").get("/account/").text


def test_choices_are_read_once_a_request(people: People) -> None:
    browser = _choose(people, "finance", locale="de")
    with statements(people.app) as found:
        browser.get("/account/")
    assert len([each for each in found if "FROM preference" in each]) == 1


def test_a_page_about_a_broken_database_has_a_language_too(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_arguments: object) -> None:
        raise OperationalError("SELECT 1", (), Exception(2006, "gone"))

    monkeypatch.setattr(chosen, "of", crash)
    page = people.browser("finance").get("/account/", headers={"Accept-Language": "de"})
    assert page.status_code == 200
    assert 'lang="de"' in page.text


PAGES = [
    ("en", "Not found", "1,234,567.89", "1 Mar 2026, 17:30"),
    ("de", "Nicht gefunden", "1.234.567,89", "1. März 2026, 17:30"),
    ("hi", "नहीं मिला", "12,34,567.89", "1 मार्च 2026, 17:30"),
]


@pytest.mark.parametrize("locale,missing,amount,moment", PAGES)
def test_pages_speak_the_language(
    people: People, locale: str, missing: str, amount: str, moment: str
) -> None:
    owner = Actor.merchant(people.world.acme, False, None, "acme", frozenset())
    with clock.at(NOW):
        rows.series(owner, people.world.acme, 1, amount_minor=123456789)
    browser = _choose(people, "acme-owner", locale=locale)
    page = browser.get("/payments/").text
    assert amount in page
    assert moment in page
    assert f'lang="{locale}"' in browser.get("/").text
    assert missing in browser.get("/nope").text


LONG = [
    ("en", "Field cannot be longer than 64 characters."),
    ("de", "Höchstens 64 Zeichen."),
    ("hi", "अधिक से अधिक 64 अक्षर।"),
]


@pytest.mark.parametrize("locale,sentence", LONG)
def test_sentences_of_the_form_library_are_ours(people: People, locale: str, sentence: str) -> None:
    browser = _choose(people, "finance", locale=locale)
    data = {"first_name": "x" * 65, "last_name": "x", "email": "x@example.com"}
    assert sentence in browser.post("/account/", data).text


def _read(app: Flask, locale: str, text: str, currency: str = "EUR") -> Money:
    with app.test_request_context(headers={"Accept-Language": locale}):
        return amounts.read_amount(text, currency)


def test_amounts_are_typed_with_the_reader_s_own_mark(asking: Flask) -> None:
    assert _read(asking, "de", "12,50") == Money(1250, "EUR")
    assert _read(asking, "en", "1050.00") == Money(105000, "EUR")
    assert _read(asking, "hi", "12.50") == Money(1250, "EUR")


REFUSED = [
    ("en", "12,50", "Write it like 1050.00."),
    ("de", "12.50", "Schreiben Sie zum Beispiel 1050,00."),
    ("de", "1.050,00", "Schreiben Sie zum Beispiel 1050,00."),
    ("hi", "1,00,000.00", "इसे 1050.00 की तरह लिखें।"),
]


@pytest.mark.parametrize("locale,text,way_out", REFUSED)
def test_any_other_mark_is_refused_with_the_way_to_write_it(
    asking: Flask, locale: str, text: str, way_out: str
) -> None:
    with asking.test_request_context(headers={"Accept-Language": locale}):
        with pytest.raises(BadInputError) as caught:
            amounts.read_amount(text, "EUR")
        assert locales.told(caught.value).endswith(way_out)


def test_values_in_sentences_are_written_as_the_reader_writes(asking: Flask) -> None:
    error = BadInputError(
        "amount",
        said(
            "has {count} decimals, {currency} allows {decimals}.",
            count=1234,
            currency="EUR",
            decimals=2,
        ),
        said("Write it like {example}.", example="x"),
    )
    refund = said(
        "Refunding {amount} would pass what is left of {captured}; "
        "{asked} is refunded or asked for.",
        amount=Money(123450, "EUR"),
        captured=Money(5, "EUR"),
        asked=NOW,
    )
    with asking.test_request_context(headers={"Accept-Language": "de"}):
        assert locales.told(error).startswith("Betrag: hat zu viele Nachkommastellen (1.234); EUR")
        assert "1.234,50 EUR" in locales.translate(refund)
        assert "1. März 2026, 12:00" in locales.translate(refund)
        status = said(
            "Payment {payment} is {payment_status}: only captured money can be refunded.",
            payment="pay_1",
            payment_status="failed",
        )
        assert "pay_1" in locales.translate(status)
        assert locales.translate("") == ""


def test_a_stored_sentence_is_said_again(asking: Flask) -> None:
    stored = "amount: is zero. Write an amount above zero."
    with asking.test_request_context(headers={"Accept-Language": "de"}):
        assert (
            locales.translate(stored) == "Betrag: ist null. Schreiben Sie einen Betrag über null."
        )
        assert locales.translate("Nobody says this.") == "Nobody says this."
    with asking.test_request_context():
        assert locales.translate(stored) == stored


def test_moments_are_relative_for_a_week(asking: Flask) -> None:
    with asking.test_request_context(), clock.at(NOW.replace(day=9)):
        shown = show.current()
        assert shown.when(NOW.replace(day=9, second=30)) == "just now"
        assert shown.when(NOW.replace(day=3)) == "6 days ago"
        assert shown.when(NOW.replace(day=2)) == "2 Mar 2026, 12:00"
        assert shown.utc(NOW) == "2026-03-01 12:00:00.000000 UTC"
        assert shown.money(1250, "EUR") == "12.50\N{NO-BREAK SPACE}EUR"


def test_a_choice_in_the_database_decides(people: People) -> None:
    user = people.ids["acme-owner"]
    actor = Actor.merchant(people.world.acme, False, user, "acme-owner", frozenset())
    with db.unit_of_work(actor) as session:
        preferences.keep(session, NOW, user, "locale", "hi")
    assert 'lang="hi"' in people.browser("acme-owner").get("/account/").text
    assert 'lang="en"' in people.browser("acme-clerk").get("/account/").text
