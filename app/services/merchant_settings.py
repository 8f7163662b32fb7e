"""What a merchant's own people set up: its face to payers, return addresses, late money, mails."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from app.adapters.db import after_commit
from app.domain import merchant_settings as rules
from app.domain.merchant_settings import MerchantSettings
from app.errors import IllegalStateError, NotFoundError, said
from app.queries import merchants
from app.services import audit, logos

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Merchant


def settings_of(row: Merchant) -> MerchantSettings:
    """Return a merchant's settings as they stand."""
    return MerchantSettings(**{each.name: getattr(row, each.name) for each in _FIELDS})


def version_of(settings: MerchantSettings) -> str:
    """Return what tells these settings from others, for a form to carry."""
    return hashlib.sha256(audit.canonical(asdict(settings)).encode()).hexdigest()[:20]


def update(
    session: Session, now: datetime, merchant_id: int, wanted: MerchantSettings, version: str
) -> tuple[str, ...]:
    """Change the settings of a merchant that stand at `version`; answers what really changed.

    Raises BadInputError at a field, NotFoundError, and IllegalStateError where somebody has changed
    them meanwhile.
    """
    asked = rules.check(wanted)
    row = _lock(session, merchant_id)
    standing = settings_of(row)
    before, after = asdict(standing), asdict(asked)
    changed = tuple(name for name in after if before[name] != after[name])
    # Who asks for what stands there already has nothing to lose.
    if changed and version_of(standing) != version:
        raise IllegalStateError(said("Somebody has changed the settings meanwhile."))
    for name in changed:
        setattr(row, name, after[name])
    if changed:
        session.flush()
        _record(
            session,
            now,
            row,
            {name: before[name] for name in changed},
            {name: after[name] for name in changed},
        )
    return changed


def change_logo(session: Session, now: datetime, merchant_id: int, place: str) -> None:
    """Show the logo that is kept at `place`, or none; the one before goes with the commit.

    Raises NotFoundError.
    """
    row = _lock(session, merchant_id)
    former, row.logo_at = row.logo_at, place
    if former == place:
        return
    session.flush()
    _record(session, now, row, {"logo_at": former}, {"logo_at": place})
    after_commit(session, lambda: logos.drop(former))


_FIELDS = fields(MerchantSettings)


def _lock(session: Session, merchant_id: int) -> Merchant:
    row = merchants.lock(session, merchant_id)
    if row is None:
        raise NotFoundError(said("The merchant does not exist."))
    return row


def _record(
    session: Session,
    now: datetime,
    row: Merchant,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    audit.record(
        session,
        now,
        action="settings.update",
        object_type="merchant",
        object_id=row.public_id,
        sentence=said("Changed the settings of {name}", name=row.name),
        before=before,
        after=after,
        merchant_id=row.id,
    )
