"""Pictures of the journeys for the documents, at both widths, when they are asked for."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tests.screens import album
from tests.screens.album import FOLDER, SIZES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

_TO_TOP: Final = "(part) => part.scrollIntoView({block: 'start', behavior: 'instant'})"
_TITLE: Final = "Journeys"
_TOLD: Final = (
    "What happens to money on its way, and what people see and decide meanwhile. "
    "Taken by `make screens` while the tests of `tests/journeys` walk there."
)


@dataclass
class Camera:
    """Takes pictures where `is_on`, and forgets them otherwise."""

    is_on: bool
    taken: list[tuple[str, str]] = field(default_factory=list)

    def shoot(self, page: Page, name: str, title: str, at: str = "") -> None:
        """Keep what can be seen of the page now, or of it from `at` on; `name` is role-page."""
        if not self.is_on:
            return
        role, _, shows = name.partition(":")
        stem = f"{role}-journey-{shows}"
        before = page.viewport_size
        for width, height in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.evaluate("scrollTo(0, 0)")
            if at:
                page.locator(at).first.evaluate(_TO_TOP)
            page.wait_for_timeout(150)
            album.shoot(page, FOLDER / f"{stem}-{width}-light.jpeg")
        if before is not None:
            page.set_viewport_size(before)
        self.taken.append((title, stem))


@contextmanager
def camera(*, is_on: bool) -> Iterator[Camera]:
    """Yield one; in the end its pictures stand in the place of the old ones, with an index."""
    if is_on:
        FOLDER.mkdir(exist_ok=True)
        for old in FOLDER.glob(album.OF_JOURNEYS):
            old.unlink()
    held = Camera(is_on)
    yield held
    if is_on:
        pages = [(title, _files(title, stem)) for title, stem in held.taken]
        (FOLDER / album.JOURNEYS).write_text(album.index(_TITLE, _TOLD, pages), encoding="utf-8")
        album.weigh()


def _files(title: str, stem: str) -> list[tuple[str, str]]:
    return [(f"{title}, {width} px", f"{stem}-{width}-light.jpeg") for width in SIZES]
