"""The server-issued key of a money form: what makes a double click one request."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import current_app, request
from itsdangerous import BadSignature, URLSafeSerializer

from app.adapters import clock
from app.errors import BadInputError, said
from app.views.base import current_actor

if TYPE_CHECKING:
    from app.domain.actors import Actor

FIELD = "form_key"
LASTS = timedelta(hours=24)
_SALT = "payagency-form-key"


def issue(purpose: str) -> str:
    """Return a new signed key for one form of this user, merchant and book."""
    parts = [*_bound(purpose, current_actor()), int(clock.now().timestamp())]
    return _signer().dumps([*parts, secrets.token_hex(16)])


def read(purpose: str) -> str:
    """Return the key that the posted form carries; BadInputError when it is not one of ours."""
    try:
        *bound, issued, number = _signer().loads(request.form.get(FIELD, ""))
    except (BadSignature, ValueError, TypeError):
        raise _stale() from None
    age = clock.now() - datetime.fromtimestamp(issued, UTC)
    if bound != _bound(purpose, current_actor()) or age > LASTS:
        raise _stale()
    return f"form:{purpose}:{number}"


def _bound(purpose: str, actor: Actor) -> list[Any]:
    return [purpose, actor.user_id, actor.merchant_id, actor.livemode]


def _signer() -> URLSafeSerializer:
    fallbacks = current_app.config.get("SECRET_KEY_FALLBACKS") or []
    return URLSafeSerializer([*fallbacks, current_app.secret_key], salt=_SALT)


def _stale() -> BadInputError:
    return BadInputError(
        "form",
        said("is not one that we gave out to you, or is older than a day."),
        said("Nothing was done. Open the form again and send it once more."),
    )
