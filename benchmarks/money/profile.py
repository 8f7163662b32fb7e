"""Where the time of one payment goes: its statements, and the layers of Python above them."""

from __future__ import annotations

import cProfile
import pstats
import re
import time
from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sqlalchemy import Engine

_STATEMENT: Final = re.compile(r"\s*(\w+)(?:.*?(?:FROM|INTO|UPDATE)\s+`?(\w+)`?)?", re.DOTALL)
_UPDATE: Final = re.compile(r"\s*UPDATE\s+`?(\w+)`?")
LAYERS: Final = (
    ("waiting for the database", ("recv_into", "sendall", "/socket.py")),
    ("driver (PyMySQL)", ("/pymysql/",)),
    ("SQLAlchemy: statements, their cache keys, compiling", ("/sqlalchemy/sql/",)),
    ("SQLAlchemy: ORM (loading, flush, state)", ("/sqlalchemy/orm/",)),
    ("SQLAlchemy: engine, pool, types, events", ("/sqlalchemy/",)),
    ("session guard", ("/models/tenancy.py",)),
    ("encrypted columns", ("/adapters/crypto.py", "/models/base.py", "AESGCM")),
    ("connector, masking, scrubbing", ("/app/providers/", "/card_numbers.py")),
    ("JSON", ("/json/",)),
    ("domain rules", ("/app/domain/",)),
    ("services and queries", ("/app/", "/benchmarks/")),
)
"""Layer → what its functions' places hold; the first that fits counts, the rest is Python's own."""
WHOLES: Final = (
    ("making the intent", "payments.py", "create"),
    ("taking the lease", "outbox.py", "lease_now"),
    ("preparing the call", "execute.py", "_prepare"),
    ("building, masking and reading the call", "base.py", "run"),
    ("applying the answer", "execute.py", "_conclude"),
    ("- storing the evidence", "evidence.py", "store"),
    ("- the fee", "fees.py", "of_capture"),
    ("- the journal and its balances", "ledger.py", "post"),
    ("- the lot", "lots.py", "open_for"),
    ("- the payment's status", "outcomes.py", "recompute"),
    ("session guard, in all", "tenancy.py", "_filter"),
    ("cache keys of statements, in all", "cache_key.py", "_generate_cache_key"),
    ("flushes, in all", "session.py", "flush"),
)
"""Parts with all that they call, some within others: what they are called, file and function."""


def kind_of(statement: str) -> tuple[str, str]:
    """Return the verb and the table of a statement."""
    if update := _UPDATE.match(statement):
        return "UPDATE", update[1]
    found = _STATEMENT.match(statement)
    assert found is not None
    return found[1], found[2] or ""


def statements(engine: Engine, once: Callable[[], None], times: int) -> list[list[Any]]:
    """Return [verb, table, number, milliseconds] a payment, the costliest first."""
    seconds: dict[tuple[str, str], float] = defaultdict(float)
    number: Counter[tuple[str, str]] = Counter()
    started = 0.0

    def before(*_told: object) -> None:
        nonlocal started
        started = time.perf_counter()

    def after(*told: Any) -> None:
        kind = kind_of(told[2])
        number[kind] += 1
        seconds[kind] += time.perf_counter() - started

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    for _ in range(times):
        once()
    event.remove(engine, "before_cursor_execute", before)
    event.remove(engine, "after_cursor_execute", after)
    rows = [[*kind, number[kind] / times, 1_000 * spent / times] for kind, spent in seconds.items()]
    return sorted(rows, key=lambda row: -float(row[3]))


def layers(once: Callable[[], None], times: int) -> dict[str, dict[str, float]]:
    """Return the milliseconds of each layer's own functions, and of some parts as a whole.

    The profiler makes many small calls dearer than they are: read the shares, not the figures.
    """
    profile = cProfile.Profile()
    profile.enable()
    for _ in range(times):
        once()
    profile.disable()
    told: Mapping[Any, Any] = pstats.Stats(profile).stats  # type: ignore[attr-defined]  # no types
    own: Counter[str] = Counter()
    whole: dict[str, float] = {}
    for (file, _line, name), (_, _, spent, with_calls, _) in told.items():
        own[_layer(f"{file}:{name}")] += 1_000 * spent / times
        for title, of_file, function in WHOLES:
            if name == function and file.endswith(f"/{of_file}"):
                whole[title] = max(whole.get(title, 0), 1_000 * with_calls / times)
    return {
        "own": dict(own.most_common()),
        "whole": {title: whole[title] for title, _, _ in WHOLES if title in whole},
    }


def _layer(place: str) -> str:
    for name, parts in LAYERS:
        if any(part in place for part in parts):
            return name
    return "Python's own functions"


def tables(told: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of what was found."""
    rows = told["statements"]
    total, spent = sum(row[2] for row in rows), sum(row[3] for row in rows)
    yield f"{total:.0f} statements a payment, {spent:.1f} ms until their rows were read"
    yield from (f"  {row[0]:<10}{row[1]:<22}{row[2]:>5.1f}{row[3]:>9.2f} ms" for row in rows)
    for title in ("own", "whole"):
        part: Mapping[str, float] = told[title]
        whole = sum(told["own"].values())
        yield f"\n{'layers, each without what it calls' if title == 'own' else 'parts'}"
        yield from (f"  {name:<54}{100 * ms / whole:>5.0f} %" for name, ms in part.items())
