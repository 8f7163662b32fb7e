"""`make bench`: PayAgency beside the raw floor and stock Flask-AppBuilder, on the same rows."""

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
from benchmarks.scale import DATABASE, SCALES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pymysql import Connection
    from pymysql.cursors import Cursor

    from benchmarks.report import Line
    from benchmarks.scale import Scale
    from tests.infra.mariadb import MariaDbServer

LATEST = database.ROOT / "var" / "bench" / "latest.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the command line and the environment ask for."""

    scale: Scale
    once: bool
    out: Path
    only: str


def main() -> int:
    """Measure everything; 1 where a scenario never found the machine quiet."""
    wanted = _wanted()
    with database.kept(wanted.scale) as home, database.KeptServer(home) as server:
        database.use(server, home)
        database.migrate(server)
        database.make_room_for_the_peer(server)
        measured, rejected = _measure(server, wanted)
        sizes = database.size(server)
    print(report.table(measured))
    print("\n" + "\n".join(f"{row['index_name']:<55}{row['mb']:>8} MB" for row in sizes))
    report.write(wanted.out, measured)
    print(f"\n{len(measured)} figures in {wanted.out}")
    for name in rejected:
        print(f"rejected: {name}: the floors before and after it differ by more than 15 %")
    return 1 if rejected else 0


def _wanted() -> Wanted:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--once", action="store_true", help="one round, nothing is rejected")
    parser.add_argument("--out", type=Path, default=LATEST, help="where the figures go")
    parser.add_argument("--only", default="", help="scenarios whose name holds this")
    given = parser.parse_args()
    return Wanted(SCALES[os.environ.get("SCALE", "small")], given.once, given.out, given.only)


def _measure(server: MariaDbServer, wanted: Wanted) -> tuple[list[Line], list[str]]:
    measured: list[Line] = []
    rejected: list[str] = []
    rounds = 1 if wanted.once else wanted.scale.rounds
    for scenario in _scenarios(server, wanted):
        done = run(scenario, rounds, server.pid, once=wanted.once)
        if done is None:
            rejected.append(scenario.name)
        else:
            measured += report.lines(done)
            print(f"  {scenario.name}", flush=True)
    return measured, rejected


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
