"""Fixtures of the crawl between tenants."""

from __future__ import annotations

from tests.tenancy.world import tenants
from tests.views.people import _kept, people

__all__ = ["_kept", "people", "tenants"]
