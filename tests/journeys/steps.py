"""What people do with money on the screens, and what the screens then say of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tests.journeys import pages
from tests.journeys.pages import money

if TYPE_CHECKING:
    from playwright.sync_api import Page

_CHARGE: Final = re.compile(r"sbx_ch_\w+")
_JOURNALS: Final = """
(panel) => [...panel.querySelectorAll(".journal-head")].map((head) => [
  head.querySelector("h3").innerText,
  [...head.nextElementSibling.querySelectorAll("tbody tr")].map(
    (row) => [...row.cells].map((cell) => cell.innerText.trim())),
])
"""


@dataclass(frozen=True)
class Journal:
    """A journal as a page shows it; `lines` are (account, debit, credit)."""

    kind: str
    lines: tuple[tuple[str, Decimal, Decimal], ...]

    @property
    def is_balanced(self) -> bool:
        debits = sum((debit for _, debit, _ in self.lines), Decimal(0))
        return debits > 0 and debits == sum((credit for *_, credit in self.lines), Decimal(0))


def ask_for_payment(page: Page, reference: str, amount: str, currency: str, **more: str) -> str:
    """Fill in the form of a new payment and send it; return the path of its page.

    `more` are further fields by their names; by card unless `method` says otherwise.
    """
    page.goto("/payments/new")
    typed = {"reference": reference, "amount": amount, "currency": currency, **more}
    chosen = {"method": typed.pop("method", "card"), "capture": typed.pop("capture", "automatic")}
    for name, value in chosen.items():
        page.locator(f"input[name={name}][value={value}]").check()
    for name, value in typed.items():
        field = page.locator(f"[name={name}]")
        if field.evaluate("(field) => field.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.get_by_role("button", name="Make the payment").click()
    page.get_by_role("heading", name=f"Payment {reference}", level=1).wait_for()
    return urlsplit(page.url).path


def charge_of(page: Page) -> str:
    """Return under which id the provider knows the newest attempt of the payment on the page."""
    found = _CHARGE.search(page.locator("#operations").inner_html())
    assert found is not None
    return found[0]


def capture(page: Page, amount: str) -> None:
    """Capture a part of the payment on the page."""
    page.get_by_role("link", name="Capture …").click()
    page.get_by_role("dialog").get_by_label("Amount").fill(amount)
    page.get_by_role("dialog").get_by_role("button", name="Continue").click()
    page.get_by_role("button", name=re.compile(rf"^Capture\s{re.escape(amount)}")).click()
    page.get_by_text("The capture has been asked for.").wait_for()


def ask_for_refund(page: Page, amount: str, reason: str) -> None:
    """Go as far as the question: what will happen if a part of the payment is refunded."""
    page.get_by_role("link", name="Refund …").click()
    page.get_by_role("dialog").get_by_label("Amount").fill(amount)
    page.get_by_role("dialog").get_by_label("Reason").fill(reason)
    page.get_by_role("dialog").get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="This will happen").wait_for()


def refund(page: Page, amount: str, reason: str) -> None:
    """Refund a part of the payment on the page."""
    ask_for_refund(page, amount, reason)
    page.get_by_role("button", name=re.compile(r"^Refund\s")).click()
    page.get_by_text("The refund has been asked for.").wait_for()


def journals(page: Page) -> list[Journal]:
    """Return the journals that stand on the page, the newest first, their lines by account."""
    found = page.locator("#ledger, #posts").first.evaluate(_JOURNALS)
    return [Journal(kind, tuple(sorted(_line(*cells) for cells in lines))) for kind, lines in found]


def _line(account: str, debit: str, credit: str) -> tuple[str, Decimal, Decimal]:
    return account, money(debit), money(credit)


def open_case(page: Page, reference: str) -> str:
    """Find the open case about a payment at the desk and open it; return its path."""
    pages.choose(page, "Desk")
    page.get_by_role("row").filter(has_text=reference).locator("a.opener").click()
    page.get_by_role("heading", name="How it ends").wait_for()
    return urlsplit(page.url).path


def propose(page: Page, ending: str, note: str, reference: str = "") -> list[Journal]:
    """Go as far as the question about how the case on the page ends; return what it would post."""
    page.get_by_label(ending).check()
    page.get_by_label("What the decision rests on").fill(note)
    if reference:
        page.get_by_label("Provider's id").fill(reference)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="What will be posted").wait_for()
    return journals(page)


def send_proposal(page: Page) -> None:
    """Propose what the question is about."""
    page.get_by_role("button", name="Propose this decision").click()
    page.get_by_text("A decision waits for a second person").wait_for()


def open_request(page: Page, text: str) -> str:
    """Find what waits for this reader's decision by a text, and open it; return its path."""
    pages.choose(page, "Approvals")
    page.get_by_role("row").filter(has_text=text).locator("a.opener").click()
    page.get_by_role("heading", name="Request").wait_for()
    return urlsplit(page.url).path


def approve(page: Page, reason: str) -> None:
    """Approve the request on the page."""
    page.get_by_role("button", name="Approve …").click()
    page.get_by_role("dialog").get_by_label("Reason").fill(reason)
    page.get_by_role("dialog").get_by_role("button", name="Approve").click()
