"""A card payment over HTTP: PayAgency and Django behind gunicorn, beside the rows alone."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import config
from app.cli import places
from benchmarks.measure import cpu_of
from benchmarks.money import crews, door, payments
from benchmarks.money.crews import Crew, Spent
from tests.infra.ports import free_port
from tests.infra.processes import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.measure import Contender
    from benchmarks.money.crews import Series
    from benchmarks.money.payments import Stage
    from benchmarks.scale import Scale

SCRIPT: Final = "request"
ASKING: Final = 2
START_SECONDS: Final = 240
THREADS: Final = max(1, config.WEB_THREADS // 2)
"""Threads a process: as many as PayAgency lets wait for a provider, so that no request is handed
over to a worker, who is not there."""


class Web:
    """A WSGI application behind gunicorn, with its processes and threads."""

    def __init__(self, application: str, workers: int, *, script: Path, folder: Path) -> None:
        """Know what to start: as many threads as may ask at once."""
        self.port = free_port()
        command = [sys.executable, "-m", "gunicorn", "-c", "python:app.cli.gunicorn_settings"]
        command += ["--threads", str(THREADS), f"benchmarks.peers.{application}:app"]
        if application != "door":
            command[3:5] = ["--worker-class", "gthread", "--preload", "--keep-alive", "5"]
            command[3:3] = ["--workers", str(workers), "--bind", f"127.0.0.1:{self.port}"]
        log = folder / f"{application}-{self.port}.log"
        self.server = Server(command, log, ready=self._answers)
        self.server.environment |= {
            "PORT": str(self.port),
            "WEB_WORKERS": str(workers),
            "PAYAGENCY_API_PER_MINUTE": "1000000",
            "BENCH_SCRIPT": str(script),
            "DJANGO_SETTINGS_MODULE": "benchmarks.peers.django_settings",
        }

    def _answers(self) -> bool:
        return places.answers(self.port)

    def cpu(self) -> float:
        """Return the seconds that its processes have spent on a processor."""
        listed = Path(f"/proc/{self.server.pid}/task/{self.server.pid}/children").read_text()
        return sum(cpu_of(pid) for pid in [self.server.pid, *map(int, listed.split())])


class Asking(Crew):
    """Programs that ask a web server; what they spend themselves does not count."""

    def __init__(self, members: list[Contender], database: int, web: Web) -> None:
        """Take the programs and the server that they ask."""
        super().__init__(members, database, port=web.port)
        self._web = web

    def spend(self, count: int, threads: int) -> Spent:
        """Ask at least `count` times over so many connections."""
        before = self._web.cpu()
        spent = super().spend(count, threads)
        members = min(threads, len(self.members))
        done = ceil(count / members) * members
        return replace(spent, client=(self._web.cpu() - before) / done)


def scenarios(on: Stage, scale: Scale, rounds: int, *, once: bool) -> Iterator[Series]:
    """Yield what was measured at several connections."""
    connections = scale.connections
    with _asked(on, ceil(connections / THREADS)) as (ours, peer):
        floor = on.crew("floor", SCRIPT)
        payments.assert_same_rows(on.server, ours, floor, peer)
        yield crews.in_turn(
            f"payment over HTTP, {connections} connections",
            rounds,
            crews.sampled(floor, connections, once=once),
            crews.sampled(ours, connections, once=once),
            crews.sampled(peer, connections, once=once),
            once=once,
        )
    payments.assert_books_agree(on)


@contextmanager
def _asked(on: Stage, workers: int) -> Iterator[tuple[Asking, Asking]]:
    """Yield those who ask PayAgency, and those who ask the peer; both servers are running."""
    folder = on.server.folder
    script = folder / "request.json"
    ours, peer = (
        Web(name, workers, script=script, folder=folder) for name in ("door", "django_door")
    )
    with crews.contenders("asking", ASKING) as programs, ThreadPoolExecutor(1) as beside:
        try:
            starting = beside.submit(ours.server.start, timeout_seconds=START_SECONDS)
            recorded = _record(on)
            script.write_text(json.dumps(recorded["script"]))
            peer.server.start(timeout_seconds=START_SECONDS)
            starting.result()
            for each in programs:
                each.do("know", secrets=recorded["secrets"], body=door.body(""))
            yield Asking(programs, on.server.pid, ours), Asking(programs, on.server.pid, peer)
        finally:
            for web in (ours, peer):
                web.server.stop()


def _record(on: Stage) -> dict[str, Any]:
    """Record what one request writes, and tell it to the floor."""
    with crews.contenders("entering", 1) as (entrance,):
        recorded: dict[str, Any] = entrance.do(
            "record", merchants=list(on.script("payment").merchants)
        )
    for each in on.floor:
        each.do("learn", name=SCRIPT, script=recorded["script"])
    return recorded
