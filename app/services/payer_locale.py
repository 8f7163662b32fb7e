"""Keeping in which language the payer of a payment reads, for the mails to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.locales import LOCALES
from app.queries import payer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.models import Payment


def is_news(payment: Payment, locale: str) -> bool:
    """Tell whether a language is one of ours and another than the one that is known."""
    return locale in LOCALES and locale != payment.payer_locale


def keep(session: Session, public_id: str, locale: str) -> None:
    """Keep a language while a payment waits to be paid; no trace, no event: no money is told of."""
    if locale in LOCALES:
        payer.keep_locale(session, public_id, locale)
