"""The worker of a file is killed with its children: every row becomes exactly one payment."""

from __future__ import annotations

import io
from collections import Counter
from typing import TYPE_CHECKING, Final

import pytest

from app.adapters import clock, db
from app.jobs.handlers import HANDLERS
from app.models import BulkRow, Notification, Payment, PaymentLink
from app.queries import bulk
from app.services import leases
from app.services.bulk import uploads
from tests.faults.processes import Process, eventually

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.fixtures.application import World
    from tests.infra.redis import RedisServer
    from tests.infra.sandbox import SandboxServer

pytestmark = pytest.mark.timeout(400)

ROWS = 210  # a full chunk and the beginning of the next
FAILPOINTS = (
    "bulk.chunk_loaded",
    "bulk.before_commit:2",
    "bulk.chunk_committed",
    "bulk.before_done",
)


CARDS: Final = (
    "reference,amount,currency,method,card_token",
    *(f"row-{number},10.00,EUR,card,tok_approve" for number in range(ROWS)),
)


def _confirmed(world: World, lines: Sequence[str] = CARDS) -> str:
    source = io.BytesIO("\n".join(lines).encode())
    owner = world.owner()
    with db.reading(owner) as session:
        received = uploads.receive(session, clock.now(), source, "rows.csv")
    with db.unit_of_work(owner) as session:
        upload = uploads.register(session, clock.now(), received).public_id
    leases.drain("bulk", HANDLERS)
    with db.unit_of_work(owner) as session:
        uploads.confirm(session, clock.now(), upload)
    return upload


def _status(world: World, upload: str) -> str:
    with db.reading(world.owner()) as session:
        found = bulk.get(session, upload)
        assert found is not None
        return str(found.status)


def _all_paid(world: World) -> bool:
    with db.reading(world.owner()) as session:
        statuses = Counter(session.scalars(session.query(Payment.status).statement))
    return statuses == {"succeeded": ROWS}


@pytest.mark.parametrize("failpoint", FAILPOINTS)
def test_each_row_of_a_file_becomes_one_payment_when_its_worker_dies(
    failpoint: str, world: World, redis_server: RedisServer, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    upload = _confirmed(world)
    assert redis_server.answers()
    with Process(log, "worker", "bulk", failpoint=failpoint) as doomed:
        eventually(doomed.died, f"the worker dies at {failpoint}", log)
    with Process(log, "worker", "bulk"), Process(log, "scheduler"):
        eventually(lambda: _status(world, upload) == "done", "the file is done", log)
    with db.reading(world.owner()) as session:
        references = Counter(session.scalars(session.query(Payment.reference).statement))
        payments = [row.payment_id for row in session.query(BulkRow)]
    assert references == {f"row-{number}": 1 for number in range(ROWS)}
    assert len(payments) == len(set(payments)) == ROWS


@pytest.mark.parametrize("failpoint", ["bulk.before_commit:2", "bulk.chunk_committed"])
def test_each_row_becomes_one_link_and_one_mail_when_its_worker_dies(
    failpoint: str, world: World, redis_server: RedisServer, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    lines = ["reference,amount,currency,method,customer_email,send"]
    lines += [f"row-{number},10.00,EUR,link,p{number}@example.com,yes" for number in range(ROWS)]
    upload = _confirmed(world, lines)
    assert redis_server.answers()
    with Process(log, "worker", "bulk", failpoint=failpoint) as doomed:
        eventually(doomed.died, f"the worker dies at {failpoint}", log)
    with Process(log, "worker", "bulk"), Process(log, "scheduler"):
        eventually(lambda: _status(world, upload) == "done", "the file is done", log)
    with db.reading(world.owner()) as session:
        made = Counter(session.scalars(session.query(PaymentLink.reference).statement))
        mailed = session.query(Notification.object_id).where(Notification.kind == "payment_link")
        mails = Counter(session.scalars(mailed.statement))
    assert made == {f"row-{number}": 1 for number in range(ROWS)}
    assert (len(mails), set(mails.values())) == (ROWS, {1})


def test_the_provider_is_asked_once_a_row_when_a_money_worker_dies(
    sandbox_world: World,
    sandbox_server: SandboxServer,
    redis_server: RedisServer,
    tmp_path: Path,
) -> None:
    log = tmp_path / "log"
    assert redis_server.answers()
    _confirmed(sandbox_world)
    leases.drain("bulk", HANDLERS)
    with Process(log, "worker", "money", failpoint="execute.after_call:50") as doomed:
        eventually(doomed.died, "the worker dies in its fiftieth call", log)
    with Process(log, "worker", "money"), Process(log, "worker"), Process(log, "scheduler"):
        eventually(lambda: _all_paid(sandbox_world), "every payment succeeds", log)
    with db.reading(sandbox_world.owner()) as session:
        ids = list(session.scalars(session.query(Payment.public_id).statement))
    effects = [effect["our_reference"] for effect in sandbox_server.log().effects]
    assert Counter(effect for effect in effects if effect in set(ids)) == dict.fromkeys(ids, 1)
