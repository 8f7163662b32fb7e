"""The dry run of a file that is not uploaded: what `flask payagency bulk check` prints."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from typing import IO, TYPE_CHECKING

import config
from app.adapters import db
from app.domain.card_numbers import scrub_text
from app.errors import BadInputError, said
from app.services import routing
from app.services.bulk import intake, table
from app.services.bulk.dry_run import BATCH_ROWS, DryRun, Rules, enabled_methods
from app.services.bulk.refusals import FileRefusedError

if TYPE_CHECKING:
    from app.domain.actors import Actor
    from app.domain.bulk_rows import CellError
    from app.domain.money import DecimalMark


def dry_run_report(actor: Actor, source: IO[bytes], decimal_mark: DecimalMark) -> dict[str, object]:
    """Return what the check of a payments file of the actor's merchant finds; nothing is kept.

    `valid` says that every row could be taken; `totals` are minor units by currency of the rows
    that would be new payments; a file that is no table has `refused` and nothing else.
    """
    try:
        return _report(actor, source, decimal_mark)
    except BadInputError as error:
        refused = {"place": error.place, "reason": error.reason, "way_out": error.way_out}
        return {"valid": False, "refused": refused}


def _report(actor: Actor, source: IO[bytes], decimal_mark: DecimalMark) -> dict[str, object]:
    examined = intake.examine(source, config.get().payagency_upload_max_bytes)
    text = (scrub_text(line) for line in intake.lines(source, examined.encoding))
    header, records = table.rows(text, examined.head.delimiter)
    merchant_id = actor.merchant_id or 0
    with db.reading(actor) as session:
        rules = Rules(merchant_id, header, decimal_mark, enabled_methods(session, merchant_id))
    run = DryRun(rules, routing.routes(livemode=bool(actor.livemode)))
    errors: list[CellError] = []
    while batch := list(islice(records, BATCH_ROWS)):
        with db.reading(actor) as session:
            bad = run.batch(session, batch)
        errors += [error for row in bad for error in row.errors]
    if run.tally.total == 0:
        raise FileRefusedError(
            "file", said("has a header but no rows."), said("Write a line a payment.")
        )
    rows = asdict(run.tally)
    return {
        "valid": not errors,
        "encoding": examined.encoding,
        "delimiter": examined.head.delimiter,
        "totals": rows.pop("amounts"),
        "link_totals": rows.pop("link_amounts"),
        "rows": rows,
        "errors": [asdict(error) for error in errors],
    }
