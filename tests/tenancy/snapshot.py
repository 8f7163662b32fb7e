"""A merchant's rows and files at one moment, and what has changed between two."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import config
from app.extensions import metadata
from tests.tenancy import knowledge

if TYPE_CHECKING:
    from sqlalchemy import Engine


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Rows by (table, key), and a checksum by file."""

    rows: dict[tuple[str, tuple[Any, ...]], dict[str, Any]]
    files: dict[str, str]


def take(engine: Engine, merchant_id: int) -> Snapshot:
    """Read everything that belongs to a merchant."""
    rows = {
        (name, tuple(row[column.name] for column in metadata.tables[name].primary_key)): row
        for name, found in knowledge.read(engine, merchant_id, 0).tables.items()
        for row in found
    }
    folder = config.get().home / "files"
    files = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.glob(f"uploads/*/{merchant_id}/*"))
    }
    return Snapshot(rows, files)


def changes(before: Snapshot, after: Snapshot) -> list[str]:
    """Return `table.column of key` for each change, and what came or went."""
    found = []
    for key in sorted(before.rows.keys() | after.rows.keys(), key=str):
        table, row = key
        old, new = before.rows.get(key), after.rows.get(key)
        if old is None or new is None:
            found.append(f"{table} {row} {'came' if old is None else 'went'}")
        else:
            found += [f"{table}.{name} of {row}" for name in old if old[name] != new[name]]
    names = sorted(before.files.keys() | after.files.keys())
    return found + [
        f"file {name}" for name in names if before.files.get(name) != after.files.get(name)
    ]
