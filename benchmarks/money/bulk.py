"""Files of payments through the queue, beside one payment a commit, and beside Celery."""

from __future__ import annotations

import itertools
import json
import os
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from redis import Redis

from app.domain.identifiers import new_token
from app.services.bulk.running import CHUNK_ROWS
from benchmarks.measure import cpu_of
from benchmarks.money import crews, shop
from benchmarks.money.crews import Spent
from benchmarks.money.payments import assert_books_agree
from tests.infra.processes import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.money.crews import Series
    from benchmarks.money.payments import Stage
    from benchmarks.scale import Scale
    from tests.infra.redis import RedisServer

WORKERS: Final = 2
LONGEST_SECONDS: Final = 300
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_lines = itertools.count(1_000_000_000)


@dataclass(frozen=True, slots=True)
class _Farm:
    """The workers of both, waiting."""

    on: Stage
    redis: RedisServer
    ours: Sequence[Server]
    celery: Server


def scenarios(
    on: Stage, redis: RedisServer, scale: Scale, rounds: int, *, once: bool
) -> Iterator[Series]:
    """Yield what was measured."""
    with _farm(on, redis) as farm:
        rows = CHUNK_ROWS // 2 if once else scale.file_rows
        floor = on.crew("floor", "row")
        done = crews.in_turn(
            f"payments of files, {WORKERS} workers",
            rounds,
            crews.sampled(floor, WORKERS, once=once),
            lambda: _through_ours(farm, rows),
            _warm(lambda: _through_celery(farm, rows)),
            once=once,
        )
        _count_rows_of_the_recorded_file(on)
        assert_books_agree(on)
        yield done


def _warm(sample: Callable[[], Spent]) -> Callable[[], Spent]:
    sample()
    return sample


@contextmanager
def _farm(on: Stage, redis: RedisServer) -> Iterator[_Farm]:
    script = redis.folder / "row.json"
    script.write_text(json.dumps(on.scripts["row"]))
    os.environ.update(BENCH_SCRIPT=str(script))
    ours = [
        Server(
            [sys.executable, "run.py", "worker", "bulk"],
            redis.folder / f"worker-{number}.log",
            ready=lambda number=number: _workers(redis) >= number,  # type: ignore[misc]  # mypy cannot infer a lambda with a default
        )
        for number in range(1, WORKERS + 1)
    ]
    celery = Server(
        [
            *(sys.executable, "-m", "celery", "-A", "benchmarks.peers.celery_tasks", "worker"),
            *("--pool", "prefork", "--concurrency", str(WORKERS), "--loglevel", "ERROR"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        redis.folder / "celery.log",
        ready=lambda: True,
    )
    try:
        for each in (*ours, celery):
            each.start()
        yield _Farm(on, redis, ours, celery)
    finally:
        for each in (*ours, celery):
            each.stop()


def _workers(redis: RedisServer) -> int:
    with Redis.from_url(redis.url) as client:
        return int(client.scard("rq:workers"))


def _through_ours(farm: _Farm, rows: int) -> Spent:
    """Hand in a file a worker and have it checked; from its confirmation on time counts."""
    first = farm.on.ours[0]
    uploads = first.do("upload", rows=rows, number=WORKERS)
    _wait(farm, uploads, "ready")
    _wait_idle(farm.ours)
    pids = [each.pid for each in farm.ours]

    def work() -> None:
        first.do("confirm", uploads=uploads)
        _wait(farm, uploads, "done")

    return _spent(farm, pids, work, rows * WORKERS, lambda: _wait_idle(farm.ours))


def _through_celery(farm: _Farm, rows: int) -> Spent:
    """Give the same batches to Celery; from the first one on time counts."""
    from celery import group  # noqa: PLC0415  # the module reads the environment

    from benchmarks.peers.celery_tasks import load  # noqa: PLC0415  # as above

    count = rows * WORKERS
    asked = [{"reference": new_token(), "line": next(_lines)} for _ in range(count)]
    batches = group(load.s(asked[at : at + CHUNK_ROWS]) for at in range(0, count, CHUNK_ROWS))

    def work() -> None:
        done = batches.apply_async().join(timeout=LONGEST_SECONDS, interval=0.002)
        assert sum(done) == count

    return _spent(farm, [farm.celery.pid], work, count, lambda: None)


def _spent(
    farm: _Farm,
    pids: Sequence[int],
    work: Callable[[], None],
    count: int,
    settle: Callable[[], None],
) -> Spent:
    server = farm.on.server.pid
    client, database = sum(map(_family, pids)), cpu_of(server)
    started = time.perf_counter()
    work()
    wall = time.perf_counter() - started
    settle()
    client = sum(map(_family, pids)) - client
    return Spent(wall / count, client / count, (cpu_of(server) - database) / count)


def _wait(farm: _Farm, uploads: Sequence[str], status: str) -> None:
    names = ", ".join(f"'{each}'" for each in uploads)
    end = time.monotonic() + LONGEST_SECONDS
    with shop.connect(farm.on.server) as connection, connection.cursor() as cursor:
        connection.autocommit(value=True)
        while time.monotonic() < end:
            cursor.execute(
                "SELECT COUNT(*) FROM bulk_upload"
                f" WHERE public_id IN ({names}) AND status = '{status}'"
            )
            found: Any = cursor.fetchone()
            if found[0] == len(uploads):
                return
            time.sleep(0.002)
    raise TimeoutError(f"the files were not {status} in time; see {farm.redis.folder}")


def _wait_idle(workers: Sequence[Server]) -> None:
    """Wait until no worker has a child: only then its time is known."""
    while any(_children(each.pid) for each in workers):
        time.sleep(0.002)


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for each in tasks for child in each.read_text().split()]


def _family(pid: int) -> float:
    """Return the seconds of a process, of its children that ended and of those that live."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ended = sum(int(fields[place]) for place in (13, 14)) / _TICKS
    return cpu_of(pid) + ended + sum(map(_family, _children(pid)))


def _count_rows_of_the_recorded_file(on: Stage) -> None:
    """Let the file of one row, to which the rows of floor and peer belong too, count them."""
    with shop.connect(on.server) as connection, connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bulk_upload SET rows_loaded ="
            " (SELECT COUNT(*) FROM bulk_row WHERE upload_id = bulk_upload.id)"
            " WHERE rows_total = 1"
        )
        connection.commit()
