"""What a posted form asks of a payment: done once for its key, and tried in the same request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

import config
from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.errors import PayAgencyError
from app.services import execute, idempotency
from app.views.payment_commands import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import Operation, Payment

    Write = Callable[[Session, datetime], "Operation | None"]

log = structlog.get_logger()


def once(
    actor: Actor,
    key: str,
    payment: Payment,
    verb: str,
    body: Mapping[str, object],
    write: Write,
) -> Asked:
    """Do something to a payment once for this key, and try the operation that it writes, if any.

    `write` runs in the unit of work of the key; raises what it raises, and
    IdempotencyMismatchError where the key came with another `body` before.
    """
    public_id, merchant_id, livemode = payment.public_id, payment.merchant_id, payment.livemode
    digest = idempotency.digest("POST", f"/payments/{public_id}/{verb}", body)
    release_reads()

    def written() -> Asked:
        now = clock.now()
        with unit_of_work(actor) as session:
            known = idempotency.begin(session, now, key, digest, public_id, merchant_id=merchant_id)
            if known is not None:
                return Asked(known, is_replay=True)
            operation = write(session, now)
            return Asked(
                public_id,
                is_replay=False,
                operation_id=operation.public_id if operation else "",
                merchant_id=merchant_id,
                livemode=livemode,
            )

    made = retry_when_busy(written)()
    if made.operation_id:
        _try(made)
    return made


def _try(made: Asked) -> None:
    """Run the operation in this request; whatever happens, its task is in the outbox."""
    try:
        execute.run_now(
            made.operation_id,
            merchant_id=made.merchant_id,
            livemode=made.livemode,
            budget_seconds=config.get().payagency_web_budget_seconds,
        )
    except PayAgencyError as error:
        log.warning("left_to_a_worker", operation=made.operation_id, reason=error.detail)
