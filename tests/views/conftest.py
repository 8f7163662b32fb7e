"""Fixtures of the tests of screens."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from app import factory
from app.views import menu
from tests.views.people import People, _kept, people
from tests.views.scratch import TrapView

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask

__all__ = ["_kept", "people"]


@pytest.fixture(scope="session")
def _trap_app(environment: Path) -> Flask:
    """Build an application with a screen of the tests' own."""
    assert environment
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(menu, "UNLISTED", (*menu.UNLISTED, TrapView))
        return factory.create_app()


@pytest.fixture
def trap(people: People, _trap_app: Flask) -> People:
    """Return the people, who use the application with TrapView."""
    return replace(people, app=_trap_app)
