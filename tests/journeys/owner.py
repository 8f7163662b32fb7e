"""What the owner of a merchant does with the example file, and what is to be seen meanwhile."""

from __future__ import annotations

import csv
import io
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tests.journeys import pages
from tests.journeys.agency import ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.journeys.pages import Camera

EXAMPLE: Final = ROOT / "examples" / "payments-1000.csv"
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
    camera.shoot(page, "home")
    pages.upload(page, EXAMPLE)
    camera.shoot(page, "upload-check")
    upload = _path(page)
    checked, rejected = pages.facts(page), pages.table(page, "What is wrong")
    error_file = _download(page)
    pages.press(page, "Confirm …")
    page.get_by_role("dialog").get_by_role("button", name="Confirm and charge").click()
    progress = _watch(page, camera)
    counts = {word: int(pages.money(count)) for word, count in pages.table(page, "Number")}
    finished = pages.text_of(page)
    camera.shoot(page, "upload-done")
    page.get_by_role("link", name="Payments of this file").click()
    camera.shoot(page, "payments")
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
            camera.shoot(page, "upload-progress")
        page.wait_for_timeout(LOOK_MS)
    page.wait_for_load_state()
    return seen
