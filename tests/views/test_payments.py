"""The payments' screens: list, form, page, refund and look-up, for each kind of reader."""

from __future__ import annotations

import json
import re
import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from app import extensions
from app.adapters import clock
from app.errors import DatabaseBusyError
from app.models import Operation
from app.services import execute
from app.views import fee_words
from tests.fixtures.application import NOW
from tests.queries import rows
from tests.services import flows
from tests.services.bulk import files
from tests.views.paying import FORM, made, pay

if TYPE_CHECKING:
    from tests.views.desk import Desk

pytest_plugins = ["tests.views.desk"]


def test_the_list_shows_exact_amounts_and_leads_to_the_page(desk: Desk) -> None:
    (public_id,) = rows.series(desk.world.owner(), desk.world.acme, 1, amount_minor=123456789)
    text = desk.person("acme-owner").get("/payments/")
    assert "1,234,567.89" in text
    assert f"/payments/{public_id}" in text
    assert "1 Mar 2026, 17:30" in text, "Kolkata"
    assert "2026-03-01 12:00:00.000000 UTC" in text


def test_the_pager_keeps_the_filters(desk: Desk) -> None:
    ids = rows.series(desk.world.owner(), desk.world.acme, 51)
    person = desk.person("acme-owner")
    first = person.get("/payments/?status=succeeded&reference=order-*")
    older = f"/payments/?status=succeeded&reference=order-%2A&older={ids[49]}"
    assert older in first
    second = person.get(older)
    assert ids[50] in second
    assert ids[49] not in second.partition("<tbody>")[2].partition("</tbody>")[0]


@pytest.mark.parametrize(
    "query",
    [
        "from=tomorrow",
        "from=2026-02-02&to=2026-02-01",
        "status=lost",
        "method=barter",
        "to=9999-12-31",
    ],
)
def test_a_filter_without_sense_is_named(desk: Desk, query: str) -> None:
    text = desk.person("acme-owner").get(f"/payments/?{query}", 400)
    assert 'class="callout callout-danger"' in text


def test_days_are_those_of_the_merchant(desk: Desk) -> None:
    late = NOW.replace(hour=20)  # the 2nd in Kolkata
    rows.keep(desk.world.owner(), [rows.payment(desk.world.acme, late, reference="late")])
    owner, staff = desk.person("acme-owner"), desk.person("operations")
    assert "late" in owner.get("/payments/?from=2026-03-02&to=2026-03-02")
    assert "Nothing matches these filters" in staff.get("/payments/?from=2026-03-02&to=2026-03-02")


def test_a_merchant_sees_a_conflict_as_a_review(desk: Desk) -> None:
    rows.series(desk.world.owner(), desk.world.acme, 1, status="conflicted")
    owner, staff = desk.person("acme-owner"), desk.person("operations")
    assert "Conflicted" not in owner.get("/payments/?status=in_review").partition("<tbody>")[2]
    assert "order-0" in owner.get("/payments/?status=in_review")
    assert "Nothing matches these filters" in staff.get("/payments/?status=in_review")
    owner.get("/payments/?status=conflicted", 400)


def test_staff_find_a_merchant_by_the_beginning_of_its_name(desk: Desk) -> None:
    person = desk.person("operations")
    assert person.client.get("/payments/merchants?q=Ac").json == [{"key": "acme", "name": "Acme"}]
    assert person.client.get("/payments/merchants?q=").json == []
    desk.person("acme-owner").get("/payments/merchants?q=Gl", 403)


