"""axe-core over a page: the rules of WCAG 2.2 A and AA, and those about headings and landmarks."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from playwright.sync_api import ElementHandle, Page

SOURCE: Final = Path(__file__).parents[1] / "vendor" / "axe.min.js"
TAGS: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
ALSO: Final = (
    "target-size",
    "heading-order",
    "page-has-heading-one",
    "empty-heading",
    "empty-table-header",
    "landmark-one-main",
    "landmark-unique",
    "landmark-no-duplicate-banner",
    "landmark-no-duplicate-main",
    "label-title-only",
    "scope-attr-valid",
    "tabindex",
    "region",
    "skip-link",
)
"""Rules that are off by default, or stand under no level of WCAG."""

_RUN: Final = """
async ([part, tags, also]) => {
  const rules = Object.fromEntries(also.map((name) => [name, { enabled: true }]));
  const context = { include: [part ?? document], exclude: [["[data-look-same]"]] };
  const found = await axe.run(context, {
    runOnly: { type: "tag", values: tags }, rules, resultTypes: ["violations"], iframes: false,
  });
  return found.violations.map((each) => ({
    rule: each.id, help: each.help,
    nodes: each.nodes.map((node) => [
      node.target.join(" "),
      [...node.any, ...node.all, ...node.none].map((check) => check.message).join(" "),
    ]),
  }));
}
"""
_MOST_NODES: Final = 3


@dataclass
class Axe:
    """Looks at each shape of a page once in each variant (width and theme).

    Within a page, what probe.js finds to have the shape of a part that has been looked at (a row, a
    form, the menu) is left out.
    """

    source: str = field(default_factory=lambda: SOURCE.read_text(encoding="utf-8"))
    known: set[tuple[str, str]] = field(default_factory=set)
    parts: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    runs: int = 0

    def is_new(self, variant: str, *shapes: str) -> bool:
        """Tell whether one of the shapes has not been seen in this variant, and remember all."""
        seen = {(variant, shape) for shape in shapes}
        new = not seen <= self.known
        self.known |= seen
        return new

    def faults(self, page: Page, part: ElementHandle | None = None) -> list[str]:
        """Return what breaks a rule on the page, or in a part of it."""
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(self.source)
        self.runs += 1
        return [_told(each) for each in page.evaluate(_RUN, [part, TAGS, ALSO])]


def _told(violation: dict[str, Any]) -> str:
    nodes = violation["nodes"]
    where = "; ".join(f"{target} ({why})" for target, why in nodes[:_MOST_NODES])
    more = f" and {len(nodes) - _MOST_NODES} more" if len(nodes) > _MOST_NODES else ""
    return f"{violation['rule']}: {where}{more}"
