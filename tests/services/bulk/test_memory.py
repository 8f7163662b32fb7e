from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

from tests.services.bulk import files

if TYPE_CHECKING:
    from tests.fixtures.application import World

MOST_BYTES_A_ROW = 400
MOST_BYTES_AT_ALL = 8 * 1024 * 1024


def test_a_check_remembers_references_only(world: World, scale: str) -> None:
    rows = 100_000 if scale == "full" else 20_000
    files.checked(world.owner(), files.cards(10))
    lines = [files.card(f"order-{n}", "x" if n % 2 else "10.50") for n in range(rows)]
    public_id = files.upload(world.owner(), files.text(lines))
    tracemalloc.start()
    try:
        files.work()
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    upload = files.read(world.owner(), public_id)
    assert (upload.status, upload.rows_total, upload.cells_invalid) == ("ready", rows, rows // 2)
    print(f"\ncheck of {rows:,} rows: {peak / 1024 / 1024:.1f} MiB of Python objects at most")
    assert peak < MOST_BYTES_AT_ALL + rows * MOST_BYTES_A_ROW
