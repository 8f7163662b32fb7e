"""A card payment at the level of the services, beside the same rows written by the bare driver."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from benchmarks.money import crews, shop
from benchmarks.money.script import from_json
from benchmarks.scale import PAID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.money.crews import Crew, Series
    from benchmarks.money.script import Script
    from benchmarks.scale import Scale
    from tests.infra.mariadb import MariaDbServer

PROCESSES: Final = 2
CHECKED: Final = 6
"""Payments of which every row is counted."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Merchants on an empty database, and the processes that make their payments."""

    server: MariaDbServer
    ours: list[Any]
    floor: list[Any]
    scripts: dict[str, Any]

    def crew(self, kind: str = "ours", script: str = "payment") -> Crew:
        """Return those who play a script, or the application's own processes."""
        if kind == "ours":
            return crews.Crew(self.ours, self.server.pid)
        return crews.Crew(self.floor, self.server.pid, name=script)

    def script(self, name: str) -> Script:
        """Return a recorded script."""
        return from_json(self.scripts[name])


@contextmanager
def stage(server: MariaDbServer) -> Iterator[Stage]:
    """Set the stage: the rows of one payment are recorded, and told to the floor."""
    assert_durable(server)
    shop.empty(server)
    with (
        crews.contenders("paying", PROCESSES) as ours,
        crews.contenders("replaying", PROCESSES) as floor,
    ):
        merchants = ours[0].do("open")
        for each in ours:
            each.do("know", merchants=merchants)
        scripts = ours[0].do("record")
        for each in floor:
            for name, script in scripts.items():
                each.do("learn", name=name, script=script)
        yield Stage(server, ours, floor, scripts)


def assert_durable(server: MariaDbServer) -> None:
    """Refuse to measure what would be lost in a power cut."""
    (row,) = server.execute("SELECT @@innodb_flush_log_at_trx_commit AS flushed, @@log_bin AS log")
    assert row == {"flushed": 1, "log": 1}, f"the server is not durable: {row}"


def scenarios(on: Stage, scale: Scale, rounds: int, *, once: bool) -> Iterator[Series]:
    """Yield what was measured at one connection and at several."""
    assert_same_rows(on.server, on.crew(), on.crew("floor"))
    for connections in (1, scale.connections):
        name = f"payment, {connections} connection{'s' if connections > 1 else ''}"
        done = crews.in_turn(
            name,
            rounds,
            crews.sampled(on.crew("floor"), connections, once=once),
            crews.sampled(on.crew(), connections, once=once),
            once=once,
        )
        if connections == 1:
            done.facts = _facts(on)
        yield done
    assert_books_agree(on)


def _facts(on: Stage) -> dict[str, tuple[float, float | None]]:
    sent = on.ours[0].do("statements")
    writes = sum(1 for _ in on.script("payment").lines())
    return {
        "statements": (len(sent) - sent.count("COMMIT"), writes),
        "commits": (sent.count("COMMIT"), len(on.script("payment").transactions)),
    }


def assert_same_rows(server: MariaDbServer, *several: Crew) -> None:
    """The application and the others must add the same number of rows to the same tables."""
    grown = []
    for crew in several:
        before = _counts(server)
        crew.spend(CHECKED, 1)
        after = _counts(server)
        more = {name: after[name] - before[name] for name in after}
        grown.append({name: number for name, number in more.items() if number})
    ours, *others = grown
    assert others == [ours] * len(others), f"ours adds {ours}, the others {others}"
    assert ours["payment"] == CHECKED


def assert_books_agree(on: Stage) -> None:
    """What `flask payagency invariants` checks holds, for the rows of the floor too."""
    violations = on.ours[0].do("violations")
    assert violations == {}, f"does not hold: {violations}"


def _counts(server: MariaDbServer) -> dict[str, int]:
    found = server.execute(
        "SELECT table_name AS name FROM information_schema.tables"
        f" WHERE table_schema = '{PAID}' AND table_type = 'BASE TABLE'"
    )
    counts = " UNION ALL ".join(
        f"SELECT '{each['name']}' AS name, COUNT(*) AS number FROM `{PAID}`.`{each['name']}`"
        for each in found
    )
    return {each["name"]: each["number"] for each in server.execute(counts)}
