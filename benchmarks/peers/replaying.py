"""The raw floor: the recorded rows of one payment, sent by the bare driver, nothing else."""

from __future__ import annotations

import os
import threading
from itertools import count
from typing import Any, Final

import pymysql

from benchmarks.money.script import Script, Take, from_json, play
from benchmarks.peers import crew
from benchmarks.scale import PAID

_lines: Final = count((os.getpid() % 20_000) * 100_000)


class Floor:
    """Plays scripts, with a connection a thread."""

    def __init__(self) -> None:
        """Learn no script yet."""
        self._scripts: dict[str, Script] = {}
        self._threads = threading.local()

    def learn(self, name: str, script: dict[str, Any]) -> bool:
        """Take a script."""
        self._scripts[name] = from_json(script)
        return True

    def run(self, name: str, number: int, threads: int, first: int = 0) -> dict[str, float]:
        """Play a script so many times; `first` tells the processes' merchants apart."""
        script = self._scripts[name]
        merchants = script.merchants or (0,)

        def once(thread: int, index: int) -> None:
            merchant = merchants[(first + thread + index) % len(merchants)]
            play(self._connection(), script, Take(merchant, next(_lines)))

        return crew.side_by_side(once, number, threads)

    def _connection(self) -> Any:
        if not hasattr(self._threads, "connection"):
            self._threads.connection = pymysql.connect(
                host="127.0.0.1",
                port=int(os.environ["BENCH_DATABASE_PORT"]),
                user="app",
                password=os.environ["BENCH_DATABASE_PASSWORD"],
                database=PAID,
                charset="utf8mb4",
                init_command="SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
            )
        return self._threads.connection


def main() -> None:
    """Serve."""
    floor = Floor()
    crew.serve({"learn": floor.learn, "run": floor.run})


if __name__ == "__main__":
    main()
