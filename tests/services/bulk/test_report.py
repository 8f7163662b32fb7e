from __future__ import annotations

import io
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from app.domain.actors import Actor
from app.services.bulk.report import dry_run_report
from tests.services.bulk import files

if TYPE_CHECKING:
    from tests.fixtures.application import World

EXAMPLE = Path(__file__).parents[3] / "examples" / "payments-1000.csv"
PLANTED = {
    18: ("amount", "amount_invalid"),
    59: ("amount", "amount_not_positive"),
    105: ("amount", "amount_not_positive"),
    152: ("amount", "too_many_decimals"),
    200: ("amount", "too_many_decimals"),
    247: ("amount", "amount_too_large"),
    291: ("amount", "missing"),
    339: ("amount", "amount_invalid"),
    378: ("currency", "unknown_currency"),
    426: ("currency", "missing"),
    464: ("method", "method_unknown"),
    513: ("method", "method_unknown"),
    556: ("card_token", "card_token_missing"),
    605: ("card_token", "card_number_refused"),
    649: ("customer_email", "email_invalid"),
    698: ("reference", "missing"),
    744: ("reference", "duplicate_reference"),
    791: ("reference", "reference_too_long"),
    847: ("capture", "capture_invalid"),
    932: ("description", "control_character"),
}


def report(world: World, content: bytes) -> dict[str, Any]:
    actor = Actor.system(world.acme, livemode=False, label="command line")
    return cast("dict[str, Any]", dry_run_report(actor, io.BytesIO(content), "."))


def test_the_example_file_has_a_thousand_rows_and_its_twenty_planted_errors(world: World) -> None:
    found = report(world, EXAMPLE.read_bytes())
    rows = found["rows"]
    assert (rows["total"], rows["valid"], rows["invalid"], rows["cells"]) == (1000, 980, 20, 20)
    assert {error["line"]: (error["column"], error["code"]) for error in found["errors"]} == PLANTED
    assert Counter(found["totals"].keys()) == Counter(["EUR", "INR", "JPY", "USD"])


def test_a_file_without_faults_is_valid_and_one_that_is_no_table_is_refused(world: World) -> None:
    found = report(world, files.cards(2).encode())
    assert (found["valid"], found["errors"], found["totals"]) == (True, [], {"EUR": 2100})
    assert report(world, b"\x89PNG")["refused"]["place"] == "file"
    assert "no rows" in report(world, b"reference,amount,currency,method\n")["refused"]["reason"]
