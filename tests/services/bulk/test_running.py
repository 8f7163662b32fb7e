from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.adapters import db, failpoints
from app.domain.actors import Actor
from app.models import BulkRow
from app.queries import outbox
from app.services import leases
from app.services.bulk import error_file, run, running
from app.services.bulk.table import Delimiter
from app.services.bulk.verdicts import Judged, Verdict, judge
from app.services.invariants.bulk_rows import BulkRows
from tests.services.bulk import files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from app.domain.bulk_rows import PaymentRow
    from tests.fixtures.application import World

FAILPOINTS = (
    "bulk.chunk_loaded",
    "bulk.before_commit",
    "bulk.chunk_committed",
    "bulk.before_done",
)


class Killed(BaseException):
    """Stands for the end of a process: nothing catches it."""


def fail_payments(engine: Engine, *references: str) -> None:
    with engine.begin() as connection:
        for reference in references:
            connection.exec_driver_sql(
                "UPDATE payment SET status = 'failed' WHERE reference = %s", (reference,)
            )


def figures(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table: connection.exec_driver_sql(f"SELECT COUNT(*) FROM {table}").scalar_one()
            for table in ("payment", "attempt", "operation", "bulk_row", "bulk_reference")
        }


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("name", FAILPOINTS)
def test_killed_at_any_failpoint_every_row_is_loaded_exactly_once(
    world: World,
    migrator_engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    times: int,
) -> None:
    monkeypatch.setattr(running, "CHUNK_ROWS", 3)
    upload = files.checked(world.owner(), files.cards(8))
    files.confirm(world.owner(), upload.public_id)
    hits = []

    def hit(reached: str) -> None:
        hits.append(reached)
        if hits.count(name) == times and reached == name:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(failpoints, "hit", hit)
        if name == "bulk.before_done" and times > 1:
            files.work()
        else:
            with pytest.raises(Killed):
                files.work()
    files.end_leases(migrator_engine)
    files.work()
    assert files.read(world.owner(), upload.public_id).status == "done"
    assert files.states(world.owner(), upload) == {"created": 8}
    assert set(figures(migrator_engine).values()) == {8}
    with db.reading(world.staff()) as session:
        assert BulkRows().check(session) == []


def test_a_worker_whose_lease_was_taken_loads_no_further_chunk(
    world: World, migrator_engine: Engine
) -> None:
    upload = files.checked(world.owner(), files.cards(3))
    files.confirm(world.owner(), upload.public_id)
    house = Actor.house(None, "test")
    with db.unit_of_work(house) as session:
        first = outbox.lease(session, outbox.due(session, "bulk", 1)[0], leases.owner(), 1)
    files.end_leases(migrator_engine)
    with db.unit_of_work(house) as session:
        second = outbox.lease(session, outbox.due(session, "bulk", 1)[0], "another", 60)
    assert first is not None
    assert second is not None
    run(first)
    assert figures(migrator_engine)["payment"] == 0
    run(second)
    run(first)
    assert figures(migrator_engine)["payment"] == 3


def test_the_same_file_again_does_nothing_twice(world: World, migrator_engine: Engine) -> None:
    first = files.checked(world.owner(), files.cards(4)).public_id
    second = files.checked(world.owner(), files.cards(5)).public_id
    for public_id in (first, second):
        files.confirm(world.owner(), public_id)
    assert files.work() == 2
    upload = files.read(world.owner(), second)
    assert files.states(world.owner(), upload) == {"already_done": 4, "created": 1}
    assert figures(migrator_engine)["payment"] == 5


def test_a_failed_payment_is_tried_again_only_when_asked_for(
    world: World, migrator_engine: Engine
) -> None:
    files.finished(world.owner(), files.cards(3))
    fail_payments(migrator_engine, "order-1", "order-2")
    upload = files.checked(world.owner(), files.cards(4))
    assert (upload.rows_valid, upload.rows_done, upload.rows_retry) == (1, 1, 2)
    left = files.finished(world.owner(), files.cards(4))
    assert files.states(world.owner(), left) == {
        "created": 1,
        "already_done": 1,
        "failed_before": 2,
    }
    retried = files.finished(world.owner(), files.cards(4), retry_failed=True)
    assert files.states(world.owner(), retried) == {"retried": 2, "already_done": 2}
    assert figures(migrator_engine) == {
        "payment": 6,
        "attempt": 6,
        "operation": 6,
        "bulk_row": 11,
        "bulk_reference": 4,
    }
    assert files.checked(world.owner(), files.cards(4)).rows_done == 4


