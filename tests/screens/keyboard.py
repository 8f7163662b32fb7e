"""Somebody without a mouse: presses keys only, and looks where the focus is after each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.sync_api import Page

MOST_STEPS: Final = 120
# The look of what has the focus, with and without it: the two must differ for people to see it.
_FOCUS: Final = """
async () => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const LOOKS = ["boxShadow", "borderColor", "backgroundColor", "color", "textDecorationLine"];
  const outline = ({ outlineStyle: style, outlineWidth: width, outlineColor: colour }) =>
    style === "none" || width === "0px" ? "none" : `${style} ${width} ${colour}`;
  const places = [element, element.closest(".form-control"), element.closest(".stat, tr, li")];
  const styles = (each) => [null, "::after"].map((part) => getComputedStyle(each, part));
  const look = () => places.filter(Boolean).flatMap(styles).map(
    (style) => [outline(style), ...LOOKS.map((name) => style[name])].join()).join(";");
  const focused = look();
  const box = element.getBoundingClientRect();
  const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.15], [0.5, 0.85]];
  const isOwn = ([x, y]) => {
    const hit = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    return hit && (element.contains(hit) || hit.contains(element) || hit.closest("label"));
  };
  const isCovered = !points.some(isOwn);
  element.style.transition = "none";
  const name = element.getAttribute("aria-label") || element.innerText || element.name || "";
  const told = {
    tag: element.localName, id: element.id, href: element.getAttribute("href") ?? "",
    text: name.trim().replace(/\\s+/g, " "), isCovered,
  };
  element.blur();
  const changed = () => look() !== focused;
  // A script that marks the box around a field takes its time.
  if (!changed()) await new Promise((done) => setTimeout(done, 100));
  told.isSeen = changed();
  element.focus({ preventScroll: true, focusVisible: true });
  return told;
}
"""


@dataclass
class Keyboard:
    """Keys are pressed one by one; `faults` tells where the focus was lost from sight."""

    page: Page
    faults: list[str] = field(default_factory=list)

    def press(self, key: str) -> dict[str, Any]:
        """Press a key; answers what has the focus then."""
        self.page.keyboard.press(key)
        return self.look()

    def look(self) -> dict[str, Any]:
        """Answer what has the focus, and note when that cannot be seen."""
        found = self.page.evaluate(_FOCUS) or {"tag": "body", "text": "", "id": "", "href": ""}
        where = f"{found['tag']} {found['id'] or found['text'][:40]} on {self.page.url}"
        if not found.get("isSeen", True):
            self.faults.append(f"nothing shows that it has the focus: {where}")
        if found.get("isCovered"):
            self.faults.append(f"has the focus and is hidden: {where}")
        return dict(found)

    def tab_to(self, *, text: str = "", id_: str = "", href: str = "") -> None:
        """Press Tab until this has the focus; what stands between is looked at too."""
        passed: list[str] = []
        for _ in range(MOST_STEPS):
            found = self.press("Tab")
            passed.append(found["text"] or found["id"])
            if _is(found["text"], text) and _is(found["id"], id_) and _is(found["href"], href):
                return
        raise AssertionError(f"Tab never comes to {text or id_ or href}: {passed}")

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.page.keyboard.type(text)

    def follow(self, key: str = "Enter") -> None:
        """Press a key that leads to another page, and wait for it."""
        with self.page.expect_navigation(wait_until="load"):
            self.page.keyboard.press(key)


def _is(found: str, wanted: str) -> bool:
    return not wanted or (found.startswith(wanted) if len(wanted) > 1 else found == wanted)
