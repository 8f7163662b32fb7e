"""What keeps the changes of generated forms: a unit of work each, as the actor of the request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import IntegrityError

from app.adapters import clock
from app.adapters.db import retry_when_busy, unit_of_work
from app.extensions import db
from app.models.accounts import User
from app.models.tenancy import actor_of
from app.services import accounts, records

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session


class UnitWriter:
    """Hands people to `services/accounts.py` and every other row to `services/records.py`."""

    def create(self, model: type[Any], values: Mapping[str, Any]) -> int:
        """Add a row and return its key."""
        if model is User:
            return _kept(lambda unit: accounts.create_user(unit, clock.now(), **values).id)
        return _kept(lambda unit: int(records.create(unit, clock.now(), model, values).id))

    def update(self, model: type[Any], key: int, values: Mapping[str, Any]) -> None:
        """Change columns of a row."""
        if model is User:
            _kept(lambda unit: accounts.update_user(unit, clock.now(), key, values).id)
        else:
            _kept(lambda unit: int(records.update(unit, clock.now(), model, key, values).id))

    def delete(self, model: type[Any], keys: Sequence[int]) -> None:
        """Remove rows, all or none."""

        def remove(unit: Session) -> int:
            if model is not User:
                records.delete(unit, clock.now(), model, keys)
            else:
                for key in keys:
                    accounts.delete_user(unit, clock.now(), key)
            return len(keys)

        _kept(remove)


@retry_when_busy
def _kept(change: Callable[[Session], int]) -> int:
    actor = actor_of(db.session())
    try:
        with unit_of_work(actor) as unit:
            return change(unit)
    except IntegrityError as error:
        raise records.conflict(error) from error
