"""The album of pictures, docs/screens: how one is taken, and what may stand in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.journeys.agency import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from playwright.sync_api import Page

FOLDER: Final = ROOT / "docs" / "screens"
LARGEST_BYTES: Final = 120_000
ALL_BYTES: Final = 12_000_000
SIZES: Final = {1280: 760, 390: 780}
JOURNEYS: Final = "journeys.md"
OF_JOURNEYS: Final = "*-journey-*.jpeg"
_QUALITY: Final = 62


def shoot(page: Page, file: Path) -> None:
    """Keep what can be seen of the page now."""
    size = len(page.screenshot(path=file, type="jpeg", quality=_QUALITY, animations="disabled"))
    assert size <= LARGEST_BYTES, f"{file.name}: {size} bytes"


def weigh() -> int:
    """Return how many bytes all pictures have; there may not be more than ALL_BYTES."""
    total = sum(file.stat().st_size for file in FOLDER.glob("*.jpeg"))
    assert total <= ALL_BYTES, f"{total} bytes in all"
    return total


def index(title: str, told: str, pictures: Iterable[tuple[str, Iterable[tuple[str, str]]]]) -> str:
    """Return a page of pictures: (heading, (what it shows, file name) …) each."""
    lines = [f"# {title}", "", told]
    for heading, files in pictures:
        lines += ["", f"## {heading}", "", *(f"![{shows}]({name})" for shows, name in files)]
    return "\n".join([*lines, ""])
