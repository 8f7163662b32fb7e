"""A member of a crew: a process that does a number of things at once when it is told to."""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_pools: dict[int, ThreadPoolExecutor] = {}


def serve(tasks: Mapping[str, Callable[..., Any]]) -> None:
    """Do what is asked, a line each: {"do": name, …}; answers with what the task returns."""
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        answer = tasks[asked.pop("do")](**asked)
        print(json.dumps(answer), flush=True)


def side_by_side(work: Callable[[int, int], None], count: int, threads: int) -> dict[str, float]:
    """Call `work(thread, number)` for each number of each thread; returns the seconds it took."""

    def all_of(thread: int) -> None:
        for number in range(thread, count, threads):
            work(thread, number)

    cpu, wall = time.process_time(), time.perf_counter()
    if threads == 1:
        all_of(0)
    else:
        list(_pool(threads).map(all_of, range(threads)))
    return {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}


def _pool(threads: int) -> ThreadPoolExecutor:
    """Return threads that stay, as those of a web server do, and keep their connections."""
    if threads not in _pools:
        _pools[threads] = ThreadPoolExecutor(threads)
    return _pools[threads]
