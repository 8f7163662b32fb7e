"""A refused business action leaves an audit entry, in a transaction of its own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from app.adapters import clock, db
from app.errors import ForbiddenError, IllegalStateError, LimitExceededError, PayAgencyError, said
from app.services import audit
from app.services.records import ConflictError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.domain.actors import Actor

REFUSALS: Final = (ForbiddenError, IllegalStateError, LimitExceededError, ConflictError)
"""What is refused though it could be read; what cannot be read or found leaves no entry."""


@contextmanager
def audited(
    actor: Actor, *, action: str, object_type: str, object_id: str, merchant_id: int | None = None
) -> Iterator[None]:
    """Write down what is refused within, once its own transaction was rolled back.

    It stands around a unit of work, never inside one. The entry's action is `action` with
    `_refused` behind it.
    """
    try:
        yield
    except PayAgencyError as error:
        if isinstance(error, REFUSALS):
            _record(actor, error, action, object_type, object_id, merchant_id)
        raise


def _record(
    actor: Actor,
    error: PayAgencyError,
    action: str,
    object_type: str,
    object_id: str,
    merchant_id: int | None,
) -> None:
    with db.unit_of_work(actor) as session:
        audit.record(
            session,
            clock.now(),
            action=f"{action}_refused",
            object_type=object_type,
            object_id=object_id,
            sentence=said("Refused: {why}", why=error.detail),
            after={"code": error.code},
            merchant_id=merchant_id,
            livemode=actor.livemode,
        )
