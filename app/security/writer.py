"""What keeps the changes of generated forms: a unit of work each, as the actor of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy.exc import IntegrityError

from app.adapters import clock
from app.adapters.db import retry_when_busy, unit_of_work
from app.errors import ForbiddenError, said
from app.extensions import db
from app.models import Merchant
from app.models.accounts import User
from app.models.tenancy import actor_of
from app.services import accounts, merchants, records, refusals
from app.services.approvals import limits
from app.services.record_rules import PROTECTED

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.queries.interface import Verb

T = TypeVar("T")


class UnitWriter:
    """Hands people to `services/accounts.py`, merchants and every other row to their services.

    What is protected is only asked for (`services/approvals`): it is refused everywhere else.
    """

    def create(self, model: type[Any], values: Mapping[str, Any]) -> int:
        """Add a row and return its key."""
        if model is User:
            return _kept(lambda unit: int(accounts.create_user(unit, clock.now(), **values).id))
        if model is Merchant:
            return _kept(lambda unit: int(merchants.take_on(unit, clock.now(), values).id))
        _refuse_protected(model)
        return _kept(lambda unit: int(records.create(unit, clock.now(), model, values).id))

    def update(self, model: type[Any], key: int, values: Mapping[str, Any]) -> None:
        """Change columns of a row."""
        if model is User:
            _kept(lambda unit: accounts.update_user(unit, clock.now(), key, values).id)
        else:
            _refuse_protected(model, values)
            _kept(lambda unit: int(records.update(unit, clock.now(), model, key, values).id))

    def delete(self, model: type[Any], keys: Sequence[int]) -> None:
        """Remove rows, all or none."""
        _refuse_protected(model)

        def remove(unit: Session) -> int:
            if model is not User:
                records.delete(unit, clock.now(), model, keys)
            else:
                for key in keys:
                    accounts.delete_user(unit, clock.now(), key)
            return len(keys)

        _kept(remove)

    def ask(
        self, model: type[Any], verb: Verb, key: int, values: Mapping[str, Any], reason: str
    ) -> str:
        """Ask a second person for a change of a limit; answers the public id of the request."""
        name = str(model.__tablename__)
        actor = actor_of(db.session())
        with refusals.audited(
            actor, action=f"{name}.{verb}", object_type=name, object_id=str(key or "new")
        ):
            return _kept(
                lambda unit: limits.ask(unit, clock.now(), verb, key, values, reason).public_id
            )


def _refuse_protected(model: type[Any], columns: Collection[str] | None = None) -> None:
    protection = PROTECTED.get(model)
    if protection and (columns is None or protection.columns & set(columns)):
        raise ForbiddenError(said("This changes only with the approval of a second person."))


@retry_when_busy
def _kept(change: Callable[[Session], T]) -> T:
    actor = actor_of(db.session())
    try:
        with unit_of_work(actor) as unit:
            return change(unit)
    except IntegrityError as error:
        raise records.conflict(error) from error
