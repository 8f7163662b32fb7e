"""The first day with the demo: a merchant's file, the house, strangers, a clerk, an auditor.

Everything is started for real; the order of the journeys does not matter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

from tests.journeys import pages
from tests.journeys.owner import CHARGED_ROWS, OPENED
from tests.journeys.pages import PHONE_WIDTH, money

if TYPE_CHECKING:
    from decimal import Decimal
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.journeys.conftest import Visiting
    from tests.journeys.owner import FileOfPayments

# One worker runs them all: they share what is started for them, which takes its time.
pytestmark = [pytest.mark.xdist_group("journeys"), pytest.mark.timeout(600)]

REFUNDED: Final = "ACME-2026-00003"
REASON: Final = "The curtains were too short"
PLANTED: Final = (
    ("18", "amount", "grouping mark"),
    ("59", "amount", "is zero"),
    ("105", "amount", "is negative"),
    ("152", "amount", "EUR allows 2"),
    ("200", "amount", "JPY allows 0"),
    ("247", "amount", "larger than any amount"),
    ("291", "amount", "is empty"),
    ("339", "amount", "exponent"),
    ("378", "currency", "EURO is no known currency"),
    ("426", "currency", "is empty"),
    ("464", "method", "is none of"),
    ("513", "method", "is none of"),
    ("556", "card_token", "is empty"),
    ("605", "card_token", "looks like a full card number"),
    ("649", "customer_email", "no e-mail address"),
    ("698", "reference", "is empty"),
    ("744", "reference", "stands on line 701"),
    ("791", "reference", "longer than 64"),
    ("847", "capture", "neither automatic nor manual"),
    ("932", "description", "control character"),
)


def test_the_owner_sees_every_planted_error_before_anything_is_charged(
    example: FileOfPayments,
) -> None:
    assert example.checked["Rows in the file"] == "1,000"
    assert example.checked["New payments"] == "980"
    assert example.checked["Total JPY"] == "1,142,970 JPY"
    shown = [(line, *told) for lines, *told in example.rejected for line in lines.split(", ")]
    assert len(shown) == len(PLANTED)
    for line, column, reason in PLANTED:
        (told,) = [told for at, name, told in shown if (at, name) == (line, column)]
        assert reason in told


def test_the_error_file_names_each_bad_cell_beside_the_merchants_own_columns(
    example: FileOfPayments,
) -> None:
    header, *lines = example.error_file
    assert header[:4] == ["reference", "amount", "currency", "method"]
    assert header[-4:] == ["line", "column", "code", "message"]
    assert [tuple(line[-4:-2]) for line in lines] == [(line, at) for line, at, _ in PLANTED]
    assert "4242 4242" not in str(lines)


def test_the_owner_watches_the_progress_until_every_payment_has_an_outcome(
    example: FileOfPayments,
) -> None:
    rejected = sum(int(line) <= 1 + CHARGED_ROWS for line, _, _ in PLANTED)
    loaded = CHARGED_ROWS - rejected
    assert len(set(example.progress)) >= 2
    assert f"{loaded} of {loaded} rows loaded" in example.progress[-1]
    assert sum(example.counts.values()) == loaded
    assert set(example.counts) == {"Authorized", "Failed", "Payer must act", "Succeeded"}
    assert f"{loaded} rows became payments." in example.finished
    assert f"{rejected} rows were rejected by the check and not loaded." in example.finished
    assert example.opened["Reference"] == OPENED
    assert example.opened["Captured"] == "427.49 USD"


def test_operations_follows_an_amount_to_the_balance_that_includes_it(
    visiting: Visiting, example: FileOfPayments
) -> None:
    with visiting("operations") as page:
        pages.find_payment(page, OPENED)
        assert page.url.endswith(example.payment)
        assert re.search(r"ending \d{4}", pages.facts(page)["Attempt 1"])
        (purchase,) = pages.table(page, "At the provider")
        assert purchase[1].startswith("Purchase")
        assert purchase[2].startswith("Succeeded")
        _reads_the_masked_call(page)
        pending = page.locator("#ledger tbody tr", has=page.locator("a[title$=':pending']")).first
        credit = pending.locator("td").nth(2).inner_text()
        pending.get_by_role("link").click()
        page.get_by_role("columnheader", name="Balance").wait_for()
        _balance_includes(page, example.payment, money(credit))


def _reads_the_masked_call(page: Page) -> None:
    page.locator("summary").filter(has_text="/v1/charges").click()
    told = page.locator("details.call[open] pre").all_inner_texts()
    assert '"amount_minor": 42749' in told[0]
    assert '"status": "succeeded"' in told[1]
    assert '"token": "[removed]"' in told[0]
    assert not re.search(r"tok_|sk_sandbox|\d{12}", page.content())


def _balance_includes(page: Page, payment: str, credit: Decimal) -> None:
    """Page back to the payment's line; the balance there is the one before it and the amount."""
    line = page.locator(f"tbody tr:has(a[href='{payment}'])")
    while not line.count():
        _older(page)
    balance = money(line.locator("td").last.inner_text())
    before = line.locator("xpath=following-sibling::tr[1]")
    if not before.count():
        _older(page)
        before = page.locator("tbody tr").first
    assert credit > 0
    assert balance == money(before.locator("td").last.inner_text()) + credit


def _older(page: Page) -> None:
    page.get_by_role("link", name="Older").click()
    page.wait_for_load_state()


