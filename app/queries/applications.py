"""Reads, locks and conditional updates of applications; each is decided once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, func, select, update

from app.domain.applications import ApplicationState
from app.domain.notifications import NotificationKind
from app.models import MerchantApplication, Notification, PersonToken
from app.queries import keyset, listing
from app.queries.changes import changed
from app.queries.listing import Keys, Slice, Window

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from app.queries.keyset import CappedCount

_ROW: Final = MerchantApplication
_KEYS: Final = Keys(_ROW.created_at, _ROW.id, _ROW.public_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFilter:
    """What the list is narrowed to; `created_before` is not included, empty values do nothing."""

    created_from: datetime | None = None
    created_before: datetime | None = None
    states: tuple[str, ...] = ()
    country: str = ""
    business: str = ""
    email_index: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided on an application, by whom and when."""

    state: ApplicationState
    by: str
    at: datetime
    reason: str | None = None
    merchant_id: int | None = None


def get(session: Session, public_id: str) -> MerchantApplication | None:
    """Return an application that the actor may see."""
    return session.scalars(select(_ROW).where(_ROW.public_id == public_id)).one_or_none()


def lock(session: Session, public_id: str) -> MerchantApplication | None:
    """Return an application as it is now and lock its row until the end of the unit of work."""
    found = select(_ROW).where(_ROW.public_id == public_id).with_for_update()
    return session.scalars(found.execution_options(populate_existing=True)).one_or_none()


def of_token(session: Session, token_id: int) -> MerchantApplication | None:
    """Return the application whose address a one-time link proves."""
    return session.scalars(select(_ROW).where(_ROW.token_id == token_id)).one_or_none()


def confirm(session: Session, row_id: int, now: datetime) -> bool:
    """Let an application wait for the house; False where it is past that."""
    found = update(_ROW).where(_ROW.id == row_id, _ROW.state == ApplicationState.UNCONFIRMED)
    values = {"state": ApplicationState.WAITING, "confirmed_at": now}
    return changed(session, found.values(values)) == 1


def decide(session: Session, row_id: int, decision: Decision) -> bool:
    """Write a decision down; False where the application does not wait (any more)."""
    found = update(_ROW).where(_ROW.id == row_id, _ROW.state == ApplicationState.WAITING)
    values = {
        "state": decision.state,
        "reason": decision.reason,
        "decided_by": decision.by,
        "decided_at": decision.at,
        "merchant_id": decision.merchant_id,
    }
    return changed(session, found.values(values)) == 1


def mails_since(session: Session, recipient_index: bytes, since: datetime) -> int:
    """Count the mails about signing up that an address was sent, known or not."""
    found = select(func.count()).select_from(Notification)
    kinds = (NotificationKind.SIGN_UP_CONFIRM, NotificationKind.SIGN_UP_KNOWN)
    same = Notification.recipient_index == recipient_index, Notification.kind.in_(kinds)
    return session.scalar(found.where(*same, Notification.created_at > since)) or 0


def unconfirmed_before(
    session: Session, before: datetime, limit: int
) -> Sequence[MerchantApplication]:
    """Return applications made before a moment whose address nobody proved; locks them."""
    late = _ROW.state == ApplicationState.UNCONFIRMED, _ROW.created_at <= before
    found = select(_ROW).where(*late).order_by(_ROW.id).limit(limit)
    return session.scalars(found.with_for_update(skip_locked=True)).all()


def forget_person(session: Session, public_ids: Collection[str], tokens: Collection[int]) -> None:
    """Remove the mails and the one-time links of applications, and what they say of people."""
    quiet = {"synchronize_session": False}
    session.execute(
        update(_ROW)
        .where(_ROW.public_id.in_(public_ids))
        .values(
            state=ApplicationState.LAPSED,
            first_name=None,
            last_name=None,
            email=None,
            email_index=None,
            token_id=None,
        )
        .execution_options(**quiet)
    )
    mails = delete(Notification).where(Notification.object_id.in_(public_ids))
    session.execute(mails.execution_options(**quiet))
    links = delete(PersonToken).where(PersonToken.id.in_(tokens))
    session.execute(links.execution_options(**quiet))


def same_address(session: Session, row: MerchantApplication) -> int:
    """Count the other applications that came from the same address."""
    if row.email_index is None:
        return 0
    found = select(func.count()).select_from(_ROW)
    return session.scalar(found.where(_ROW.email_index == row.email_index, _ROW.id != row.id)) or 0


def page(session: Session, wanted: ApplicationFilter, window: Window) -> Slice:
    """Return one page of the applications, newest first."""
    found = select(
        _ROW.public_id,
        _ROW.merchant_id,
        _ROW.state,
        _ROW.business,
        _ROW.country,
        _ROW.default_currency,
        _ROW.website,
        _ROW.sells,
        _ROW.email,
        _ROW.decided_by,
        _ROW.decided_at,
        _ROW.confirmed_at,
        _ROW.created_at,
    )
    return listing.page(session, _narrowed(found, wanted), _KEYS, window)


def count(session: Session, wanted: ApplicationFilter) -> CappedCount:
    """Count the applications of the list, as far as they are counted."""
    return keyset.counted(session, _narrowed(select(_ROW.id), wanted))


def _narrowed(
    found: Select[*tuple[Any, ...]], wanted: ApplicationFilter
) -> Select[*tuple[Any, ...]]:
    if wanted.created_from is not None:
        found = found.where(_ROW.created_at >= wanted.created_from)
    if wanted.created_before is not None:
        found = found.where(_ROW.created_at < wanted.created_before)
    if wanted.states:
        found = found.where(_ROW.state.in_(wanted.states))
    if wanted.country:
        found = found.where(_ROW.country == wanted.country)
    if wanted.business:
        found = found.where(_ROW.business.contains(wanted.business, autoescape=True))
    if wanted.email_index:
        found = found.where(_ROW.email_index == wanted.email_index)
    return found
