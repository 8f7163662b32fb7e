"""What a person should look at before confirming: names whose letters depend on the encoding."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

from app.services.bulk import table
from app.services.bulk.encodings import Encoding
from app.services.bulk.table import Delimiter

if TYPE_CHECKING:
    from app.models import BulkUpload

MOST_SAMPLES = 3
_ROWS_LOOKED_AT = 2_000
_SAMPLE_CHARACTERS = 60


def foreign_cells(upload: BulkUpload) -> list[str]:
    """Return some cells that could be read in two ways; none where the encoding is certain."""
    if upload.encoding != Encoding.WINDOWS_1252:
        return []
    found: list[str] = []
    with table.stored(upload.stored_at) as text:
        for record in islice(table.records(text, Delimiter(upload.delimiter)), _ROWS_LOOKED_AT):
            found += [cell[:_SAMPLE_CHARACTERS] for cell in record.cells if not cell.isascii()]
            if len(found) >= MOST_SAMPLES:
                break
    return found[:MOST_SAMPLES]
