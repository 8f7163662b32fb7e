"""`flask payagency bulk check FILE`: the dry run of a file, as JSON."""

from __future__ import annotations

import json
from typing import IO

import click

from app.adapters.db import reading
from app.cli.base import COMMAND_LINE, Commands
from app.domain.actors import Actor
from app.errors import NotFoundError
from app.queries import actors
from app.services.bulk.report import dry_run_report


@click.group("bulk", cls=Commands)
def bulk() -> None:
    """Files of payments."""


@bulk.command("check")
@click.argument("file", type=click.File("rb"))
@click.option("--kind", type=click.Choice(["payments"]), default="payments", show_default=True)
@click.option("--merchant", "key", required=True, help="The merchant's short name.")
@click.option("--decimal-mark", type=click.Choice([".", ","]), default=".", show_default=True)
@click.option("--live", is_flag=True, help="Check against the live book, not the test book.")
def check(file: IO[bytes], kind: str, key: str, decimal_mark: str, *, live: bool) -> None:
    """Check FILE without uploading it; prints JSON, exit 1 when a row could not be taken."""
    with reading(COMMAND_LINE) as session:
        merchant = actors.merchant_by_key(session, key)
    if merchant is None:
        raise NotFoundError(f"There is no merchant {key}.")
    actor = Actor.system(merchant.id, live, "command line")
    report = dry_run_report(actor, file, "," if decimal_mark == "," else ".")
    click.echo(json.dumps({"kind": kind, "merchant": key, **report}, indent=2, ensure_ascii=False))
    if not report["valid"]:
        raise SystemExit(1)
