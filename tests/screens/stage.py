"""Something of everything for the pages to show, made by the screens' own forms."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from playwright.sync_api import FilePayload

if TYPE_CHECKING:
    from playwright.sync_api import APIResponse, Page

HEADER: Final = "reference,amount,currency,method,card_token,capture,customer_email,description\n"
ROWS: Final = (
    "STAGE-1,10.50,EUR,card,tok_approve,automatic,asha.rao@example.com,Repair\n"
    "STAGE-2,20.00,EUR,card,tok_approve,manual,ben.fischer@example.com,Monthly plan\n"
    "STAGE-3,30.00,INR,card,tok_decline,automatic,grace.kim@example.com,Sample box\n"
    "STAGE-4,40.00,USD,card,tok_challenge,automatic,hugo.martin@example.com,Workshop seat\n"
)
BAD: Final = (
    "STAGE-9,10.505,EUR,card,tok_approve,automatic,nobody,Repair\n"
    "STAGE-9,1e3,EURO,upi,,sometimes,,A description that is rather long, as they are\n"
)
PATIENCE_SECONDS: Final = 60
_HIDDEN: Final = re.compile(r'name="(csrf_token|form_key)"[^>]*value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Stage:
    """Addresses of what has been made."""

    done: str
    ready: str
    refused: str
    payment: str

    @property
    def addresses(self) -> tuple[str, ...]:
        return (self.done, self.ready, self.refused, self.payment)


def furnish(page: Page) -> Stage:
    """Upload a file that is charged, one with errors, and one without rows; make a payment."""
    stamp = f"{time.monotonic_ns()}"
    done = _upload(page, HEADER + ROWS.replace("STAGE", stamp))
    _wait_for(page, done, "/confirm")
    _post(page, f"{done}/confirm", done)
    ready = _upload(page, HEADER + ROWS.replace("STAGE", f"{stamp}-b") + BAD)
    refused = _upload(page, HEADER)
    _wait_for(page, ready, "/confirm")
    _wait_for(page, refused, "", busy="data-progress")
    _wait_for(page, done, "", busy="data-progress")
    payment = _pay(page, f"{stamp}-c")
    return Stage(done, ready, refused, payment)


def _post(page: Page, address: str, form_at: str, **fields: str) -> APIResponse:
    """Send a form of the page at `form_at`, with its hidden fields."""
    hidden = dict(_HIDDEN.findall(page.request.get(form_at).text()))
    answer = page.request.post(address, form={**hidden, **fields})
    assert answer.ok, answer.text()
    return answer


def _upload(page: Page, text: str) -> str:
    hidden = dict(_HIDDEN.findall(page.request.get("/uploads/new").text()))
    file = FilePayload(name="stage.csv", mimeType="text/csv", buffer=text.encode())
    answer = page.request.post("/uploads/new", multipart={**hidden, "file": file})
    assert answer.ok, answer.text()
    return urlsplit(answer.url).path


def _pay(page: Page, reference: str) -> str:
    answer = _post(
        page,
        "/payments/new",
        "/payments/new",
        amount="12.34",
        currency="EUR",
        reference=reference,
        card_token="tok_approve",
        capture="automatic",
        customer_name="Asha Rao",
        customer_email="asha.rao@example.com",
        description="Repair of a very long thing",
    )
    path = urlsplit(answer.url).path
    assert path.startswith("/payments/pay_"), answer.text()
    return path


def _wait_for(page: Page, address: str, wanted: str, *, busy: str = "") -> None:
    """Ask for the page until it holds what is wanted and no sign of being busy."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        text = page.request.get(address).text()
        if wanted in text and not (busy and busy in text):
            return
        assert time.monotonic() < end, f"{address} has no {wanted or 'end'}"
        page.wait_for_timeout(100)
