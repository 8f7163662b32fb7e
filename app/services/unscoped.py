"""Reading across all merchants and both books: explicit, audited, and never for writing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from app.adapters.db import reading, unit_of_work
from app.errors import said
from app.services import audit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor


@contextmanager
def unscoped(actor: Actor, now: datetime, reason: str) -> Iterator[Session]:
    """Open a session that reads every merchant's rows, at one moment of the database.

    An audit entry with the reason is committed first; the session refuses changes.
    """
    with unit_of_work(actor) as session:
        audit.record(
            session,
            now,
            action="books.read_all",
            object_type="books",
            object_id="all",
            sentence=said("Read all merchants' rows: {reason}", reason=reason),
        )
    with reading(actor) as session:
        session.info["unscoped"] = reason
        # One snapshot for all statements: a check of several must not see two moments.
        if session.get_bind().dialect.name == "mysql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session
