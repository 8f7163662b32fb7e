"""Adjustments and write-offs: what is asked, what is posted when a second person has approved."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Unpack

import pytest
from sqlalchemy import select

from app.adapters import clock, db
from app.domain.identifiers import new_id
from app.domain.ledger.adjustments import Line
from app.domain.ledger.journals import JournalKind
from app.errors import BadInputError, LimitExceededError, NotFoundError
from app.models import ApprovalRequest, AuditEntry, LedgerJournal
from app.queries import operations
from app.services import adjustments
from tests.services import flows

if TYPE_CHECKING:
    from datetime import datetime

    from flask import Flask
    from sqlalchemy.orm import Session

    from app.services.adjustments import Asked
    from tests.fixtures.application import World

OWED = 177


def approved_at_once(session: Session, now: datetime, **asked: Unpack[Asked]) -> ApprovalRequest:
    """Stand in for a second person who approves what is asked at once."""
    request = ApprovalRequest(public_id=new_id("apr", now), sentence=asked["sentence"])
    request.result_id = adjustments.execute(session, now, asked["payload"], request)
    return request


def merchant(world: World) -> str:
    with db.reading(world.staff()) as session:
        return operations.merchant_of(session, world.acme).public_id


def adjust(world: World, *lines: Line, **changes: str) -> dict[str, Any]:
    values = {"merchant": merchant(world), "reason": "a mistake of ours"} | changes
    connector = values.pop("connector_account", "")
    return adjustments.payload_of(
        JournalKind.ADJUSTMENT,
        values["merchant"],
        list(lines),
        values["reason"],
        connector_account=connector,
    )


def write_off(world: World, amount_minor: int, currency: str = "EUR") -> dict[str, Any]:
    line = Line("merchant:available", -amount_minor, currency)
    return adjustments.payload_of(JournalKind.WRITE_OFF, merchant(world), [line], "is gone")


def propose(world: World, payload: dict[str, Any]) -> ApprovalRequest:
    with db.unit_of_work(world.staff()) as session:
        return adjustments.propose(session, clock.now(), payload, approved_at_once)


def balances(world: World) -> dict[str, int]:
    found = {code.split(":")[-2]: amount for code, amount in flows.balances(world.staff()).items()}
    return {name: amount for name, amount in found.items() if amount}


def owe(world: World) -> None:
    """Let acme owe us 1.77 EUR."""
    debit = Line("merchant:available", OWED, "EUR")
    propose(world, adjust(world, debit, Line("revenue:chargeback_fee", -OWED, "EUR")))


def test_what_was_approved_is_posted_with_the_approval_as_its_cause(world: World) -> None:
    lines = (Line("merchant:available", 500, "EUR"), Line("revenue:mdr", -500, "EUR"))
    request = propose(world, adjust(world, *lines))
    assert balances(world) == {"available": 500, "mdr": -500}
    assert request.sentence == (
        "Adjust for Acme: debit merchant:available 5.00 EUR, credit revenue:mdr 5.00 EUR"
    )
    with db.reading(world.staff()) as session:
        journal = session.scalars(select(LedgerJournal)).one()
        entry = session.scalars(select(AuditEntry)).all()[-1]
    assert (journal.kind, journal.cause_type, journal.cause_id) == (
        "adjustment",
        "approval",
        request.public_id,
    )
    assert journal.public_id == request.result_id == entry.object_id
    assert (entry.action, journal.text) == ("ledger.adjust", "a mistake of ours")


def test_an_approval_is_carried_out_once(world: World) -> None:
    lines = (Line("merchant:available", 500, "EUR"), Line("revenue:mdr", -500, "EUR"))
    payload, request = adjust(world, *lines), ApprovalRequest(public_id="apr_1")
    for _ in range(2):
        with db.unit_of_work(world.staff()) as session:
            adjustments.execute(session, clock.now(), payload, request)
    assert balances(world) == {"available": 500, "mdr": -500}


def test_a_providers_account_is_named_and_must_be_there(world: World) -> None:
    lines = (Line("provider:receivable", 500, "EUR"), Line("suspense", -500, "EUR"))
    with db.reading(world.staff()) as session:
        account = operations.connector_account(session, world.connector_account).public_id
    for missing in ("", "ca_none"):
        with pytest.raises(BadInputError, match="connector_account: is missing"):
            propose(world, adjust(world, *lines, connector_account=missing))
    propose(world, adjust(world, *lines, connector_account=account))
    assert flows.balances(world.staff()) == {
        f"provider:{account}:receivable:EUR": 500,
        f"suspense:{account}:EUR": -500,
    }


@pytest.mark.parametrize(
    "changes,error,words",
    [
        ({"merchant": "mer_none"}, NotFoundError, "no merchant"),
        ({"reason": "  "}, BadInputError, "reason: is missing"),
        ({"reason": "4242 4242 4242 4242"}, BadInputError, "full card number"),
        ({"connector_account": "ca_1"}, BadInputError, "no line is of a provider"),
    ],
)
def test_what_cannot_be_asked_is_refused_and_nothing_is_posted(
    world: World, changes: dict[str, str], error: type[Exception], words: str
) -> None:
    lines = (Line("merchant:available", 500, "EUR"), Line("revenue:mdr", -500, "EUR"))
    with pytest.raises(error, match=words):
        propose(world, adjust(world, *lines, **changes))
    assert balances(world) == {}


def test_a_sentence_that_nobody_could_read_whole_is_not_asked(world: World) -> None:
    debits = [
        Line(f"expense:{name}", 10**17, "EUR")
        for name in ("provider_fee", "network_fee", "chargeback_loss")
    ]
    names = ("mdr", "refund_fee", "chargeback_fee")
    credits_ = [Line(f"revenue:{name}", -(10**17), "EUR") for name in names]
    with pytest.raises(BadInputError, match="too many"):
        propose(world, adjust(world, *debits, *credits_))


def test_no_more_is_written_off_than_is_owed(world: World) -> None:
    with pytest.raises(LimitExceededError, match=r"pass the 0\.00 EUR that Acme owes us"):
        propose(world, write_off(world, 1))
    owe(world)
    with pytest.raises(LimitExceededError, match=r"pass the 1\.77 EUR"):
        propose(world, write_off(world, OWED + 1))
    assert propose(world, write_off(world, 100)).sentence.startswith("Write off for Acme: ")
    assert balances(world) == {"available": 77, "chargeback_fee": -OWED, "chargeback_loss": 100}


def test_two_write_offs_at_once_never_give_money_away(context: Flask, world: World) -> None:
    owe(world)
    payload = write_off(world, 100)

    @db.retry_when_busy
    def carry_out(number: int) -> bool:
        request = ApprovalRequest(public_id=f"apr_{number}")
        try:
            with context.app_context(), db.unit_of_work(world.staff()) as session:
                adjustments.execute(session, clock.now(), payload, request)
        except LimitExceededError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(carry_out, range(8))).count(True) == 1
    assert balances(world)["available"] == 77


def test_the_digest_stands_for_the_merchant_and_not_for_its_balances(world: World) -> None:
    def taken() -> bytes:
        with db.reading(world.staff()) as session:
            return adjustments.digest(session, public_id)

    public_id = merchant(world)
    before = taken()
    owe(world)
    assert taken() == before
    with db.unit_of_work(world.staff()) as session:
        operations.merchant_of(session, world.acme).name = "Acme renamed"
    assert taken() != before
