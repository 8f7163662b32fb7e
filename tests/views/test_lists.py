"""What every list can do: spans of days, filters as chips, columns, counts, small pages."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock
from app.queries import keyset
from app.views.lists import periods
from tests.fixtures.application import NOW
from tests.queries import rows
from tests.services import flows

if TYPE_CHECKING:
    from tests.views.desk import Desk

pytest_plugins = ["tests.views.desk"]

TODAY = date(2026, 3, 1)
CARD = "4242 4242 4242 4242"


def body(text: str) -> str:
    """Return the rows of the table of a page."""
    return text.partition("<tbody>")[2].partition("</tbody>")[0]


def heads(text: str) -> list[str]:
    """Return the labels of the columns of a page, in their order."""
    row = body(text).partition("<tr>")[2].partition("</tr>")[0]
    return re.findall(r'data-label="([^"]+)"', row)


@pytest.mark.parametrize(
    "name,first,last",
    [
        ("today", "2026-03-01", "2026-03-01"),
        ("yesterday", "2026-02-28", "2026-02-28"),
        ("7d", "2026-02-23", "2026-03-01"),
        ("30d", "2026-01-31", "2026-03-01"),
        ("90d", "2025-12-02", "2026-03-01"),
        ("month", "2026-03-01", "2026-03-01"),
        ("last_month", "2026-02-01", "2026-02-28"),
    ],
)
def test_a_span_counts_from_today(name: str, first: str, last: str) -> None:
    assert periods.span(name, TODAY) == (date.fromisoformat(first), date.fromisoformat(last))


def test_every_span_that_is_offered_can_be_counted() -> None:
    for name in periods.WORDS.keys() - {periods.CUSTOM}:
        assert periods.span(name, TODAY)[0] <= TODAY


def test_a_span_ends_at_the_readers_midnight(desk: Desk) -> None:
    evening = NOW - timedelta(hours=17, minutes=31)  # 23:59 on the 28th in Kolkata
    made = [
        rows.payment(desk.world.acme, evening, reference="late"),
        rows.payment(desk.world.acme, evening + timedelta(minutes=2), reference="early"),
    ]
    rows.keep(desk.world.owner(), made)
    owner = desk.person("acme-owner")
    with clock.at(NOW):
        today = body(owner.get("/payments/?period=today"))
        before = body(owner.get("/payments/?period=yesterday&from=2001-01-01&to=2001-01-01"))
    assert ("early" in today, "late" in today) == (True, False)
    assert ("early" in before, "late" in before) == (False, True)


def test_every_filter_is_a_chip_that_can_be_taken_away(desk: Desk) -> None:
    rows.series(desk.world.owner(), desk.world.acme, 1)
    person = desk.person("operations")
    text = person.get(
        "/payments/?status=succeeded&status=failed&merchant=acme&period=90d&columns=method"
    )
    chips = text.partition('class="chips"')[2].partition("</ul>")[0]
    words = re.findall(r'chip-label">([^<]+)</span>\s*<span class="chip-word">([^<]+)', chips)
    assert words == [
        ("Days", "Last 90 days"),
        ("Status", "Succeeded"),
        ("Status", "Failed"),
        ("Merchant", "Acme"),
    ]
    assert 'href="/payments/?status=failed&merchant=acme&period=90d&columns=method"' in chips
    assert 'href="/payments/?status=succeeded&status=failed&merchant=acme&columns=method"' in chips
    assert 'href="/payments/?columns=method"' in chips, "all of them"


def test_a_filter_begins_with_the_newest_page(desk: Desk) -> None:
    made = rows.series(desk.world.owner(), desk.world.acme, 2)
    text = desk.person("acme-owner").get(f"/payments/?status=succeeded&older={made[0]}")
    assert 'class="chip-off" href="/payments/"' in text


def test_amounts_are_compared_exactly_within_one_currency(desk: Desk) -> None:
    world = desk.world
    rows.keep(
        world.owner(),
        [
            rows.payment(world.acme, reference="ten-euros", amount_minor=1000),
            rows.payment(world.acme, reference="ten-cents-more", amount_minor=1010),
            rows.payment(world.acme, reference="thousand-yen", amount_minor=1000, currency="JPY"),
        ],
    )
    owner = desk.person("acme-owner")
    euros = body(owner.get("/payments/?currency=eur&amount_from=10&amount_to=10.09"))
    yen = body(owner.get("/payments/?currency=JPY&amount_from=1000"))
    assert re.findall(r"ten-[a-z-]+", euros) == ["ten-euros"]
    assert "thousand-yen" in yen
    assert "ten-" not in yen


@pytest.mark.parametrize(
    "query,sentence",
    [
        ("amount_from=10.00", "Choose the currency of the amounts."),
        ("amount_from=10.001&currency=EUR", "EUR allows 2."),
        ("amount_from=20&amount_to=10&currency=EUR", "Exchange the two amounts."),
        ("last4=42", "is not 4 digits."),
        ("failure=bad_luck", "Choose one from the list."),
        ("period=9d", "Choose one from the list."),
        (f"reference={CARD}", "contains what looks like a full card number."),
    ],
)
def test_a_wrong_filter_is_named_and_nothing_typed_is_lost(
    desk: Desk, query: str, sentence: str
) -> None:
    text = desk.person("acme-owner").get(f"/payments/?{query}&upload=bu_kept", 400)
    assert sentence in text
    assert 'value="bu_kept"' in text
    assert "4242 4242" not in text.partition("<main")[2]


def test_the_field_that_is_wrong_says_so_itself(desk: Desk) -> None:
    text = desk.person("acme-owner").get("/payments/?last4=42", 400)
    field = text.partition('id="last4"')[2].partition(">")[0]
    assert 'aria-invalid="true"' in field
    assert 'value="42"' in field
    assert 'aria-describedby="last4-error"' in field


def test_the_address_chooses_columns_before_what_is_remembered(desk: Desk) -> None:
    rows.series(desk.world.owner(), desk.world.acme, 1)
    person = desk.person("acme-owner")
    usual = heads(person.get("/payments/"))
    assert usual == ["Made", "Payment", "Reference", "Method", "Status", "Amount"]
    answer = person.post(
        "/payments/columns?status=succeeded&columns=by",
        {**person.form("/payments/"), "columns": "refunded"},
    )
    assert (answer.status_code, answer.location) == (303, "/payments/?status=succeeded")
    kept = ["Made", "Payment", "Refunded", "Amount"]
    assert heads(person.get("/payments/")) == kept
    assert heads(person.get("/payments/?columns=method,status")) == [*usual[:2], *usual[3:]]
    assert heads(person.get("/payments/?columns=method&columns=status")) == [*usual[:2], *usual[3:]]
    assert heads(person.get("/payments/?columns=gone")) == kept
    person.post("/payments/columns", {**person.form("/payments/"), "usual": "1"})
    assert heads(person.get("/payments/")) == usual


def test_columns_are_remembered_for_one_person_and_one_list(desk: Desk) -> None:
    rows.series(desk.world.owner(), desk.world.acme, 1)
    owner, clerk = desk.person("acme-owner"), desk.person("acme-clerk")
    owner.post("/payments/columns", {**owner.form("/payments/"), "columns": "by"})
    assert "Made by" in heads(owner.get("/payments/"))
    assert "Made by" not in heads(clerk.get("/payments/"))


def test_a_merchant_cannot_ask_for_a_column_of_the_house(desk: Desk) -> None:
    rows.series(desk.world.owner(), desk.world.acme, 1)
    text = desk.person("acme-owner").get("/payments/?columns=merchant,method")
    assert "Merchant" not in heads(text)
    assert "Merchant" in heads(desk.person("operations").get("/payments/?columns=merchant"))


def test_rows_are_counted_as_far_as_it_helps(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rows.series(desk.world.owner(), desk.world.acme, 4)
    monkeypatch.setattr(keyset, "MOST_COUNTED", 3)
    owner = desk.person("acme-owner")
    assert "More than 3 rows" in owner.get("/payments/")
    assert "1 row<" in owner.get("/payments/?reference=order-1")
    owner = desk.person("globex-owner")
    rows.series(desk.world.stranger(), desk.world.globex, 3)
    assert "3 rows<" in owner.get("/payments/")


def test_the_newest_page_is_one_step_away(desk: Desk) -> None:
    made = rows.series(desk.world.owner(), desk.world.acme, 52)
    owner = desk.person("acme-owner")
    assert ">Newest<" not in owner.get("/payments/?method=card")
    text = owner.get(f"/payments/?method=card&older={made[49]}")
    assert 'href="/payments/?method=card">Newest</a>' in text
    assert f"newer={made[50]}" in text


def test_a_full_page_is_small(desk: Desk) -> None:
    rows.series(desk.world.owner(), desk.world.acme, 51)
    answer = desk.person("operations").client.get("/payments/")
    assert answer.text.count("data-pick ") == 50
    assert len(answer.data) <= 150_000


def test_an_empty_list_says_the_next_step_and_a_narrowed_one_the_way_back(desk: Desk) -> None:
    owner, clerk = desk.person("acme-owner"), desk.person("acme-clerk")
    assert "No payments yet" in owner.get("/payments/")
    assert 'href="/payments/new"' in owner.get("/payments/").partition("No payments yet")[2]
    assert 'href="/payments/new"' not in clerk.get("/payments/").partition("No payments yet")[2]
    narrowed = owner.get("/payments/?method=upi")
    assert "Nothing matches these filters" in narrowed
    assert "No payments yet" not in narrowed


def test_selected_rows_carry_exact_amounts(desk: Desk) -> None:
    world = desk.world
    rows.keep(
        world.owner(),
        [
            rows.payment(
                world.acme, amount_minor=9223372036854775807, currency="BTC", reference="big"
            )
        ],
    )
    text = body(desk.person("acme-owner").get("/payments/"))
    assert 'data-minor="9223372036854775807" data-currency="BTC" data-digits="8"' in text


def test_open_payments_that_are_ticked_are_looked_up(paying_desk: Desk) -> None:
    world, staff = paying_desk.world, paying_desk.person("operations")
    waits = flows.pay(world.owner(), world.acme, token="tok_challenge")
    ended = flows.pay(world.owner(), world.acme)
    token = staff.form("/payments/")
    answer = staff.client.post(
        "/payments/look-up?method=card", data={**token, "id": [waits, ended]}
    )
    assert (answer.status_code, answer.location) == (303, "/payments/?method=card")
    assert "about 1 payment. Look again in a moment." in staff.get("/payments/")
    staff.client.post("/payments/look-up", data={**token, "id": [ended]})
    assert "None of these payments waits" in staff.get("/payments/")
    staff.client.post("/payments/look-up", data={**token, "id": [waits] * 21})
    assert "about 1 payment" in staff.get("/payments/"), "one payment, however often"
    staff.client.post("/payments/look-up", data={**token, "id": [f"pay_{n}" for n in range(21)]})
    assert "more than 20 payments" in staff.get("/payments/")
    assert "Look up" not in paying_desk.person("acme-owner").get("/payments/")
