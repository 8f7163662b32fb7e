"""`flask payagency bulk check FILE`: the dry run of a file, as JSON."""

from __future__ import annotations

import json
from typing import IO

import click

from app.cli.base import Commands, merchant_named
from app.domain.actors import Actor
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
    merchant = merchant_named(key)
    actor = Actor.system(merchant.id, live, "command line")
    report = dry_run_report(actor, file, "," if decimal_mark == "," else ".")
    click.echo(json.dumps({"kind": kind, "merchant": key, **report}, indent=2, ensure_ascii=False))
    if not report["valid"]:
        raise SystemExit(1)
