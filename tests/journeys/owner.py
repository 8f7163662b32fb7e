"""What the owner of a merchant does with the example file, and what is to be seen meanwhile.

The whole of it is checked. With SCALE=full the whole of it is charged too; else that upload is
canceled, which leaves its references free, and the beginning of the file is charged: it has
payments of every outcome, and a worker is done with it in seconds.
"""

from __future__ import annotations

import csv
import io
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from playwright.sync_api import FilePayload

from tests.conftest import SCALE
from tests.journeys import pages
from tests.journeys.agency import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.camera import Camera

EXAMPLE: Final = ROOT / "examples" / "payments-1000.csv"
ROWS: Final = 1_000
CHARGED_ROWS: Final = ROWS if SCALE == "full" else 124
OPENED: Final = "ACME-2026-00001"
PATIENCE_SECONDS: Final = 400
LOOK_MS: Final = 200


@dataclass(frozen=True)
class FileOfPayments:
    """The owner's notes; addresses are paths."""

    upload: str
    payment: str
    account: str
    checked: dict[str, str]
    rejected: list[list[str]]
    error_file: list[list[str]]
    progress: list[str]
    counts: dict[str, int]
    finished: str
    opened: dict[str, str]


def process_the_example(page: Page, camera: Camera) -> FileOfPayments:
    """Upload it, look at the check, confirm, watch until the end, open one payment."""
    pages.go_home(page)
    pages.upload(page, EXAMPLE)
    checked, rejected = pages.facts(page), pages.table(page, "What is wrong")
    error_file = _download(page)
    if CHARGED_ROWS < ROWS:
        _cancel(page)
        pages.upload(page, _beginning())
    upload = _path(page)
    pages.press(page, "Confirm …")
    page.get_by_role("dialog").get_by_role("button", name="Confirm and charge").click()
    progress = _watch(page, camera)
    counts = {word: int(pages.money(count)) for word, count in pages.table(page, "Number")}
    finished = pages.text_of(page)
    pages.find_payment(page, OPENED)
    payment, opened = _path(page), pages.facts(page)
    page.get_by_role("link", name="Pending").first.click()
    page.get_by_role("columnheader", name="Balance").wait_for()
    account = _path(page)
    return FileOfPayments(
        upload,
        payment,
        account,
        checked,
        rejected,
        error_file,
        progress,
        counts,
        finished,
        opened,
    )


def _path(page: Page) -> str:
    return urlsplit(page.url).path


def _beginning() -> FilePayload:
    lines = EXAMPLE.read_bytes().splitlines(keepends=True)
    text = b"".join(lines[: 1 + CHARGED_ROWS])
    return FilePayload(name="payments.csv", mimeType="text/csv", buffer=text)


def _cancel(page: Page) -> None:
    pages.press(page, "Cancel …")
    page.get_by_role("dialog").get_by_role("button", name="Cancel this upload").click()
    page.locator(".side").get_by_text("Canceled").wait_for()


def _download(page: Page) -> list[list[str]]:
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download the error file").click()
    text = Path(coming.value.path()).read_text(encoding="utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def _watch(page: Page, camera: Camera) -> list[str]:
    """Note each line of progress that differs from the one before, until there is no next."""
    seen: list[str] = []
    end = time.monotonic() + PATIENCE_SECONDS
    while not page.locator("#progress:not([data-progress])").count():
        assert time.monotonic() < end, f"not finished: {seen[-1:]}"
        line = page.locator("#progress").inner_text().replace("\n", " ").replace("\t", " ")
        if [line] != seen[-1:]:
            seen.append(line)
        if len(seen) == 3:
            camera.shoot(page, "acme-owner:upload-progress", "A file whose payments are made")
        page.wait_for_timeout(LOOK_MS)
    page.wait_for_load_state()
    return seen
