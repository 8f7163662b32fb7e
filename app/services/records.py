"""Rows that generated forms create, change and delete: checked, stamped, traced.

People and roles are not among them (`services/accounts.py`), nor anything with a state or with
money in it beyond a limit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import inspect

from app.domain.actors import ActorKind
from app.domain.identifiers import PREFIXES, new_id
from app.errors import ForbiddenError, NotFoundError, PayAgencyError, said
from app.models import AmountLimit, Capability, Merchant, SettlementSchedule
from app.models.base import EncryptedText
from app.models.tenancy import actor_of
from app.queries import records
from app.services import audit
from app.services.record_rules import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.exc import IntegrityError
    from sqlalchemy.orm import Session

ENCRYPTED = "[encrypted]"
CHANGEABLE = (Merchant, Capability, AmountLimit, SettlementSchedule)
"""What generated forms may write; a test compares it with the registered views."""

_STAMPS = ("created_at", "granted_at")
_UNSEEN = frozenset({"password"})


class ConflictError(PayAgencyError):
    """The row exists already, or other rows depend on it; nothing was changed."""

    code = "conflict"
    status = 409
    title = said("Not possible beside what is there")


def conflict(error: IntegrityError) -> ConflictError:
    """Say in words why the database refused a row, without its statement."""
    if "foreign key" in str(error.orig).casefold():
        return ConflictError(
            said("Other rows belong to it, or what it names is gone. See to those first.")
        )
    return ConflictError(said("The same exists already. Change that one, or choose other values."))


def create(session: Session, now: datetime, model: type[Any], values: Mapping[str, Any]) -> Any:
    """Add a row with these column values; the rest (ids, times, book) is stamped here.

    Raises BadInputError, TenancyError, NotFoundError for an unseen merchant, or the database's
    IntegrityError.
    """
    _require(model)
    kept = clean(model, values)
    row = model(**{**_stamps(session, now, model), **kept})
    if "merchant_id" in kept and not records.by_keys(session, Merchant, [kept["merchant_id"]]):
        raise NotFoundError(said("The merchant does not exist."))
    session.add(row)
    session.flush()
    _record(session, now, row, "create", after=seen(row))
    return row


def update(
    session: Session, now: datetime, model: type[Any], key: int, values: Mapping[str, Any]
) -> Any:
    """Change columns of one row; the trace holds only what really changed.

    Raises like `create`, and NotFoundError where the actor sees no such row.
    """
    _require(model)
    (row,) = _rows(session, model, [key])
    before = seen(row)
    for name, value in clean(model, values).items():
        if getattr(row, name) != value:
            setattr(row, name, value)
    session.flush()
    after = seen(row)
    changed = [name for name in after if before[name] != after[name]]
    _record(
        session,
        now,
        row,
        "update",
        before={name: before[name] for name in changed},
        after={name: after[name] for name in changed},
    )
    return row


def delete(session: Session, now: datetime, model: type[Any], keys: Sequence[int]) -> None:
    """Remove rows, all or none; each leaves a trace of its own. Raises like `update`."""
    _require(model)
    for row in _rows(session, model, keys):
        before = seen(row)
        session.delete(row)
        session.flush()
        _record(session, now, row, "delete", before=before)


def seen(row: Any) -> dict[str, Any]:
    """Return a row's columns as the trace shows them: no password, nothing encrypted in clear."""
    columns = inspect(type(row)).column_attrs
    return {
        attribute.key: ENCRYPTED
        if isinstance(attribute.columns[0].type, EncryptedText)
        else getattr(row, attribute.key)
        for attribute in columns
        if attribute.key not in _UNSEEN
    }


def _require(model: type[Any]) -> None:
    if model not in CHANGEABLE:
        raise ForbiddenError(
            said("{kind} is not changed through a generated form.", kind=model.__name__)
        )


def _rows(session: Session, model: type[Any], keys: Sequence[int]) -> Sequence[Any]:
    rows = records.by_keys(session, model, keys)
    if len(rows) != len(set(keys)):
        raise NotFoundError(
            said("This {record} does not exist.", record=_type_of(model).replace("_", " "))
        )
    return rows


def _stamps(session: Session, now: datetime, model: type[Any]) -> dict[str, Any]:
    columns = set(inspect(model).column_attrs.keys())
    actor = actor_of(session)
    stamps: dict[str, Any] = {name: now for name in _STAMPS if name in columns}
    if "public_id" in columns:
        stamps["public_id"] = new_id(PREFIXES[_type_of(model)], now)
    if "livemode" in columns:
        if actor.livemode is None:
            raise ForbiddenError(said("It needs a book; this actor has none."))
        stamps["livemode"] = actor.livemode
    if "merchant_id" in columns and actor.kind is ActorKind.MERCHANT:
        stamps["merchant_id"] = actor.merchant_id
    if "granted_by" in columns:
        stamps["granted_by"] = actor.label
    if "status" in columns:
        stamps["status"] = "active"
    return stamps


def _type_of(model: type[Any]) -> str:
    return str(model.__tablename__)


def _sentence(verb: Literal["create", "update", "delete"], record: str, name: str) -> str:
    if verb == "create":
        return said("Added {record} {name}", record=record, name=name)
    if verb == "update":
        return said("Changed {record} {name}", record=record, name=name)
    return said("Removed {record} {name}", record=record, name=name)


def _record(
    session: Session,
    now: datetime,
    row: Any,
    verb: Literal["create", "update", "delete"],
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    name = _type_of(type(row))
    label = getattr(row, "name", None) or getattr(row, "kind", None) or getattr(row, "method", "")
    audit.record(
        session,
        now,
        action=f"{name}.{verb}",
        object_type=name,
        object_id=str(getattr(row, "public_id", row.id)),
        sentence=_sentence(verb, name.replace("_", " "), str(label or "")).strip(),
        before=before,
        after=after,
        merchant_id=row.id if isinstance(row, Merchant) else getattr(row, "merchant_id", None),
        livemode=getattr(row, "livemode", None),
    )
