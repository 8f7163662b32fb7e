"""Commands that move money are done once for each key: by form, and by whoever else asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Generic, TypeVar

from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.services import idempotency

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A request: its key as it came, and what tells it from another; `body` is canonical.

    `merchant_id` is whose key it is, also where somebody of the house asks.
    """

    actor: Actor
    key: str
    merchant_id: int
    path: str
    body: Mapping[str, object]
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Done(Generic[Made]):
    """What a command has made, or (`is_replay`) had made before; `made` is None then."""

    object_id: str
    made: Made | None

    @property
    def is_replay(self) -> bool:
        """Whether the key had been used before."""
        return self.made is None


def once(
    command: Command,
    write: Callable[[Session, datetime], tuple[str, Made]],
    then: Callable[[Made], None] | None = None,
) -> Done[Made]:
    """Write a command's intent once for its key; answers what it made, now or before.

    `write` runs in a unit of work together with the key, and answers the object's id and what
    `then` needs; `then` runs after the commit, such as a call to a provider. Raises
    IdempotencyMismatchError for another body under the key, IdempotencyInFlightError (with the
    `object_id`) while the first request is at work, and whatever `write` raises; then the key is
    as unused as before.
    """
    release_reads()
    done = retry_when_busy(_write)(command, write, lease=_lease(then))
    if done.made is not None and then is not None:
        try:
            then(done.made)
        finally:
            retry_when_busy(_finish)(command)
    return done


def _lease(then: object) -> timedelta:
    # What is complete with its commit is never in flight: a second request waits for that commit.
    return timedelta(0) if then is None else idempotency.LEASE


def _write(
    command: Command,
    write: Callable[[Session, datetime], tuple[str, Made]],
    *,
    lease: timedelta,
) -> Done[Made]:
    now = clock.now()
    merchant_id = command.merchant_id
    digest = idempotency.digest(command.method, command.path, command.body)
    with unit_of_work(command.actor) as session:
        known = idempotency.begin(
            session, now, command.key, digest, "", merchant_id=merchant_id, lease=lease
        )
        if known is not None:
            idempotency.refuse_while_running(session, now, command.key, merchant_id=merchant_id)
            return Done(known, None)
        object_id, made = write(session, now)
        idempotency.name(session, command.key, object_id, merchant_id=merchant_id)
        return Done(object_id, made)


def _finish(command: Command) -> None:
    with unit_of_work(command.actor) as session:
        idempotency.finish(session, clock.now(), command.key, merchant_id=command.merchant_id)
