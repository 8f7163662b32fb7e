"""Merchants by name or number, through the guard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import or_, select

from app.models import Merchant

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


def named(session: Session, text: str) -> Merchant | None:
    """Return a merchant by its key or public id."""
    found = select(Merchant).where(or_(Merchant.key == text, Merchant.public_id == text))
    return session.scalars(found).one_or_none()


def by_id(session: Session, merchant_id: int) -> Merchant | None:
    """Return a merchant by its row."""
    return session.scalars(select(Merchant).where(Merchant.id == merchant_id)).one_or_none()


def lock(session: Session, merchant_id: int) -> Merchant | None:
    """Return a merchant as it is now and lock its row until the end of the unit of work."""
    found = select(Merchant).where(Merchant.id == merchant_id).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()
