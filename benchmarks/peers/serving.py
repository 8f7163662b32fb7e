"""A contender in its own process: it answers one request a line, and says what that cost."""

from __future__ import annotations

import json
import re
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask.testing import FlaskClient
    from sqlalchemy import Engine

PAYMENT = re.compile(r"pay_[0-9a-z]{26}")


@dataclass
class Cost:
    """Seconds of one answer, and its size; `ids` are the payments that it names, in order."""

    wall: float = 0
    cpu: float = 0
    sql: float = 0
    statements: int = 0
    size: int = 0
    status: int = 0
    ids: tuple[str, ...] = ()


class _Ear:
    """Hears every statement that an engine sends."""

    def __init__(self, engine: Engine) -> None:
        self.heard = Cost()
        event.listen(engine, "before_cursor_execute", self._before)
        event.listen(engine, "after_cursor_execute", self._after)

    def _before(self, *arguments: Any) -> None:
        arguments[4].bench_started = time.perf_counter()

    def _after(self, *arguments: Any) -> None:
        self.heard.sql += time.perf_counter() - arguments[4].bench_started
        self.heard.statements += 1


def answer(client: FlaskClient, ear: _Ear, path: str, accept: str) -> Cost:
    """Ask once; the answer is read whole."""
    cost = ear.heard = Cost()
    cpu, wall = time.process_time(), time.perf_counter()
    given = client.get(path, headers={"Accept": accept})
    body = given.get_data()
    cost.wall, cost.cpu = time.perf_counter() - wall, time.process_time() - cpu
    cost.status, cost.size = given.status_code, len(body)
    cost.ids = tuple(dict.fromkeys(PAYMENT.findall(body.decode())))
    return cost


def serve(clients: Mapping[str, FlaskClient], engine: Engine) -> None:
    """Answer requests until the standard input ends."""
    ear = _Ear(engine)
    print("ready", flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        cost = answer(clients[asked["reader"]], ear, asked["path"], asked["accept"])
        print(json.dumps(asdict(cost)), flush=True)
