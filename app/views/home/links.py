"""Addresses of the rows behind a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from app.views import lists

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.queries.home import DayRange

Filter: TypeAlias = "str | Sequence[str]"


def payments(span: DayRange, **filters: Filter) -> str:
    """Return the address of the payments of some days."""
    return _of_days("PaymentsView.listed", span, filters)


def refunds(span: DayRange, **filters: Filter) -> str:
    """Return the address of the refunds of some days."""
    return _of_days("RefundsView.listed", span, filters)


def audit(**filters: Filter) -> str:
    """Return the address of entries of the audit trail."""
    return lists.link("AuditView.listed", filters)


def _of_days(endpoint: str, span: DayRange, filters: dict[str, Filter]) -> str:
    days = {"from": span.first.isoformat(), "to": span.last.isoformat()}
    return lists.link(endpoint, days | {name: value for name, value in filters.items() if value})
