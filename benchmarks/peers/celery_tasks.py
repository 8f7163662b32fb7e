"""A Celery worker (prefork) that is given the same batches of payments and writes the same rows.

It is what a careful developer would write with SQLAlchemy Core: one transaction a batch, one
statement a table, keys handed back in order. It checks nothing of what it is given; the tables are
read from the database, and what stands in their columns is the recorded script of a file's row.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from celery import Celery
from sqlalchemy import MetaData, Table, create_engine

from benchmarks.money.script import Take, from_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.money.script import Write

_COLUMNS: Final = re.compile(r"\(([^)]*)\) VALUES")
_parts: dict[int, tuple[Any, list[tuple[Write, Table, list[str]]]]] = {}

app = Celery(broker=os.environ["BENCH_CELERY_URL"], backend=os.environ["BENCH_CELERY_URL"])
app.conf.update(worker_prefetch_multiplier=1, task_acks_late=True, worker_hijack_root_logger=False)


def _opened() -> tuple[Any, list[tuple[Write, Table, list[str]]]]:
    """Return this process's engine and tables, opened once."""
    if os.getpid() not in _parts:
        engine = create_engine(os.environ["DATABASE_URL"], isolation_level="READ COMMITTED")
        script = from_json(json.loads(Path(os.environ["BENCH_SCRIPT"]).read_text()))
        metadata = MetaData()
        writes = [
            (
                write,
                Table(write.table, metadata, autoload_with=engine),
                [name.strip(" `") for name in _columns(write.statement)],
            )
            for write in script.transactions[0]
        ]
        _parts[os.getpid()] = (engine, writes)
    return _parts[os.getpid()]


def _columns(statement: str) -> list[str]:
    found = _COLUMNS.search(statement)
    assert found is not None
    return found[1].split(",")


@app.task(name="load")
def load(rows: Sequence[dict[str, Any]]) -> int:
    """Write the payments of a batch, in one transaction."""
    engine, writes = _opened()
    takes = [Take(0, row["line"]) for row in rows]
    place_of_reference = _reference(writes)
    for take, row in zip(takes, rows, strict=True):
        take.fresh[place_of_reference] = row["reference"]
    with engine.begin() as connection:
        for place, (write, table, columns) in enumerate(writes):
            values = [
                dict(zip(columns, (take.value(cell, ()) for cell in write.cells), strict=True))
                for take in takes
            ]
            if write.table in {"payment", "attempt"}:
                adding = table.insert().returning(table.c.id, sort_by_parameter_order=True)
                keys = connection.execute(adding, values).scalars()
                for take, key in zip(takes, keys, strict=True):
                    take.ids[place] = key
            else:
                connection.execute(table.insert(), values)
    return len(rows)


def _reference(writes: Sequence[tuple[Write, Table, list[str]]]) -> int:
    """Return which of the fresh ids is the payment's reference."""
    write, _, columns = writes[0]
    kind, parts = write.cells[columns.index("reference")]
    assert kind == "text"
    return int(parts[1])
