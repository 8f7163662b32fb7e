"""How somebody sits down for a journey, and what no journey may show."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.infra.chromium import visit
from tests.infra.sandbox import SandboxDoors
from tests.journeys import camera as cameras
from tests.journeys import pages
from tests.journeys.clockwork import Clockwork
from tests.journeys.owner import FileOfPayments, process_the_example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from tests.journeys.agency import Agency
    from tests.journeys.camera import Camera


class Visiting(Protocol):
    """Opens a browser window in which somebody is signed in."""

    def __call__(self, username: str, width: int = ...) -> AbstractContextManager[Page]: ...


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give all tests of a group, such as the journeys, to one worker.

    pytest-xdist 3.8 writes a test's group where pytest 9.2 no longer reads it, and then deals
    the tests out one by one. Where that has been mended the suffix is there already.
    """
    if not getattr(config.option, "loadgroup", False):
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group and "@" not in item.nodeid:
            item._id = type(item._id).parse(f"{item.nodeid}@{group.args[0]}")


@pytest.fixture(scope="session")
def camera() -> Iterator[Camera]:
    """Yield what keeps pictures, as `make screens` wants it."""
    with cameras.camera(is_on=os.environ.get("PAYAGENCY_SCREENSHOTS") == "1") as held:
        yield held


@pytest.fixture
def provider(agency: Agency) -> Iterator[SandboxDoors]:
    """Yield the doors of the agency's sandbox provider; its weather is calm afterwards."""
    doors = SandboxDoors(agency.sandbox)
    yield doors
    doors.calm()
    doors.close()


@pytest.fixture
def clockwork(agency: Agency) -> Clockwork:
    """Return what makes time pass for the agency's rows."""
    return Clockwork(agency.server.environment["DATABASE_MIGRATOR_URL"])


@pytest.fixture(scope="module")
def visiting(agency: Agency, chromium: Browser) -> Visiting:
    """Return how to sit down as somebody; nobody's page fails or asks another host."""

    @contextmanager
    def sit_down(username: str, width: int = 1280) -> Iterator[Page]:
        height = 844 if width == pages.PHONE_WIDTH else 760
        with visit(chromium, agency.origin, width=width, height=height) as seen:
            pages.sign_in(seen.page, username)
            yield seen.page
            assert seen.complaints == []
            assert seen.foreign == []
            assert seen.violations == []

    return sit_down


@pytest.fixture(scope="module")
def example(visiting: Visiting, camera: Camera) -> FileOfPayments:
    """Return what acme-owner saw of the example file, from the form to its last payment."""
    with visiting("acme-owner") as page:
        return process_the_example(page, camera)
