"""Merchants, and what they are allowed: by command, seed and form alike."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.models import AmountLimit, Capability, Merchant
from app.services import invitations, records

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.money import Money


def create_merchant(
    session: Session,
    now: datetime,
    *,
    key: str,
    name: str,
    country: str,
    currency: str,
    timezone: str,
) -> Merchant:
    """Add a merchant: short key, ISO 3166 country, default currency, IANA time zone.

    Raises BadInputError naming the field.
    """
    values = {
        "key": key,
        "name": name,
        "country": country,
        "default_currency": currency,
        "timezone": timezone,
    }
    merchant: Merchant = records.create(session, now, Merchant, values)
    return merchant


def take_on(session: Session, now: datetime, values: Mapping[str, Any]) -> Merchant:
    """Add a merchant by its columns, and invite its owner where `owner_email` names one.

    Raises BadInputError naming the field, ForbiddenError.
    """
    columns = dict(values)
    email = str(columns.pop("owner_email", None) or "").strip()
    merchant: Merchant = records.create(session, now, Merchant, columns)
    if email:
        invitations.welcome(session, now, merchant, email=email)
    return merchant


def grant(session: Session, now: datetime, merchant: Merchant, kind: str) -> Capability:
    """Let a merchant do one more thing in the actor's book. Raises BadInputError."""
    values = {"merchant_id": merchant.id, "kind": kind}
    capability: Capability = records.create(session, now, Capability, values)
    return capability


def limit(
    session: Session, now: datetime, merchant: Merchant, kind: str, most: Money
) -> AmountLimit:
    """Set the largest single payment of a method, in the actor's book. Raises BadInputError."""
    values = {
        "merchant_id": merchant.id,
        "kind": kind,
        "currency": most.currency,
        "max_minor": most.amount_minor,
    }
    row: AmountLimit = records.create(session, now, AmountLimit, values)
    return row
