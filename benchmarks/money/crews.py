"""Doing something many times over several processes and threads, and what each time costs."""

from __future__ import annotations

import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any, Final

from benchmarks.measure import Contender, cpu_of, differ
from benchmarks.steady import TRIES, Drift, Effort, drift

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SAMPLE_SECONDS: Final = 0.5
LEAST_A_THREAD: Final = 4


@dataclass(frozen=True, slots=True)
class Spent:
    """What one operation cost, in seconds: by the clock, and on processors."""

    wall: float
    client: float
    database: float

    @property
    def effort(self) -> Effort:
        """Both processors as one figure."""
        return Effort(self.wall, self.client + self.database)


class Crew:
    """Processes that do the same task side by side."""

    def __init__(self, members: list[Contender], server: int, **asked: Any) -> None:
        """Take processes that serve `peers/crew.py`; `asked` is what they are told each time."""
        self.members = members
        self._server = server
        self._asked = asked

    def spend(self, count: int, threads: int) -> Spent:
        """Do it at least `count` times over so many threads in all."""
        members = self.members[: min(threads, len(self.members))]
        each, of_each = ceil(count / len(members)), threads // len(members)
        database, started = cpu_of(self._server), time.perf_counter()
        for place, member in enumerate(members):
            member.tell(
                do="run", number=each, threads=of_each, first=place * of_each, **self._asked
            )
        client = sum(member.hear()["cpu"] for member in members)
        wall, done = time.perf_counter() - started, each * len(members)
        return Spent(wall / done, client / done, (cpu_of(self._server) - database) / done)


@contextmanager
def contenders(module: str, number: int) -> Iterator[list[Contender]]:
    """Start so many processes of one kind at once, and end them."""
    with ExitStack() as stack:
        started = [Contender(module, wait=False) for _ in range(number)]
        for each in started:
            stack.callback(each.close)
        for each in started:
            each.wait_ready()
        yield started


@dataclass
class Series:
    """What one scenario cost, round by round; `facts` are figures without rounds."""

    name: str
    floor: list[Spent] = field(default_factory=list)
    peer: list[Spent] = field(default_factory=list)
    ours: list[Spent] = field(default_factory=list)
    drift: Drift = field(default_factory=lambda: Drift(0, 0))
    facts: dict[str, tuple[float, float | None]] = field(default_factory=dict)


def in_turn(
    name: str,
    rounds: int,
    floor: Callable[[], Spent],
    ours: Callable[[], Spent],
    peer: Callable[[], Spent] | None = None,
    *,
    once: bool,
) -> Series:
    """Measure floor, peer and ours in turn until the floors agree, or as often as it is worth."""
    number = 1
    while True:
        done = Series(name)
        done.floor.append(floor())
        for _ in range(rounds):
            if peer is not None:
                done.peer.append(peer())
            done.ours.append(ours())
            done.floor.append(floor())
        done.drift = drift([each.effort for each in done.floor], number)
        if done.drift.accepted or once or number == TRIES:
            return done
        print(f"  {name}: {differ(done.drift)}, once more", flush=True)
        number += 1


def sampled(crew: Crew, threads: int, *, once: bool) -> Callable[[], Spent]:
    """Return a sample of a crew that lasts long enough, after a warm-up."""
    least = threads if once else LEAST_A_THREAD * threads
    crew.spend(least, threads)
    seconds = 0 if once else SAMPLE_SECONDS
    count = max(least, ceil(seconds / crew.spend(least, threads).wall))
    return lambda: crew.spend(count, threads)
