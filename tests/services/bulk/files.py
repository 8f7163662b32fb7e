"""Files of payments for tests, and what happens to an upload again and again."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Final

from app.adapters import clock, db, storage
from app.queries import bulk, payment_list
from app.queries.listing import Window
from app.services import leases
from app.services.bulk import check, run, uploads

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy import Engine, Row

    from app.domain.actors import Actor
    from app.models import BulkUpload

HEADER: Final = ("reference", "amount", "currency", "method", "card_token")
HANDLERS: Final = {"bulk.check": check, "bulk.run": run}


def text(rows: Iterable[Iterable[str]], header: Iterable[str] = HEADER) -> str:
    """Return CSV text as Excel writes it."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([header, *rows])
    return out.getvalue()


def card(reference: str, amount: str = "10.50", token: str = "tok_approve") -> list[str]:
    """Return a row that pays by card in euros."""
    return [reference, amount, "EUR", "card", token]


def cards(count: int, start: int = 1) -> str:
    """Return a file of card payments `order-1`, `order-2` …."""
    return text(card(f"order-{number}") for number in range(start, start + count))


def upload(actor: Actor, content: str | bytes, decimal_mark: str = ".") -> str:
    """Receive a file and write its upload; returns the public id."""
    data = content.encode() if isinstance(content, str) else content
    with db.reading(actor) as session:
        received = uploads.receive(session, clock.now(), io.BytesIO(data), "payments.csv")
    with db.unit_of_work(actor) as session:
        uploads.register(session, clock.now(), received, decimal_mark)
    return received.public_id


def work() -> int:
    """Do what is due in the queue of uploads, as a worker does; returns the number of tasks."""
    return leases.drain("bulk", HANDLERS)


def checked(actor: Actor, content: str | bytes, decimal_mark: str = ".") -> BulkUpload:
    """Upload and check a file."""
    public_id = upload(actor, content, decimal_mark)
    work()
    return read(actor, public_id)


def confirm(actor: Actor, public_id: str, *, retry_failed: bool = False) -> None:
    """Confirm an upload."""
    with db.unit_of_work(actor) as session:
        uploads.confirm(session, clock.now(), public_id, retry_failed=retry_failed)


def finished(actor: Actor, content: str | bytes, *, retry_failed: bool = False) -> BulkUpload:
    """Upload, check, confirm and run a file."""
    public_id = checked(actor, content).public_id
    confirm(actor, public_id, retry_failed=retry_failed)
    work()
    return read(actor, public_id)


def read(actor: Actor, public_id: str) -> BulkUpload:
    """Return an upload as it is stored now."""
    with db.reading(actor) as session:
        found = bulk.get(session, public_id)
        assert found is not None
        return found


def stored(name: str) -> bytes:
    """Return a stored file."""
    with storage.open_read(name) as file:
        return file.read()


def kept(home: Path) -> list[str]:
    """Return the names of all stored files."""
    return sorted(str(path) for path in (home / "files").rglob("*") if path.is_file())


def states(actor: Actor, upload: BulkUpload) -> dict[str, int]:
    """Return state → number of an upload's rows."""
    with db.reading(actor) as session:
        return bulk.row_counts(session, upload.id)


def payments(actor: Actor) -> list[Row[tuple[str, ...]]]:
    """Return all payments of the actor, newest first."""
    with db.reading(actor) as session:
        window = Window(limit=10_000)
        return list(payment_list.payments(session, payment_list.PaymentFilter(), window).rows)


def end_leases(engine: Engine) -> None:
    """Let every lease be over, as time would."""
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE outbox SET lease_until = '2000-01-01' WHERE state = 'leased'"
        )
