"""Measuring in turn: the floor, the peer and ours, again and again, the floor first and last."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks.database import ROOT
from benchmarks.peers.serving import Cost

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pymysql import Connection
    from pymysql.cursors import Cursor

MOST_DRIFT: Final = 0.15
"""The floors before and after may differ by so much; else the machine had other things to do."""

FLOOR_TIMES: Final = 20
TRIES: Final = 4


class Contender:
    """A process that answers requests; see benchmarks/peers/serving.py."""

    def __init__(self, module: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.peers.{module}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._line()

    def ask(self, path: str, reader: str = "staff", accept: str = "text/html") -> Cost:
        """Let it answer a request."""
        assert self._process.stdin is not None
        asked = {"path": path, "reader": reader, "accept": accept}
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        cost = Cost(**json.loads(self._line()))
        assert cost.status == 200, f"{path} answered {cost.status}"
        return Cost(**{**vars(cost), "ids": tuple(cost.ids)})

    def close(self) -> None:
        """End it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    def _line(self) -> str:
        assert self._process.stdout is not None
        while line := self._process.stdout.readline():
            if line == "ready\n" or line.startswith("{"):
                return line
        raise RuntimeError("the contender ended; see what it wrote above")


@contextmanager
def contenders(*modules: str) -> Iterator[list[Contender]]:
    """Start contenders, and end them."""
    started = [Contender(module) for module in modules]
    try:
        yield started
    finally:
        for each in started:
            each.close()


@dataclass(frozen=True, slots=True)
class Floor:
    """The cheapest statement that fetches the same rows, sent by the bare driver."""

    connection: Connection[Cursor]
    statement: str
    keys: Sequence[int]

    def ask(self) -> tuple[float, list[Any]]:
        """Return the seconds, and the rows."""
        with self.connection.cursor() as cursor:
            started = time.perf_counter()
            cursor.execute(self.statement, [self.keys or [0]])
            rows = list(cursor.fetchall())
            return time.perf_counter() - started, rows

    def median(self) -> float:
        """Return the median of several times."""
        return statistics.median(self.ask()[0] for _ in range(FLOOR_TIMES))


@dataclass
class Run:
    """What one scenario cost, round by round."""

    name: str
    floor: list[float] = field(default_factory=list)
    peer: list[Cost] = field(default_factory=list)
    ours: list[Cost] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    drift: float = 0


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing to measure, and what is true of every answer."""

    name: str
    floor: Floor
    ours: Callable[[], Cost]
    peer: Callable[[], Cost] | None = None
    check: Callable[[Cost], None] = lambda _: None


def run(scenario: Scenario, rounds: int, server: int, *, once: bool) -> Run | None:
    """Measure until the floors before and after agree; None where they never do."""
    for _ in range(1 if once else TRIES):
        done = _round_about(scenario, rounds, server)
        if once or done.drift <= MOST_DRIFT:
            return done
        print(f"  {scenario.name}: the floors differ by {done.drift:.0%}, once more", flush=True)
    return None


def _round_about(scenario: Scenario, rounds: int, server: int) -> Run:
    done = Run(scenario.name)
    for ask in filter(None, (scenario.ours, scenario.peer)):
        scenario.check(ask())
    first = scenario.floor.median()
    for _ in range(rounds):
        done.floor.append(scenario.floor.ask()[0])
        if scenario.peer is not None:
            done.peer.append(scenario.peer())
            scenario.check(done.peer[-1])
        before = cpu_of(server)
        done.ours.append(scenario.ours())
        done.database.append(cpu_of(server) - before)
        scenario.check(done.ours[-1])
    last = scenario.floor.median()
    done.drift = abs(first - last) / min(first, last)
    return done


def cpu_of(process: int) -> float:
    """Return the seconds that a process has spent on a processor, all threads together."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in threads) / 1e9