def test_what_the_dry_run_rejected_stays_out_and_refusals_join_the_error_file(
    world: World, migrator_engine: Engine
) -> None:
    rows = [files.card(f"order-{number}") for number in range(4)]
    rows[1][1] = "x"
    upload = files.checked(world.owner(), files.text(rows))
    files.confirm(world.owner(), upload.public_id)
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM capability WHERE kind = 'card'")
    files.work()
    done = files.read(world.owner(), upload.public_id)
    assert files.states(world.owner(), done) == {"refused": 3}
    assert done.errors_at is not None
    found = error_file.first_errors(done.errors_at, Delimiter.COMMA, 100)
    assert [(error.line, error.code) for error in found] == [
        (2, "capability_missing"),
        (3, "amount_invalid"),
        (4, "capability_missing"),
        (5, "capability_missing"),
    ]
    assert b"order-3,10.50,EUR,card,tok_approve,5,," in files.stored(done.errors_at)
    assert figures(migrator_engine)["bulk_reference"] == 0


def test_two_uploads_that_take_one_reference_at_once_make_one_payment(
    world: World, migrator_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [files.checked(world.owner(), files.cards(2)).public_id for _ in range(2)]
    for public_id in ids:
        files.confirm(world.owner(), public_id)
    judged = []

    def blind_once(session: Session, merchant_id: int, rows: Sequence[PaymentRow]) -> list[Judged]:
        judged.append(rows)
        found = judge(session, merchant_id, rows)
        if len(judged) != 2:
            return found
        return [Judged(each.row, each.digest, Verdict.NEW, None) for each in found]

    monkeypatch.setattr("app.services.bulk.chunks.judge", blind_once)
    assert files.work() == 2
    assert len(judged) == 3
    assert figures(migrator_engine)["payment"] == 2
    second = files.read(world.owner(), ids[1])
    assert files.states(world.owner(), second) == {"already_done": 2}


def test_a_failed_payment_that_another_upload_tries_again_is_left_to_it(
    world: World, migrator_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.finished(world.owner(), files.cards(1))
    fail_payments(migrator_engine, "order-1")
    upload = files.checked(world.owner(), files.cards(1))
    files.confirm(world.owner(), upload.public_id, retry_failed=True)
    retakes = []

    def too_late(*args: object) -> bool:
        retakes.append(args)
        return False

    monkeypatch.setattr("app.queries.bulk.retake", too_late)
    monkeypatch.setattr(running._load.retry, "sleep", lambda _seconds: None)
    files.work()
    assert len(retakes) > 1
    assert figures(migrator_engine)["payment"] == 1
    with migrator_engine.connect() as connection:
        left = connection.exec_driver_sql(
            "SELECT error FROM outbox WHERE kind = 'bulk.run' AND state = 'waiting'"
        ).scalar_one()
    assert "tries the same failed payment" in left


def test_after_some_chunks_the_task_is_given_back_for_others_to_have_their_turn(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "CHUNK_ROWS", 2)
    monkeypatch.setattr(running, "MOST_CHUNKS", 2)
    upload = files.checked(world.owner(), files.cards(9))
    files.confirm(world.owner(), upload.public_id)
    loaded = []
    while files.work():
        loaded.append(files.read(world.owner(), upload.public_id).rows_loaded)
    assert loaded == [4, 8, 9]


def test_a_row_keeps_its_cells_encrypted(world: World, migrator_engine: Engine) -> None:
    files.finished(world.owner(), files.cards(1))
    with migrator_engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT content FROM bulk_row").scalar_one()
    assert b"tok_approve" not in stored
    with db.reading(world.owner()) as session:
        row = session.scalars(select(BulkRow)).one()
    assert json.loads(row.content) == files.card("order-1")
    assert (row.line, row.reference, row.amount_minor) == (2, "order-1", 1050)
