"""Fixtures of the tests of sign-in and rights."""

from __future__ import annotations

from tests.views.people import _digest, people

__all__ = ["_digest", "people"]
