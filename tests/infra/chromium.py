"""Chromium, driven by Playwright; pages report what went wrong in them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

EXECUTABLE: Final = os.environ.get("CHROMIUM", "/usr/bin/chromium")
ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-sync",
)


@contextmanager
def browser() -> Iterator[Browser]:
    """Yield one running browser; it ends with the block."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=EXECUTABLE, args=list(ARGUMENTS), headless=True
        )
        try:
            yield running
        finally:
            running.close()


@dataclass
class Visit:
    """One page in a context of its own (own cookies) and what it complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)


@contextmanager
def visit(
    running: Browser, origin: str, *, width: int = 1280, height: int = 900
) -> Iterator[Visit]:
    """Yield a page at `origin`; errors of scripts and requests to other origins are kept."""
    context = running.new_context(
        base_url=origin, viewport={"width": width, "height": height}, locale="en-GB"
    )
    context.set_default_timeout(15_000)
    seen = Visit(context.new_page())

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            seen.complaints.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((origin, "data:", "blob:", "about:")):
            seen.foreign.append(request.url)

    seen.page.on("console", said)
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("request", asked)
    try:
        yield seen
    finally:
        context.close()
