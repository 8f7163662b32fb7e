"""What is asked of a merchant's settings: what is refused leaves a trace."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, TypeVar

from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.errors import ForbiddenError, said
from app.services import logos, merchant_settings, refusals

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.domain.merchant_settings import MerchantSettings

_Result = TypeVar("_Result")


def update(actor: Actor, merchant: str, wanted: MerchantSettings, version: str) -> tuple[str, ...]:
    """Change the settings of the actor's merchant (public id); answers what really changed."""
    merchant_id = _own(actor)
    return _act(
        actor,
        merchant,
        lambda session, now: merchant_settings.update(session, now, merchant_id, wanted, version),
    )


def set_logo(actor: Actor, merchant: str, source: IO[bytes]) -> None:
    """Show the picture of a file as the merchant's logo. Raises BadInputError at `logo`."""
    _own(actor)
    place = logos.keep(merchant, clock.now(), source)
    try:
        _show(actor, merchant, place)
    except BaseException:
        logos.drop(place)
        raise


def remove_logo(actor: Actor, merchant: str) -> None:
    """Show no logo any more."""
    _show(actor, merchant, "")


def _show(actor: Actor, merchant: str, place: str) -> None:
    merchant_id = _own(actor)
    _act(
        actor,
        merchant,
        lambda session, now: merchant_settings.change_logo(session, now, merchant_id, place),
    )


def _own(actor: Actor) -> int:
    if actor.merchant_id is None:
        raise ForbiddenError(said("Only a merchant's own people change its settings here."))
    return actor.merchant_id


def _act(actor: Actor, merchant: str, write: Callable[[Session, datetime], _Result]) -> _Result:
    def done() -> _Result:
        with unit_of_work(actor) as session:
            return write(session, clock.now())

    release_reads()
    with refusals.audited(
        actor,
        action="settings.update",
        object_type="merchant",
        object_id=merchant,
        merchant_id=actor.merchant_id,
    ):
        return retry_when_busy(done)()
