"""The door to the database: `unit_of_work()` is the only place that commits."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from tenacity import retry, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from app.errors import CheckViolatedError, DatabaseBusyError, PayAgencyError, UnavailableError, said
from app.extensions import db

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Engine
    from sqlalchemy.engine import Connection

    from app.domain.actors import Actor

_BUSY = {1205, 1213}
_NO_SUCH_ROUTINE = 1305
_CHECK = {3819, 4025}
_GONE = {2002, 2003, 2006, 2013, 1040, 1045, 1049, 1053}


def engine_options(url: str) -> dict[str, Any]:
    """Return the options of `create_engine` for this URL."""
    if url.startswith("sqlite"):
        return {
            "hide_parameters": True,
            "connect_args": {"timeout": 20, "check_same_thread": False},
        }
    return {
        # An unexpected error must not carry the values of a statement into the logs.
        "hide_parameters": True,
        "isolation_level": "READ COMMITTED",
        "pool_pre_ping": True,
        "pool_recycle": 1800,
        "pool_size": 10,
        "max_overflow": 20,
        "connect_args": {
            "charset": "utf8mb4",
            "connect_timeout": 5,
            "init_command": "SET time_zone = '+00:00'",
        },
    }


def prepare_engine(engine: Engine) -> None:
    """Give SQLite foreign keys, WAL and explicit transactions; nothing to do elsewhere."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("foreign_keys=ON", "journal_mode=WAL", "synchronous=FULL"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("payagency_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def translate(error: DBAPIError) -> PayAgencyError | None:
    """Map a driver's error to ours: busy, CHECK or not reachable; None where it is neither."""
    arguments = getattr(error.orig, "args", ())
    number = arguments[0] if arguments else None
    text = str(error.orig)
    # A deadlock ends the whole transaction; within a savepoint, going back to it fails and is told.
    is_undone = number == _NO_SUCH_ROUTINE and "SAVEPOINT" in text
    if number in _BUSY or is_undone or "database is locked" in text:
        return DatabaseBusyError(said("The database is busy. Try again in a moment."))
    if number in _CHECK or "CHECK constraint failed" in text:
        return CheckViolatedError(said("A rule of the database refused this change."))
    if number in _GONE or "unable to open database" in text:
        return UnavailableError(
            said("The database does not answer. Check DATABASE_URL and the server.")
        )
    return None


def new_session(actor: Actor | None, *, write: bool) -> Session:
    """Return a fresh session that acts as `actor` (None: nobody, sees nothing)."""
    engine = db.engine
    if write:
        engine = engine.execution_options(payagency_write=True)
    session = Session(engine, expire_on_commit=False)
    if actor is not None:
        session.info["actor"] = actor
    session.info["writable"] = write
    return session


def release_reads() -> None:
    """End the read transaction of the request's session before something slow is done."""
    db.session.rollback()


@contextmanager
def unit_of_work(actor: Actor | None) -> Iterator[Session]:
    """Open a fresh session as `actor`, commit at the end, roll back on any error.

    `session.info["after_commit"]` may hold callables that run once the commit succeeded, such as
    the wake-up of a queue.
    """
    session = new_session(actor, write=True)
    try:
        yield session
        session.commit()
    except DBAPIError as error:
        session.rollback()
        mapped = translate(error)
        if mapped is None:
            raise
        raise mapped from error
    except BaseException:
        session.rollback()
        raise
    finally:
        session.close()
    for call in session.info.get("after_commit", ()):
        call()


@contextmanager
def reading(actor: Actor | None) -> Iterator[Session]:
    """Open a fresh session for reading only; nothing that it changes is kept."""
    session = new_session(actor, write=False)
    try:
        yield session
    finally:
        # Closing detaches what was read and keeps it readable; a roll-back would expire it first.
        session.close()


def after_commit(session: Session, call: Callable[[], object]) -> None:
    """Run `call` once this unit of work has committed."""
    session.info.setdefault("after_commit", []).append(call)


retry_when_busy = retry(
    retry=retry_if_exception_type(DatabaseBusyError),
    stop=stop_after_attempt(6),
    wait=wait_random_exponential(multiplier=0.02, max=1),
    reraise=True,
)
