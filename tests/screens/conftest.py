"""The running agency with something of everything in it, and who looks at it."""

from __future__ import annotations

from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.infra.chromium import visit
from tests.screens.axe import Axe
from tests.screens.people import sign_in
from tests.screens.stage import furnish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from tests.infra.chromium import Theme, Visit
    from tests.journeys.agency import Agency
    from tests.screens.stage import Stage


class SitDown(Protocol):
    """Opens a browser window in which somebody is signed in, or nobody."""

    def __call__(
        self, username: str = ..., *, width: int = ..., theme: Theme = ..., locale: str = ...
    ) -> AbstractContextManager[Visit]: ...


@pytest.fixture(scope="session")
def axe() -> Axe:
    """Return the one that remembers which shapes have been looked at."""
    return Axe()


@pytest.fixture(scope="session")
def sit_down(agency: Agency, chromium: Browser) -> SitDown:
    """Return how to sit down at a browser."""

    @contextmanager
    def sitting(
        username: str = "", *, width: int = 1280, theme: Theme = "light", locale: str = "en-GB"
    ) -> Iterator[Visit]:
        with visit(chromium, agency.origin, width=width, theme=theme, locale=locale) as seen:
            if username:
                sign_in(seen.page, agency.origin, username)
            yield seen

    return sitting


@pytest.fixture(scope="session")
def stage(sit_down: SitDown) -> Stage:
    """Return what has been made for the pages to show."""
    with sit_down("acme-owner") as seen:
        return furnish(seen.page)
