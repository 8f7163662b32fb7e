"""Rows of any table by key, through the guard: what generated writes need."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import inspect, select

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


def key_column(model: type[Any]) -> Any:
    """Return the one primary key column of a model."""
    (column,) = inspect(model).primary_key
    return getattr(model, inspect(model).get_property_by_column(column).key)


def by_keys(session: Session, model: type[Any], keys: Sequence[int]) -> Sequence[Any]:
    """Return the rows with these keys that the actor may see, in the order of the key."""
    column = key_column(model)
    return session.scalars(select(model).where(column.in_(keys)).order_by(column)).all()