def test_the_form_makes_one_payment(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    text = person.get(pay(person))
    assert "60.00\xa0EUR, reference order-17: Succeeded." in text
    assert "2.50% of 60.00\xa0EUR" in text
    assert "Fixed part" in text


def test_a_form_sent_twice_pays_once(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    hidden = person.form("/payments/new")
    first = pay(person, **hidden)
    assert pay(person, **hidden) == first
    assert made(paying_desk) == ["order-17"]
    assert "had been sent before" in person.get(first)


def test_a_double_click_pays_once(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    hidden = person.form("/payments/new")
    landed: list[str] = []
    cookies = person.client.get_cookie("session")
    assert cookies is not None

    def send() -> None:
        client = paying_desk.app.test_client()
        client.set_cookie("session", cookies.value)
        landed.append(client.post("/payments/new", data={**FORM, **hidden}).location)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(landed)) == 1
    assert made(paying_desk) == ["order-17"]


def test_the_same_form_with_other_values_is_refused(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    hidden = person.form("/payments/new")
    pay(person, **hidden)
    answer = person.post("/payments/new", {**FORM, **hidden, "amount": "61.00"})
    assert answer.status_code == 422
    assert "sent before with other values" in answer.text
    assert made(paying_desk) == ["order-17"]


@pytest.mark.parametrize("key", ["", "made-up", "WyJwYXltZW50Il0.c2lnbmVk"])
def test_a_form_key_must_be_ours(desk: Desk, key: str) -> None:
    person = desk.person("acme-owner")
    answer = person.post("/payments/new", {**FORM, **person.form("/payments/new"), "form_key": key})
    assert answer.status_code == 422
    assert "Nothing was done" in answer.text
    assert made(desk) == []


def test_a_form_key_of_another_user_or_day_is_refused(desk: Desk) -> None:
    owner, stranger = desk.person("acme-owner"), desk.person("globex-owner")
    foreign = stranger.form("/payments/new")["form_key"]
    with clock.at(clock.now() - timedelta(hours=25)):
        old = owner.form("/payments/new")["form_key"]
    for key in (foreign, old):
        fields = {**FORM, **owner.form("/payments/new"), "form_key": key}
        assert owner.post("/payments/new", fields).status_code == 422
    assert made(desk) == []


@pytest.mark.parametrize(
    "name,value",
    [
        ("amount", "60.001"),
        ("amount", "-1"),
        ("amount", "0"),
        ("amount", "1,000.00"),
        ("amount", "9" * 30),
        ("currency", "XXX"),
        ("reference", "x" * 65),
        ("customer_email", "nobody"),
        ("capture", "never"),
    ],
)
def test_a_bad_field_is_named_and_nothing_is_made(desk: Desk, name: str, value: str) -> None:
    person = desk.person("acme-owner")
    answer = person.post("/payments/new", {**FORM, **person.form("/payments/new"), name: value})
    assert answer.status_code == 422
    assert made(desk) == []
    if name != "capture":
        assert f'id="{name}-error"' in answer.text
        assert f'<a href="#{name}">' in answer.text


@pytest.mark.parametrize("name", ["card_token", "reference", "description"])
def test_a_card_number_is_refused_and_not_shown_again(desk: Desk, name: str) -> None:
    person = desk.person("acme-owner")
    number = "4242 4242 4242 4242"
    answer = person.post("/payments/new", {**FORM, **person.form("/payments/new"), name: number})
    assert answer.status_code == 422
    assert number not in answer.text
    assert made(desk) == []


def test_a_declined_payment_says_why_and_who_can_act(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    text = person.get(pay(person, card_token="tok_insufficient"))
    assert "Failed" in text
    explained = text.partition("Who can act</dt>")[2].partition("</dd>")[0]
    assert explained.strip() == "<dd>the payer"
    assert "The same payment may succeed later." in text
    assert "insufficient_funds" in text


def test_money_is_followed_from_the_page_to_the_ledger(paying_desk: Desk) -> None:
    owner, staff = paying_desk.person("acme-owner"), paying_desk.person("operations")
    page = pay(owner)
    seen = staff.get(page)
    assert "/ledger/journals/jr_" in seen
    assert ":receivable" in seen
    own = owner.get(page)
    assert "58.50" in own
    assert "receivable" not in own
    assert "jr_" not in own
    assert "Calls to the provider" in seen
    assert "Calls to the provider" not in own
    assert "tok_approve" not in seen


def test_a_clerk_reads_but_neither_pays_nor_refunds(paying_desk: Desk) -> None:
    clerk = paying_desk.person("acme-clerk")
    page = pay(paying_desk.person("acme-owner"))
    text = clerk.get(page)
    assert "Ledger" not in text.partition("<h1>")[2]
    assert 'name="reason"' not in text
    clerk.get("/payments/new", 403)
    token = clerk.csrf()
    assert clerk.post("/payments/new", {**FORM, **token}).status_code == 403
    assert (
        clerk.post(f"{page}/refund", {"amount": "1.00", "reason": "x", **token}).status_code == 403
    )


def test_a_stranger_finds_nothing(desk: Desk) -> None:
    (own,) = rows.series(desk.world.owner(), desk.world.acme, 1, reference="canary-1")
    stranger = desk.person("globex-owner")
    assert "canary-1" not in stranger.get("/payments/")
    token = stranger.csrf()
    stranger.get(f"/payments/{own}", 404)
    stranger.get(f"/payments/?older={own}", 404)
    fields = {"amount": "1.00", "reason": "mine", **token}
    assert stranger.post(f"/payments/{own}/refund", fields).status_code == 404


def test_the_other_book_is_empty(desk: Desk) -> None:
    (own,) = rows.series(desk.world.owner(), desk.world.acme, 1)
    person = desk.person("acme-owner")
    with person.client.session_transaction() as cookie:
        cookie["livemode"] = True
    person.get(f"/payments/{own}", 404)
    assert "tok_approve" not in person.get("/payments/new")


def test_posting_needs_the_token_and_reading_needs_a_sign_in(desk: Desk) -> None:
    (own,) = rows.series(desk.world.owner(), desk.world.acme, 1)
    person = desk.person("acme-owner")
    for address in ("/payments/new", f"/payments/{own}/refund", f"/payments/{own}/look-up"):
        assert person.post(address, FORM).status_code == 400
    answer = desk.nobody().client.get("/payments/")
    assert (answer.status_code, answer.location.partition("?")[0]) == (302, "/login/")


def test_a_capability_that_is_missing_is_said(desk: Desk) -> None:
    person = desk.person("acme-owner")
    answer = person.post(
        "/payments/new", {**FORM, **person.form("/payments/new"), "currency": "JPY"}
    )
    assert answer.status_code == 422, "60.00 has too many decimals for yen"
    with person.client.session_transaction() as cookie:
        cookie["livemode"] = True
    answer = person.post("/payments/new", {**FORM, **person.form("/payments/new")})
    assert answer.status_code == 503
    assert "No provider takes Card payments in the live book yet" in answer.text


def test_a_payment_whose_first_try_fails_here_is_left_to_a_worker(desk: Desk) -> None:
    person = desk.person("acme-owner")
    text = person.get(pay(person))
    assert "Processing" in text, "nothing listens where the connector account points"
    assert flows.read(desk.world.owner(), made_id(text)).status == "processing"


def made_id(text: str) -> str:
    """Return the id in the facts of a payment's page."""
    return text.partition('class="id whole">')[2].partition("<")[0]


@pytest.mark.parametrize("name", ["acme-owner", "operations"])
def test_a_page_of_the_list_takes_few_statements(desk: Desk, name: str) -> None:
    rows.series(desk.world.owner(), desk.world.acme, 60)
    person = desk.person(name)
    person.get("/payments/")
    seen: list[str] = []

    def note(*facts: object) -> None:
        seen.append(str(facts[2]))

    with desk.app.app_context():
        engine = extensions.db.engine
    event.listen(engine, "before_cursor_execute", note)
    person.get("/payments/?columns=method")
    person.get("/payments/?status=succeeded&merchant=Ac")
    event.remove(engine, "before_cursor_execute", note)
    assert 0 < len(seen) <= 2 * 8, seen
    assert not [text for text in seen if "OFFSET" in text]
    counts = [text for text in seen if "count(" in text.lower()]
    assert len(counts) == len([text for text in counts if "LIMIT" in text]) == 2


def test_a_busy_database_after_the_intent_leaves_the_rest_to_a_worker(
    paying_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_arguments: object, **_names: object) -> None:
        raise DatabaseBusyError("The database is busy.")

    person = paying_desk.person("acme-owner")
    monkeypatch.setattr(execute, "run_now", busy)
    page = pay(person)
    assert "Processing" in person.get(page)
    assert page.rpartition("/")[2] in paying_desk.person("operations").get("/jobs/?state=waiting")


def test_a_card_that_is_only_reserved_has_no_fee_and_nothing_to_refund(paying_desk: Desk) -> None:
    person = paying_desk.person("acme-owner")
    text = person.get(pay(person, capture="manual"))
    assert "Authorized" in text
    assert "Why this fee" not in text
    assert "Still refundable" not in text
    assert 'data-opens="refund"' not in text


def test_a_payment_of_a_file_leads_back_to_its_line(paying_desk: Desk) -> None:
    world = paying_desk.world
    upload = files.finished(world.owner(), files.cards(2))
    (row, _) = files.payments(world.owner())
    owner, finance = paying_desk.person("acme-owner"), paying_desk.person("finance")
    for person in (owner, finance):
        text = person.get(f"/payments/{row.public_id}")
        assert f'<a href="/uploads/{upload.public_id}">File payments.csv, line ' in text
        assert "Payment asked for by the file payments.csv, confirmed by acme-owner" in text
    assert f"/audit/?object={row.public_id}" in owner.get(f"/payments/{row.public_id}")
    assert "/audit/?object=" not in finance.get(f"/payments/{row.public_id}")


def test_calls_are_folded_into_the_story_and_led_to_from_their_list(paying_desk: Desk) -> None:
    owner, staff = paying_desk.person("acme-owner"), paying_desk.person("operations")
    text = staff.get(pay(owner))
    call = re.search(r'href="#(call-\d+)"', text)
    assert call
    assert f'<summary id="{call[1]}">' in text
    assert "POST /v1/charges" in text
    assert "through " in text


@pytest.mark.parametrize(
    "kept,lines",
    [
        ({"percent_bps": 250, "rule_fixed_minor": 30}, ["2.50% of", "Fixed part", "Fee"]),
        ({"percent_bps": 0, "rule_fixed_minor": 31}, ["0.00% of", "Fixed", "Lowered", "Fee"]),
        ({}, ["Share of", "Fixed part", "Fee"]),
    ],
)
def test_a_fee_of_the_time_before_price_lists_is_explained_too(
    desk: Desk, kept: dict[str, int], lines: list[str]
) -> None:
    parts = {"percent_minor": 5, "fixed_minor": 30, "total_minor": 35, "currency": "EUR", **kept}
    asked = [
        Operation(amount_minor=200, fee_breakdown=json.dumps(parts)),
        Operation(amount_minor=200, fee_breakdown=None),
    ]
    with desk.app.test_request_context():
        (fee,) = fee_words.of_operations(asked)
        found = fee.lines()
    assert (fee.gross_minor, fee.total_minor, fee.tax_minor) == (200, 35, 0)
    assert [line.words[: len(words)] for line, words in zip(found, lines, strict=True)] == lines
    assert sum(line.amount_minor for line in found if not line.is_sum) == fee.total_minor
