"""Chromium, driven by Playwright; pages report what went wrong in them."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

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
Theme = Literal["light", "dark"]
# Heard from the first byte of each document on: a page that has been left tells nothing any more.
_TELL_VIOLATIONS: Final = """
addEventListener("securitypolicyviolation", (violation) => tellViolation(
  `${violation.effectiveDirective} refused ${violation.blockedURI} ${violation.sample}`
  + ` at ${violation.sourceFile}:${violation.lineNumber} on ${violation.documentURI}`));
"""


_running: list[Browser] = []


@contextmanager
def browser() -> Iterator[Browser]:
    """Yield one running browser, which ends with the outermost block.

    Playwright drives one browser a process: a block within another gets the same one.
    """
    if _running:
        yield _running[0]
        return
    with sync_playwright() as playwright:
        _running.append(
            playwright.chromium.launch(
                executable_path=EXECUTABLE, args=list(ARGUMENTS), headless=True
            )
        )
        try:
            yield _running[0]
        finally:
            _running.pop().close()


@dataclass
class Visit:
    """One page in a context of its own (own cookies) and what it complained about.

    `complaints` are what scripts and the console said, `foreign` what was asked of other hosts,
    `violations` what the page's own Content-Security-Policy refused.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)


@contextmanager
def visit(
    running: Browser,
    origin: str,
    *,
    width: int = 1280,
    height: int = 900,
    locale: str = "en-GB",
    theme: Theme = "light",
) -> Iterator[Visit]:
    """Yield a page at `origin` and note what goes wrong in it; nothing moves by itself."""
    context = running.new_context(
        base_url=origin,
        viewport={"width": width, "height": height},
        locale=locale,
        color_scheme=theme,
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    seen = Visit(context.new_page())

    def said(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            seen.complaints.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((f"{origin}/", "data:", "blob:", "about:")):
            seen.foreign.append(request.url)

    context.expose_binding("tellViolation", lambda _, told: seen.violations.append(told))
    context.add_init_script(_TELL_VIOLATIONS)
    seen.page.on("console", said)
    seen.page.on("pageerror", lambda error: seen.complaints.append(str(error)))
    seen.page.on("request", asked)
    try:
        yield seen
    finally:
        context.close()
