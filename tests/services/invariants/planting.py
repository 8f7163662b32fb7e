"""Breaking what no service would break: raw statements, seen by the check and then taken back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from app.services.invariants import registry

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection

    from app.services.invariants.base import Violation

GUARDS = ("FOREIGN_KEY_CHECKS", "check_constraint_checks")


@contextmanager
def planted(engine: Engine, *statements: str) -> Iterator[Connection]:
    """Run statements that the database's own rules would refuse; nothing of it is kept."""
    with engine.connect() as connection:
        for guard in GUARDS:
            connection.exec_driver_sql(f"SET {guard}=0")
        try:
            for statement in statements:
                assert connection.exec_driver_sql(statement).rowcount > 0, statement
            yield connection
        finally:
            connection.rollback()
            for guard in GUARDS:
                connection.exec_driver_sql(f"SET {guard}=1")


def found(connection: Connection, name: str) -> Sequence[Violation]:
    """Return what an invariant finds on this very connection."""
    with Session(connection, info={"unscoped": "test"}) as session:
        (invariant,) = (each for each in registry.INVARIANTS if each.name == name)
        return invariant.check(session)
