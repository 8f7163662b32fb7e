"""Files whose rows are paid by every family: the check by line and column, the run, the results."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final, cast

import pytest

from app.adapters import db
from app.domain.actors import Actor
from app.models import Attempt, Payment
from app.services.bulk.report import dry_run_report
from tests.services.bulk import files
from tests.services.families import describe

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.fixtures.application import World

HEADER: Final = (*files.HEADER, "vpa", "asset", "apm_name", "capture")
GOOD: Final = [
    ["r-1", "10.50", "EUR", "card", "tok_approve", "", "", "", "manual"],
    ["r-2", "10.50", "INR", "upi", "", "", "", "", ""],
    ["r-3", "10.50", "EUR", "crypto", "", "", "btc", "", ""],
    ["r-4", "10.50", "EUR", "apm", "", "", "", "iDEAL", ""],
]
BAD: Final = {
    "currency_not_taken": (["r-9", "10.50", "EUR", "upi", "", "", "", "", ""], "currency"),
    "limit_exceeded": (["r-9", "100000.01", "INR", "upi", "", "", "", "", ""], "amount"),
    "collect_withdrawn": (["r-9", "10.50", "INR", "upi", "", "jo@bank", "", "", ""], "vpa"),
    "vpa_invalid": (["r-9", "10.50", "INR", "upi", "", "jo", "", "", ""], "vpa"),
    "asset_missing": (["r-9", "10.50", "EUR", "crypto", "", "", "", "", ""], "asset"),
    "method_not_offered": (["r-9", "10.50", "EUR", "apm", "", "", "", "klarna", ""], "apm_name"),
    "amount_too_small": (["r-9", "0.99", "EUR", "apm", "", "", "", "ideal", ""], "amount"),
    "capture_not_possible": (
        ["r-9", "10.50", "EUR", "apm", "", "", "", "ideal", "manual"],
        "capture",
    ),
}


def report(world: World, rows: list[list[str]]) -> dict[str, Any]:
    actor = Actor.system(world.acme, livemode=False, label="command line")
    content = io.BytesIO(files.text(rows, HEADER).encode())
    return cast("dict[str, Any]", dry_run_report(actor, content, "."))


def test_the_check_counts_the_rows_that_payers_must_finish(families: World) -> None:
    found = report(families, GOOD)
    assert found["valid"] is True
    assert (found["rows"]["valid"], found["rows"]["for_payers"]) == (4, 3)
    assert found["totals"] == {"EUR": 3150, "INR": 1050}


@pytest.mark.parametrize("code", BAD)
def test_what_a_method_does_not_allow_is_named_by_line_and_column(
    families: World, code: str
) -> None:
    row, column = BAD[code]
    found = report(families, [*GOOD, row])
    assert [(each["line"], each["column"], each["code"]) for each in found["errors"]] == [
        (6, column, code)
    ]
    assert found["rows"]["valid"] == 4


def test_a_family_that_no_provider_takes_is_named(world: World, migrator_engine: Engine) -> None:
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("UPDATE connector_account SET enabled = 0")
    (error,) = report(world, GOOD[:1])["errors"]
    assert (error["column"], error["code"]) == ("method", "method_not_offered")


def test_each_row_becomes_a_payment_by_its_method(families: World) -> None:
    upload = files.finished(families.owner(), files.text(GOOD, HEADER))
    assert files.states(families.owner(), upload) == {"created": 4}
    with db.reading(families.owner()) as session:
        attempts = session.query(Attempt.method, Attempt.method_name).order_by(Attempt.id).all()
        expiring = session.query(Payment).where(Payment.expires_at.is_not(None)).count()
    names = [("card", ""), ("upi", "qr"), ("crypto", "BTC"), ("apm", "ideal")]
    assert [tuple(row) for row in attempts] == names
    assert expiring == 3


def test_a_rule_that_came_after_the_check_refuses_the_row(
    families: World, migrator_engine: Engine
) -> None:
    describe(migrator_engine, mcc="6211", verified=True)
    row = ["r-9", "400000.00", "INR", "upi", "", "", "", "", ""]
    upload = files.checked(families.owner(), files.text([*GOOD, row], HEADER))
    assert upload.rows_valid == 5
    files.confirm(families.owner(), upload.public_id)
    describe(migrator_engine, verified=False)
    files.work()
    assert files.states(families.owner(), upload) == {"created": 4, "refused": 1}
