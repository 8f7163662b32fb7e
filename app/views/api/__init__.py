"""The merchants' API, `/v1`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.views.api import (
    balance,
    card_keys,
    disputes,
    docs,
    payment_links,
    payments,
    refunds,
    timeline,
    uploads,
    webhooks,
)
from app.views.api.entrance import V1

if TYPE_CHECKING:
    from flask import Flask

__all__ = [
    "balance",
    "card_keys",
    "disputes",
    "docs",
    "payment_links",
    "payments",
    "refunds",
    "register",
    "timeline",
    "uploads",
    "webhooks",
]


def register(app: Flask) -> None:
    """Hang the API's routes into the application."""
    app.register_blueprint(V1)
