"""What a posted form asks of a payment: done once for its key, and tried in the same request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.services import refusals
from app.views import payment_commands
from app.views.once import Command
from app.views.once import once as done_once
from app.views.payment_commands import Asked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import Operation, Payment

    Write = Callable[[Session, datetime], "Operation | None"]


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
    IdempotencyMismatchError where the key came with another `body` before. A refusal is traced.
    """
    public_id, merchant_id, livemode = payment.public_id, payment.merchant_id, payment.livemode

    def written(session: Session, now: datetime) -> tuple[str, Asked]:
        operation = write(session, now)
        made = Asked(
            public_id,
            is_replay=False,
            operation_id=operation.public_id if operation else "",
            merchant_id=merchant_id,
            livemode=livemode,
        )
        return public_id, made

    command = Command(
        actor=actor,
        key=key,
        merchant_id=merchant_id,
        path=f"/payments/{public_id}/{verb}",
        body=body,
    )
    with refusals.audited(
        actor,
        action=f"payments.{verb}",
        object_type="payment",
        object_id=public_id,
        merchant_id=merchant_id,
    ):
        done = done_once(command, written, payment_commands.run)
    return done.made or Asked(public_id, is_replay=True)