def test_operations_refunds_a_part_and_sees_the_hold_and_its_end(
    visiting: Visiting, example: FileOfPayments
) -> None:
    assert example.counts["Succeeded"]
    with visiting("operations") as page:
        pages.find_payment(page, REFUNDED)
        page.get_by_role("link", name="Refund …").click()
        page.get_by_label("Amount in EUR").fill("100.00")
        page.get_by_label("Reason").fill(REASON)
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("heading", name="This will happen").wait_for()
        assert REASON in pages.text_of(page)
        page.get_by_role("button", name=re.compile(r"^Refund\s100\.00\sEUR$")).click()
        page.get_by_text("The refund has been asked for.").wait_for()
        assert "Partly refunded" in page.locator(".headline").inner_text()
        assert pages.facts(page)["Refunded"] == "100.00 EUR"
        newest = pages.table(page, "At the provider")[0]
        assert newest[1].startswith(f"Refund\n{REASON}")
        assert newest[2].startswith("Succeeded")
        assert page.locator("#ledger h3").all_inner_texts() == [
            "Refund succeeded",
            "Refund asked",
            "Capture",
        ]
        page.get_by_role("link", name="Refund …").click()
        assert page.get_by_label("Amount in EUR").input_value() == "255.12"


def test_the_owner_of_another_merchant_sees_nothing_of_it(
    visiting: Visiting, example: FileOfPayments
) -> None:
    traces = ("ACME", "acme", "Acme", example.upload, example.payment, example.account)
    with visiting("globex-owner") as page:
        for label in ("Payments", "Refunds", "Uploads", "Ledger", "Audit trail"):
            pages.choose(page, label)
            assert not [trace for trace in traces if trace in page.content()], label
        pages.choose(page, "Payments")
        pages.narrow(page, "Reference", "ACME-*")
        page.get_by_text("Nothing matches these filters").wait_for()
        pages.choose(page, "Uploads")
        page.get_by_text("No file has been uploaded yet").wait_for()
        for address in _addresses(example):
            assert page.request.get(address).status == 404, address


def _addresses(example: FileOfPayments) -> tuple[str, ...]:
    return (
        example.payment,
        example.account,
        example.upload,
        f"{example.upload}/progress",
        f"{example.upload}/errors.csv",
    )


def test_the_owner_of_the_file_does_reach_those_addresses(
    visiting: Visiting, example: FileOfPayments
) -> None:
    with visiting("acme-owner") as page:
        for address in _addresses(example):
            assert page.request.get(address).status == 200, address


def test_a_clerk_may_upload_and_check_but_not_confirm(visiting: Visiting, tmp_path: Path) -> None:
    file = tmp_path / "clerk.csv"
    file.write_text(
        "reference,amount,currency,method,card_token\n"
        "CLERK-1,10.50,EUR,card,tok_approve\n"
        "CLERK-2,10.505,EUR,card,tok_approve\n"
    )
    with visiting("acme-clerk") as page:
        pages.upload(page, file)
        assert pages.facts(page)["New payments"] == "1"
        assert pages.table(page, "What is wrong")[0][:2] == ["3", "amount"]
        page.get_by_text("Somebody who may confirm uploads can start its payments.").wait_for()
        assert page.get_by_role("button", name="Confirm and charge").count() == 0
        token = page.locator("[name=csrf_token]").first.get_attribute("value") or ""
        tried = page.request.post(f"{page.url}/confirm", form={"csrf_token": token})
        assert tried.status == 403
        page.reload()
        assert "Ready to confirm" in pages.text_of(page)


def test_the_auditor_sees_every_list_and_can_change_nothing(
    visiting: Visiting, example: FileOfPayments
) -> None:
    with visiting("auditor") as page:
        addresses = pages.menu_addresses(page)
        assert len(addresses) >= 13
        for address in (*addresses, example.payment, example.upload, example.account):
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200, address
            assert pages.money_forms(page).count() == 0, address
            assert page.locator("a[href$='/new'], a[href*='/add']").count() == 0, address
        page.goto(example.payment)
        assert OPENED in pages.text_of(page)


def test_the_live_book_is_empty_and_the_test_book_is_there_again(
    visiting: Visiting, example: FileOfPayments
) -> None:
    with visiting("acme-owner") as page:
        _open_the_book(page, "live")
        page.get_by_text("The live book is open now.").wait_for()
        for label, empty in (
            ("Payments", "No payments yet"),
            ("Uploads", "No file has been uploaded yet"),
            ("Ledger", "No account yet"),
        ):
            pages.choose(page, label)
            page.get_by_text(empty).wait_for()
        assert page.request.get(example.payment).status == 404
        _open_the_book(page, "test")
        page.get_by_text("The test book is open now.").wait_for()
        pages.find_payment(page, OPENED)


def _open_the_book(page: Page, book: str) -> None:
    page.get_by_role("button", name=f"Open the {book} book").click()


def test_nothing_scrolls_sideways_on_a_phone(visiting: Visiting, example: FileOfPayments) -> None:
    with visiting("acme-owner", width=PHONE_WIDTH) as page:
        pages.find_payment(page, OPENED)
        widths = {}
        for address in (
            "/",
            "/payments/",
            "/uploads/",
            "/uploads/new",
            "/audit/",
            *_addresses(example)[:3],
        ):
            page.goto(address)
            widths[address] = pages.shown_width(page)
        assert {at: width for at, width in widths.items() if width > PHONE_WIDTH} == {}


def test_home_draws_its_figures_and_tells_the_same_as_a_table(
    visiting: Visiting, example: FileOfPayments
) -> None:
    assert example.counts
    with visiting("acme-owner") as page:
        pages.go_home(page)
        page.get_by_text("The same as a table").first.click()
        _, _, count, amount = pages.table(page, "Day")[0]
        assert money(amount) > 0
        page.locator("#volume tbody a").first.click()
        page.get_by_role("heading", name="Payments", level=1).wait_for()
        assert "from=" in page.url
        assert page.locator(".list-count").inner_text() == f"{count} rows"
