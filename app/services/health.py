"""What must stand for the application to work: the checks of `doctor` and of `/readyz`."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

import config
from app.adapters import crypto, mail, migrations, queue, storage
from app.adapters.db import engine_options
from app.errors import PayAgencyError, UnavailableError
from app.providers.http import DOOR, HttpCall
from app.queries import health

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from sqlalchemy.orm import Session

    Check = Callable[[], str]

MOST_CLOCK_DIFFERENCE = timedelta(seconds=2)
SANDBOX_SECONDS = 3.0
_KEY_PLACE = "doctor.probe"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found; `needed` says whether traffic may be taken without it.

    `way_out` is a sentence for whoever has to mend it, empty where nothing is wrong.
    """

    name: str
    ok: bool
    detail: str
    way_out: str = ""
    needed: bool = True


def ready(session: Session, now: datetime) -> list[Finding]:
    """Answer whether this process may take traffic: database, schema, and (not needed) the queue.

    Payments are taken without the queue: their tasks wait in the database until it is back.
    """
    return [_database(session, now), _migrations(session), _queue()]


def examine(session: Session, now: datetime) -> list[Finding]:
    """Check everything that the application stands on, slow things included."""
    found = [_configuration(), _database(session, now), _migrations(session), _texts(session)]
    if config.get().database_replica_url:
        found.append(_replica())
    return [*found, _queue(), _storage(), _keys(), _mail(), _sandbox()]


def _find(name: str, check: Check, way_out: str, *, needed: bool = True) -> Finding:
    try:
        return Finding(name, ok=True, detail=check(), needed=needed)
    except DBAPIError as error:
        detail = str(error.orig)
    except PayAgencyError as error:
        detail = error.detail
    except (SQLAlchemyError, OSError, ValueError) as error:
        detail = f"{type(error).__name__}: {error}"
    return Finding(name, ok=False, detail=detail, way_out=way_out, needed=needed)


def _configuration() -> Finding:
    def check() -> str:
        settings = config.read()
        return f"{settings.environment}, {settings.public_url}"

    return _find("configuration", check, "Correct each name; .env.example explains them.")


def _database(session: Session, now: datetime) -> Finding:
    def check() -> str:
        started = time.monotonic()
        moment = health.clock(session)  # opening a connection takes time, too
        difference = abs(moment - now - timedelta(seconds=time.monotonic() - started))
        if difference > MOST_CLOCK_DIFFERENCE:
            raise UnavailableError(
                f"its clock differs by {difference.total_seconds():.1f} s from this machine's"
            )
        return f"{session.get_bind().dialect.name} answers, its clock agrees"

    return _find(
        "database",
        check,
        "Check DATABASE_URL, that its server runs, and that both clocks are kept by NTP.",
    )


def _migrations(session: Session) -> Finding:
    def check() -> str:
        current, head = migrations.current(session.connection()), migrations.head()
        if migrations.is_newer(current):
            return f"at {current}, of a later release than this code, which knows {head}"
        if current != head:
            raise UnavailableError(f"the database is at {current or 'nothing'}, not at {head}")
        return f"at {head}"

    return _find("migrations", check, "Run: python run.py release")


def _texts(session: Session) -> Finding:
    def check() -> str:
        if not health.is_mysql(session):
            return "SQLite, for a look only"
        wrong = health.foreign_texts(session)
        if wrong:
            raise UnavailableError(f"not utf8mb4: {', '.join(wrong[:10])}")
        return "all utf8mb4"

    way_out = "Convert them: ALTER TABLE … CONVERT TO CHARACTER SET utf8mb4."
    return _find("texts", check, way_out)


def _replica() -> Finding:
    def check() -> str:
        url = config.get().database_replica_url
        engine = create_engine(url, **engine_options(url))
        with engine.connect():
            pass
        engine.dispose()
        return "answers"

    return _find("replica", check, "Check DATABASE_REPLICA_URL, or leave it empty.")


def _queue() -> Finding:
    def check() -> str:
        if not queue.ping():
            raise UnavailableError("does not answer; tasks are kept and wait in the database")
        return "answers"

    return _find("redis", check, "Start the server that REDIS_URL names.", needed=False)


def _storage() -> Finding:
    def check() -> str:
        storage.check()
        return "a file was written, read and removed"

    return _find("storage", check, "Check STORAGE_URL and the rights on that folder.")


def _keys() -> Finding:
    def check() -> str:
        if crypto.decrypt(crypto.encrypt("probe", _KEY_PLACE), _KEY_PLACE) != "probe":
            raise UnavailableError("a value came back changed")
        return "a value was encrypted and decrypted"

    return _find("keys", check, "Check KEYS_URL; restore the key ring from its backup.")


def _mail() -> Finding:
    way_out = "Check MAIL_URL and its server; mails wait in the database meanwhile."
    return _find("mail", mail.check, way_out, needed=False)


def _sandbox() -> Finding:
    def check() -> str:
        address = config.get().sandbox
        reply = DOOR.send(
            HttpCall(method="GET", url=f"{address}/healthz"), timeout_seconds=SANDBOX_SECONDS
        )
        if reply.status != HTTPStatus.OK:
            raise UnavailableError(f"{address} answers {reply.status}")
        return f"{address} answers"

    if config.get().environment == "production" and not config.get().sandbox_url:
        return Finding("sandbox", ok=True, detail="not used", needed=False)
    way_out = "Start it: python -m sandbox --port … --store …; SANDBOX_URL names it."
    return _find("sandbox", check, way_out, needed=False)
