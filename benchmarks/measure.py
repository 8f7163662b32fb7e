"""Measuring in turn: the floor, the peer and ours, again and again, the floor first and last."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from benchmarks.database import ROOT
from benchmarks.peers.serving import Cost
from benchmarks.steady import SAMPLE_SECONDS, TRIES, Drift, Effort, drift, repetitions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pymysql import Connection
    from pymysql.cursors import Cursor


class Contender:
    """A process that answers requests; see benchmarks/peers/serving.py."""

    def __init__(self, module: str, *, wait: bool = True) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.peers.{module}"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if wait:
            self.wait_ready()

    def wait_ready(self) -> None:
        """Wait until it answers."""
        self._line()

    def tell(self, **asked: Any) -> None:
        """Say what to do; `hear` waits for the answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()

    def hear(self) -> Any:
        """Return the answer to what was told."""
        return json.loads(self._line())

    def do(self, task: str, /, **asked: Any) -> Any:
        """Have a task done, and return its answer."""
        self.tell(do=task, **asked)
        return self.hear()

    def ask(self, path: str, reader: str = "staff", accept: str = "text/html") -> Cost:
        """Let it answer a request."""
        self.tell(path=path, reader=reader, accept=accept)
        cost = Cost(**self.hear())
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
            if line == "ready\n" or line[0] in '{["tf':
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

    def effort(self, times: int, server: int) -> Effort:
        """Return what one asking costs, of so many."""
        database, cpu, wall = cpu_of(server), time.process_time(), time.perf_counter()
        for _ in range(times):
            self.ask()
        spent = time.process_time() - cpu + cpu_of(server) - database
        return Effort((time.perf_counter() - wall) / times, spent / times)


@dataclass
class Run:
    """What one scenario cost, round by round; `floor` are the seconds of its statement."""

    name: str
    floor: list[float] = field(default_factory=list)
    peer: list[Cost] = field(default_factory=list)
    ours: list[Cost] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    drift: Drift = field(default_factory=lambda: Drift(0, 0))


@dataclass(frozen=True, slots=True)
class Scenario:
    """One thing to measure, and what is true of every answer."""

    name: str
    floor: Floor
    ours: Callable[[], Cost]
    peer: Callable[[], Cost] | None = None
    check: Callable[[Cost], None] = lambda _: None


def run(scenario: Scenario, rounds: int, server: int, *, once: bool) -> Run:
    """Measure until the floors agree, or as often as it is worth."""
    number = 1
    while True:
        done = _round_about(scenario, rounds, server, 0 if once else SAMPLE_SECONDS)
        done.drift = replace(done.drift, tries=number)
        if done.drift.accepted or once or number == TRIES:
            return done
        print(f"  {scenario.name}: {differ(done.drift)}, once more", flush=True)
        number += 1


def differ(drift: Drift) -> str:
    """Say by how much the floors differ."""
    return f"the floors differ by {drift.wall:.0%} by the clock, {drift.cpu:.0%} on processors"


def _round_about(scenario: Scenario, rounds: int, server: int, seconds: float) -> Run:
    done = Run(scenario.name)
    ours = _Repeated(scenario, scenario.ours, seconds)
    peer = None if scenario.peer is None else _Repeated(scenario, scenario.peer, seconds)
    warm = scenario.floor.effort(1, server)
    times = repetitions(min(warm.wall, scenario.floor.effort(1, server).wall), seconds)
    floors = [scenario.floor.effort(times, server)]
    for _ in range(rounds):
        if peer is not None:
            done.peer.append(peer.sample())
        before = cpu_of(server)
        done.ours.append(ours.sample())
        done.database.append((cpu_of(server) - before) / ours.times)
        floors.append(scenario.floor.effort(times, server))
    done.floor = [each.wall for each in floors]
    done.drift = drift(floors)
    return done


class _Repeated:
    """Asks as often as a sample needs; the first asking is a warm-up, and never counts."""

    def __init__(self, scenario: Scenario, ask: Callable[[], Cost], seconds: float) -> None:
        self._scenario = scenario
        self._ask = ask
        self._once()
        self.times = repetitions(self._once().wall, seconds)

    def _once(self) -> Cost:
        cost = self._ask()
        self._scenario.check(cost)
        return cost

    def sample(self) -> Cost:
        """Return the mean of so many answers, each of which was right."""
        costs = [self._once() for _ in range(self.times)]
        return replace(
            costs[-1],
            wall=fmean(cost.wall for cost in costs),
            cpu=fmean(cost.cpu for cost in costs),
            sql=fmean(cost.sql for cost in costs),
        )


def cpu_of(process: int) -> float:
    """Return the seconds that a process has spent on a processor, all threads together."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in threads) / 1e9
