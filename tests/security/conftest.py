"""Fixtures of the tests of sign-in and rights."""

from __future__ import annotations

from tests.views.people import _kept, people

__all__ = ["_kept", "people"]
