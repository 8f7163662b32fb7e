"""One-time links: a token that only the mail holds; of it the database knows a digest."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from app.adapters.crypto import blind_index
from app.domain.identifiers import new_id
from app.domain.person_tokens import InvitationState
from app.errors import NotFoundError, said
from app.models import PersonToken
from app.queries import person_tokens

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sqlalchemy.orm import Session

    from app.domain.person_tokens import TokenKind

EMAIL: Final = "person_token.email"
_BYTES: Final = 32


def issue(
    session: Session,
    now: datetime,
    kind: TokenKind,
    lasts: timedelta,
    *,
    email: str,
    invited_by: str,
    user_id: int | None = None,
    merchant_id: int | None = None,
    role: str | None = None,
) -> tuple[PersonToken, str]:
    """Make a link; answers its row and the token, which nothing but its mail may keep."""
    token = secrets.token_urlsafe(_BYTES)
    row = PersonToken(
        public_id=new_id("inv", now),
        kind=kind,
        digest=_digest(token),
        email=email,
        email_index=blind_index(email, EMAIL),
        user_id=user_id,
        merchant_id=merchant_id,
        role=role,
        invited_by=invited_by,
        expires_at=now + lasts,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row, token


def found(session: Session, now: datetime, kind: TokenKind, token: str) -> PersonToken:
    """Return the row of a link that works; raises NotFoundError for every other text."""
    row = person_tokens.by_digest(session, kind, _digest(token))
    if row is None or state_of(row, now) is not InvitationState.PENDING:
        raise NotFoundError(
            said("This link does not work any more: it was used, taken back, or is too old.")
        )
    return row


def use(session: Session, now: datetime, row: PersonToken) -> None:
    """Use a link up; raises NotFoundError where somebody was faster."""
    if not person_tokens.use(session, row.id, now):
        raise NotFoundError(
            said("This link does not work any more: it was used, taken back, or is too old.")
        )


def state_of(row: PersonToken, now: datetime) -> InvitationState:
    """Return how a link stands."""
    if row.used_at is not None:
        return InvitationState.ACCEPTED
    if row.revoked_at is not None:
        return InvitationState.REVOKED
    return InvitationState.PENDING if now < row.expires_at else InvitationState.LAPSED


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
