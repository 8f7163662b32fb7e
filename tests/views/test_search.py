"""The search box as a page and as JSON: who finds what, and what is never repeated."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.adapters.crypto import blind_index
from tests.fixtures.application import NOW
from tests.queries import rows
from tests.views.people import statements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from werkzeug.test import TestResponse

    from tests.views.people import Browser, People

JSON = {"Accept": "application/json"}
CARD = "4242424242424242"
MOST_STATEMENTS = 12


@pytest.fixture
def payments(people: People) -> dict[str, str]:
    """Keep one payment of each merchant with the same e-mail address and amount."""
    index = blind_index("asha@example.com", "payment.customer_email")
    world = people.world
    made = {
        name: rows.payment(
            getattr(world, name),
            NOW,
            reference=f"{name}-1",
            customer_email="asha@example.com",
            customer_email_index=index,
        )
        for name in ("acme", "globex")
    }
    return {
        "acme": rows.keep(world.owner(), [made["acme"]])[0],
        "globex": rows.keep(world.stranger(), [made["globex"]])[0],
    }


def told(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    """Return the JSON of an answer."""
    assert answer.status_code == status, answer.text
    assert answer.json is not None
    found: dict[str, Any] = answer.json
    return found


def ask(browser: Browser, text: str) -> dict[str, list[dict[str, Any]]]:
    answer = browser.client.get("/search/", query_string={"q": text}, headers=JSON)
    return {group["label"]: group["hits"] for group in told(answer)["groups"]}


def titles(found: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    return (hit["title"] for hits in found.values() for hit in hits)


def test_a_group_says_in_which_way_it_was_found(people: People, payments: dict[str, str]) -> None:
    operations = people.browser("operations")
    by_mail = ask(operations, "ASHA@example.com")
    assert by_mail.keys() == {"Payers", "Payments by e-mail address"}
    by_payment = by_mail["Payments by e-mail address"]
    assert {hit["title"] for hit in by_payment} == {"acme-1", "globex-1"}
    assert ask(operations, payments["acme"]).keys() == {"Payments by id"}
    assert ask(operations, "10.00 EUR").keys() == {"Payments by amount"}
    assert ask(operations, "acme").keys() == {"Payments by reference", "Merchants"}


def test_a_hit_tells_amount_status_and_merchant(people: People, payments: dict[str, str]) -> None:
    [hits] = ask(people.browser("operations"), payments["acme"]).values()
    [hit] = hits
    assert hit["href"] == f"/payments/{payments['acme']}"
    assert (hit["title"], hit["amount"], hit["tone"]) == ("acme-1", "10.00 EUR", "success")
    assert "Acme" in hit["note"]


def test_every_hit_opens(people: People, payments: dict[str, str]) -> None:
    operations = people.browser("operations")
    for text in (payments["globex"], "globex", "set", "jobs"):
        for hits in ask(operations, text).values():
            for hit in hits:
                assert operations.get(hit["href"]).status_code == 200, hit


def test_a_merchant_meets_no_payment_and_no_merchant_of_others(
    people: People, payments: dict[str, str]
) -> None:
    owner = people.browser("acme-owner")
    assert list(titles(ask(owner, "asha@example.com"))) == ["asha@example.com", "acme-1"]
    assert list(titles(ask(owner, "10.00"))) == ["acme-1"]
    for text in (payments["globex"], payments["globex"][:9], "globex-1", "glo"):
        assert "globex-1" not in titles(ask(owner, text)), text
    assert ask(owner, "globex") == {}


def test_pages_are_found_by_the_beginnings_of_their_words(people: People) -> None:
    operations, clerk = people.browser("operations"), people.browser("acme-clerk")
    assert [hit["href"] for hit in ask(operations, "job")["Pages"]] == ["/jobs/"]
    assert "Connector accounts" in titles(ask(operations, "conn acc"))
    assert ask(operations, "obs") == {}
    assert ask(clerk, "jobs") == {}


def test_the_page_shows_the_same_without_a_script(people: People, payments: dict[str, str]) -> None:
    page = people.browser("operations").get("/search/?q=acme-1")
    assert page.status_code == 200
    assert f'href="/payments/{payments["acme"]}"' in page.text
    assert 'value="acme-1"' in page.text
    nothing = people.browser("operations").get("/search/?q=zebra").text
    assert "Nothing found" in nothing
    assert "Nothing found</strong>" not in people.browser("operations").get("/search/").text


@pytest.mark.parametrize("text", [CARD, "4242 4242 4242 4242", f"order {CARD}"])
def test_a_full_card_number_is_refused_and_never_repeated(
    people: People, text: str, capfd: pytest.CaptureFixture[str]
) -> None:
    operations = people.browser("operations")
    for headers in (JSON, {}):
        answer = operations.client.get("/search/", query_string={"q": text}, headers=headers)
        assert answer.status_code == 422
        assert "full card number" in answer.text
        assert text not in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
    written = capfd.readouterr()
    assert CARD not in f"{written.out}{written.err}".replace(" ", "")


def test_a_text_that_is_too_long_is_refused(people: People) -> None:
    answer = people.browser("operations").get(f"/search/?q={'x' * 121}", headers=JSON)
    refused = told(answer, 422)
    assert refused["groups"] == []
    assert "too long" in refused["fault"]


@pytest.mark.parametrize("text", ["acme", "4242", "asha@example.com", "pay_01k"])
def test_a_search_costs_few_statements(people: People, payments: dict[str, str], text: str) -> None:
    assert payments
    browser = people.browser("operations")
    with statements(people.app) as found:
        ask(browser, text)
    asked = [each for each in found if each.startswith("SELECT")]
    assert len(asked) <= MOST_STATEMENTS, "\n".join(asked)
    assert not [each for each in asked if "count(" in each.lower()]


def test_whoever_is_not_signed_in_finds_nothing(people: People) -> None:
    answer = people.nobody().get("/search/?q=acme")
    assert answer.status_code == 302
    assert "/login/" in answer.headers["Location"]
