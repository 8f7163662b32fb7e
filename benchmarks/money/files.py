"""Files of payments: handed in, checked, confirmed; the workers do the rest."""

from __future__ import annotations

import csv
import io
from typing import Final

from app.adapters import clock, db
from app.domain.identifiers import new_token
from app.services import leases
from app.services.bulk import check, run, uploads
from benchmarks.money.shop import AMOUNT_MINOR, CURRENCY, owner

_COLUMNS: Final = (
    *("reference", "amount", "currency", "method", "card_token"),
    *("customer_name", "customer_email", "description"),
)


def upload(merchant_id: int, rows: int) -> str:
    """Hand in a file of card payments; returns its id."""
    actor = owner(merchant_id)
    with db.reading(actor) as session:
        received = uploads.receive(session, clock.now(), io.BytesIO(_file(rows)), "payments.csv")
    with db.unit_of_work(actor) as session:
        uploads.register(session, clock.now(), received)
    return received.public_id


def confirm(merchant_id: int, public_id: str) -> None:
    """Confirm a checked file."""
    with db.unit_of_work(owner(merchant_id)) as session:
        uploads.confirm(session, clock.now(), public_id)


def work() -> None:
    """Do what is due, as a worker does, but in this process."""
    leases.drain(uploads.QUEUE, {"bulk.check": check, "bulk.run": run})


def _file(rows: int) -> bytes:
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow(_COLUMNS)
    for _ in range(rows):
        out.writerow(
            (
                *(new_token(), f"{AMOUNT_MINOR // 100}.00", CURRENCY, "card", "tok_approve"),
                *("Person of the benchmark", "payer@example.com", "Order of spare parts"),
            )
        )
    return text.getvalue().encode()
