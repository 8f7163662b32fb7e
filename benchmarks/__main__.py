"""`make bench`: PayAgency beside the raw floor and what one would use instead."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pymysql

from benchmarks import database, payment_lists, report, searches
from benchmarks.measure import Scenario, contenders, run
from benchmarks.money import bulk, payments, profile, requests
from benchmarks.scale import DATABASE, SCALES
from tests.infra.redis import RedisServer

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pymysql import Connection
    from pymysql.cursors import Cursor

    from benchmarks.money.crews import Series
    from benchmarks.report import Line
    from benchmarks.scale import Scale
    from benchmarks.steady import Drift
    from tests.infra.mariadb import MariaDbServer

LATEST = database.ROOT / "var" / "bench" / "latest.json"
PROFILED = 100
_OF_MONEY = ("payment", "http", "file")
"""What `--only` may name to measure payments alone: by services, over HTTP, or by files."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line and the environment ask for."""

    scale: Scale
    once: bool
    out: Path
    only: str
    profile: bool


def main() -> int:
    """Measure everything; 1 where a scenario never found the machine quiet."""
    wanted = _wanted()
    with database.kept(wanted.scale) as home, database.KeptServer(home) as server:
        database.use(server, home)
        if wanted.profile:
            return _profile(server, 3 if wanted.once else PROFILED)
        measured, rejected = _lists(server, wanted)
        if measured:
            report.write(wanted.out, measured)  # kept though what follows may be stopped
        sizes = database.size(server)
        more, unsteady = _money(server, wanted)
        measured += more
    print(report.table(measured))
    print("\n" + "\n".join(f"{row['index_name']:<55}{row['mb']:>8} MB" for row in sizes))
    report.write(wanted.out, measured)
    print(f"\n{len(measured)} figures in {wanted.out}")
    for name in (*rejected, *unsteady):
        print(f"rejected: {name}: its floors never agreed, by the clock or on processors")
    return 1 if (rejected or unsteady) and not wanted.once else 0


def _wanted() -> Wanted:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--once", action="store_true", help="one round, nothing is rejected")
    parser.add_argument("--out", type=Path, default=LATEST, help="where the figures go")
    parser.add_argument(
        "--only",
        default="",
        help="lists and searches whose name holds this; or payment, http, file",
    )
    parser.add_argument("--profile", action="store_true", help="only: where a payment's time goes")
    given = parser.parse_args()
    return Wanted(
        SCALES[os.environ.get("SCALE", "small")], given.once, given.out, given.only, given.profile
    )


def _rounds(wanted: Wanted) -> int:
    return 1 if wanted.once else wanted.scale.rounds


def _lists(server: MariaDbServer, wanted: Wanted) -> tuple[list[Line], list[str]]:
    """Measure lists and searches on the rows that are kept."""
    measured: list[Line] = []
    rejected: list[str] = []
    if wanted.only in _OF_MONEY:
        return measured, rejected
    database.migrate(server)
    database.make_room_for_the_peer(server)
    for scenario in _scenarios(server, wanted):
        done = run(scenario, _rounds(wanted), server.pid, once=wanted.once)
        _keep(done.name, done.drift, report.lines(done), measured, rejected, once=wanted.once)
    return measured, rejected


def _money(server: MariaDbServer, wanted: Wanted) -> tuple[list[Line], list[str]]:
    """Measure payments and files of payments, in a database of their own."""
    measured: list[Line] = []
    rejected: list[str] = []
    if wanted.only not in {"", *_OF_MONEY}:
        return measured, rejected
    with RedisServer() as redis:
        database.use_money(server, redis.url)
        with payments.stage(server) as on:
            for done in _of_money(on, redis, wanted):
                lines = report.series(done)
                _keep(done.name, done.drift, lines, measured, rejected, once=wanted.once)
    return measured, rejected


def _profile(server: MariaDbServer, number: int) -> int:
    with RedisServer() as redis:
        database.use_money(server, redis.url)
        with payments.stage(server) as on:
            print("\n".join(profile.tables(on.ours[0].do("profile", number=number))))
    return 0


def _of_money(on: payments.Stage, redis: RedisServer, wanted: Wanted) -> Iterator[Series]:
    scale, rounds, once = wanted.scale, _rounds(wanted), wanted.once
    if wanted.only in {"", "payment"}:
        yield from payments.scenarios(on, scale, rounds, once=once)
    if wanted.only in {"", "http"}:
        yield from requests.scenarios(on, scale, rounds, once=once)
    if wanted.only in {"", "file"}:
        yield from bulk.scenarios(on, redis, scale, rounds, once=once)


def _keep(
    name: str,
    drift: Drift,
    lines: Iterable[Line],
    measured: list[Line],
    rejected: list[str],
    *,
    once: bool,
) -> None:
    """Keep the figures of a scenario, unless its floors never agreed."""
    if once or drift.accepted:
        measured += lines
        print(f"  {name}", flush=True)
    else:
        rejected.append(name)


def _scenarios(server: MariaDbServer, wanted: Wanted) -> Iterator[Scenario]:
    connection: Connection[Cursor] = pymysql.connect(
        unix_socket=str(server.socket), user="root", database=DATABASE, autocommit=True
    )
    with connection, contenders("ours", "stock") as (ours, stock):
        every = [
            *payment_lists.scenarios(connection, wanted.scale, ours, stock),
            *searches.scenarios(connection, ours),
        ]
        yield from (each for each in every if wanted.only in each.name)


if __name__ == "__main__":
    sys.exit(main())
