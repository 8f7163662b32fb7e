"""Looks at the page that is open, at what opens in it, and at its forms when they are refused."""

from __future__ import annotations

import re
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import Page

    from tests.infra.chromium import Theme, Visit
    from tests.screens.axe import Axe

PROBE: Final = Path(__file__).with_name("probe.js").read_text(encoding="utf-8")
IDS: Final = re.compile(r"\b[a-z]{2,4}_[0-9a-z]{20,}\b|(?<=/)\d+(?=/|$)")
_HEIGHTS: Final = {1280: 900, 390: 844}
_DRAWN: Final = """
() => [...document.querySelectorAll("[data-figure]")].every(
  (place) => place.getBoundingClientRect().top > innerHeight
    || place.querySelector("svg") || place.getAttribute("role") === "group")
"""
_SETTLED: Final = """
() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))
"""
_FITS: Final = "() => document.documentElement.scrollWidth <= document.documentElement.clientWidth"
_CLOSES_BY_ESCAPE: Final = "dialog, details.popover-menu, details.account-menu, #sidebar"
# What was folded when the page was looked at has not been seen yet.
_AFRESH: Final = """
(box) => {
  for (const each of [box, ...box.querySelectorAll("[data-look-same]")]) {
    each.removeAttribute("data-look-same");
  }
}
"""
_STILL_OPEN: Final = """
(box) => {
  const isOpen = Boolean(box.open) || box.classList.contains("open");
  if (isOpen) box.close?.();
  return isOpen;
}
"""
_HAS_FOCUS: Final = "(opener) => opener === document.activeElement"
_CONTROLS: Final = "input:not([type=hidden]), select, textarea"
_SEND_EMPTY: Final = """
(form) => {
  form.noValidate = true;
  for (const control of form.querySelectorAll("[required]")) {
    if (control.type === "checkbox" || control.type === "radio") control.checked = false;
    else control.value = "";
  }
  form.requestSubmit();
}
"""


@dataclass(frozen=True, slots=True)
class Variant:
    """How a page is looked at."""

    width: Literal[1280, 390]
    theme: Theme

    def __str__(self) -> str:
        return f"{self.width} {self.theme}"


FEW: Final = (Variant(1280, "dark"), Variant(390, "light"))
ALL: Final = (*FEW, Variant(1280, "light"), Variant(390, "dark"))


@dataclass
class Looking:
    """One window; `wrong` is fault → the places that have it. Each shape is looked at once."""

    visit: Visit
    axe: Axe
    variants: tuple[Variant, ...]
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def page(self) -> Page:
        return self.visit.page

    def look(self, where: str) -> dict[str, Any]:
        """Look at the page in each variant; answers its facts."""
        facts: dict[str, Any] = {}
        for variant in self.variants:
            self.show(variant)
            self.page.wait_for_function(_DRAWN)
            self._settle()
            facts = self._probe(variant)
            at = f"{where} at {variant}"
            if self.axe.is_new(str(variant), *facts["shapes"]):
                self._note(self.axe.faults(self.page), at)
                self.axe.parts[str(variant)].update(facts["parts"])
            self._note_width(facts["wide"], variant, at)
            for box in facts["boxes"]:
                self._open(box, variant, at)
        self.hear(where)
        return facts

    def _settle(self) -> None:
        """Wait until what follows the size of the window, such as a figure, has done so."""
        self.page.evaluate(_SETTLED)
        with suppress(PlaywrightTimeoutError):
            self.page.wait_for_function(_FITS, timeout=2_000)

    def _probe(self, variant: Variant) -> dict[str, Any]:
        facts: dict[str, Any] = self.page.evaluate(PROBE, list(self.axe.parts[str(variant)]))
        return facts

    def show(self, variant: Variant) -> None:
        """Give the window the size and the theme."""
        height = _HEIGHTS[variant.width]
        self.page.emulate_media(color_scheme=variant.theme)
        self.page.set_viewport_size({"width": variant.width, "height": height})

    def send_empty(self, where: str) -> None:
        """Send each form of the page without what it requires, and look at the refusal."""
        selector = "main form[method=post]:has([required])"
        for number in range(self.page.locator(selector).count()):
            form = self.page.locator(selector).nth(number)
            target = IDS.sub("…", str(form.get_attribute("action") or where))
            if self.axe.is_new("refused form", target):
                is_long = form.locator(_CONTROLS).count() > 2
                with self.page.expect_navigation(wait_until="load"):
                    form.evaluate(_SEND_EMPTY)
                self._is_refused(f"{where} refused", needs_summary=is_long)
                self.page.goto(where, wait_until="load")

    def _is_refused(self, where: str, *, needs_summary: bool) -> None:
        if needs_summary and not self.page.locator("[role=alert]:visible").count():
            self.wrong["an empty form is refused without a summary of its errors"].append(where)
        if not self.page.locator("[aria-invalid=true][aria-describedby]").count():
            self.wrong["no field tells what is wrong with it"].append(where)
        self.visit.complaints[:] = [
            each for each in self.visit.complaints if "the server responded with" not in each
        ]
        self.look(where)

    def _open(self, box: dict[str, Any], variant: Variant, at: str) -> None:
        opener = self.page.locator(f'[data-look-opener="{box["number"]}"]')
        inside = self.page.locator(f'[data-look-box="{box["into"]}"]')
        if not opener.is_visible() or not self.axe.is_new(f"box {variant}", box["shape"]):
            return
        opener.click()
        self.page.evaluate(_SETTLED)
        where = f"{at} in {box['name']}"
        inside.evaluate(_AFRESH)
        self._note(self.axe.faults(self.page, inside.element_handle()), where)
        self._note_width(self._probe(variant)["wide"], variant, where)
        if inside.evaluate(f'(box) => box.matches("{_CLOSES_BY_ESCAPE}")'):
            self.page.keyboard.press("Escape")
            if inside.evaluate(_STILL_OPEN):
                self.wrong["Escape does not close it"].append(where)
            elif not opener.evaluate(_HAS_FOCUS):
                self.wrong["the focus does not go back to what opened it"].append(where)

    def _note_width(self, faults: Iterable[str], variant: Variant, where: str) -> None:
        if variant.width == 390:
            self._note(faults, where)

    def hear(self, where: str) -> None:
        """Note what the page complained about, and forget it."""
        for told in (self.visit.complaints, self.visit.foreign, self.visit.violations):
            self._note(told, where)
            told.clear()

    def _note(self, faults: Iterable[str], where: str) -> None:
        for fault in faults:
            self.wrong[fault].append(where)

    def told(self) -> str:
        """Return what is wrong, the commonest first, each with its first places."""
        found = sorted(self.wrong.items(), key=lambda each: -len(each[1]))
        return "\n".join(f"{fault}\n    on {_first(where)}" for fault, where in found)


def _first(where: list[str]) -> str:
    more = f" and {len(where) - 3} more" if len(where) > 3 else ""
    return ", ".join(where[:3]) + more
