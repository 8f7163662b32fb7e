"""Evidence, in every order that providers are known for: what it changes and what it may not."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.identifiers import new_id
from app.domain.operations import Decision, OperationKind, OperationState
from app.models import Attempt, DeskCase, Evidence, LedgerJournal, Outbox
from app.providers.base import Outcome
from app.services import execute, outcomes
from app.services.operations import add_operation
from tests.services import flows
from tests.services.answers import answer, tell

if TYPE_CHECKING:
    from app.providers.base import ProviderAnswer
    from tests.fixtures.application import World
    from tests.infra.sandbox import SandboxServer


@pytest.fixture
def asked(world: World) -> tuple[str, str]:
    """A payment of 60.00 EUR that was asked for: (payment, operation)."""
    payment = flows.pay(world.owner(), world.acme, run=False)
    return payment, flows.read_operations(world.owner(), payment)[0].public_id


def _state(world: World, payment: str, index: int = 0) -> str:
    return flows.read_operations(world.owner(), payment)[index].state


def _short(world: World) -> dict[str, int]:
    """Return the balances that are not zero, by the account's own name."""
    found = flows.balances(world.staff())
    return {
        "suspense" if code.startswith("suspense") else code.split(":")[-2]: amount
        for code, amount in found.items()
        if amount
    }


PAID = {"receivable": 6000, "pending": -5850, "mdr": -150}


def test_the_same_event_twice_is_applied_once(world: World, asked: tuple[str, str]) -> None:
    told = answer(Outcome.SUCCESS)
    tell(world, asked[1], told)
    assert tell(world, asked[1], told).decision is Decision.NOTHING
    assert _short(world) == PAID
    with db.reading(world.staff()) as session:
        assert session.query(Evidence).count() == 1


def test_a_late_success_is_looked_up_before_it_counts(world: World, asked: tuple[str, str]) -> None:
    payment, operation = asked
    tell(world, operation, Outcome.FAILED)
    assert flows.read(world.owner(), payment).status == "failed"
    first = tell(world, operation, Outcome.SUCCESS, source="answer")
    assert (first.look_again, _state(world, payment)) == (True, OperationState.FAILED)
    tell(world, operation, Outcome.SUCCESS)
    assert flows.read(world.owner(), payment).status == "succeeded"
    assert _short(world) == PAID


def test_a_capture_that_un_happens_is_reversed_to_nothing(
    world: World, asked: tuple[str, str]
) -> None:
    payment, operation = asked
    tell(world, operation, Outcome.SUCCESS)
    tell(world, operation, Outcome.FAILED)
    stored = flows.read(world.owner(), payment)
    assert (stored.status, stored.captured_minor) == ("failed", 0)
    assert _short(world) == {}
    tell(world, operation, Outcome.SUCCESS)
    assert _short(world) == PAID


def test_a_reorganised_capture_is_taken_back_until_it_succeeds_again(
    world: World, asked: tuple[str, str]
) -> None:
    payment, operation = asked
    tell(world, operation, Outcome.SUCCESS)
    tell(world, operation, Outcome.PENDING)
    assert flows.read(world.owner(), payment).status == "processing"
    assert _short(world) == {}


def _reversed_under_a_refund(world: World, asked: tuple[str, str], *told: Outcome) -> str:
    """Pay, ask 20.00 back, tell that of the refund, then that nothing was paid; the refund's id."""
    payment, operation = asked
    tell(world, operation, Outcome.SUCCESS)
    refund = flows.refund(world.owner(), world.acme, payment, 2000, run=False)
    for outcome in told:
        tell(world, refund, outcome)
    tell(world, operation, Outcome.FAILED)
    assert flows.read(world.owner(), payment).status == "conflicted"
    return refund


def _open_cases(world: World) -> list[str]:
    with db.reading(world.staff()) as session:
        return [case.kind for case in session.query(DeskCase).filter_by(state="open")]


def test_after_a_refund_a_reversal_is_owed_from_available(
    world: World, asked: tuple[str, str]
) -> None:
    _reversed_under_a_refund(world, asked, Outcome.SUCCESS)
    assert _short(world) == {"receivable": -2000, "available": 2000}
    assert _open_cases(world) == ["conflicted"]


def test_a_reversal_under_a_refund_is_a_conflict_until_the_refund_has_failed(
    world: World, asked: tuple[str, str]
) -> None:
    refund = _reversed_under_a_refund(world, asked)
    assert _open_cases(world) == ["conflicted"]
    tell(world, refund, Outcome.FAILED)
    stored = flows.read(world.owner(), asked[0])
    assert (stored.status, stored.refund_asked_minor) == ("failed", 0)
    # What was held for the refund was owed, and comes back where it had been taken from.
    assert _short(world) == {"available": 2000, "pending": -2000}
    assert _open_cases(world) == []
    tell(world, refund, Outcome.SUCCESS)
    assert flows.read(world.owner(), asked[0]).status == "conflicted"
    assert _open_cases(world) == ["conflicted"], "it is there again"


def test_a_failed_refund_gives_the_hold_back(world: World, asked: tuple[str, str]) -> None:
    payment, operation = asked
    tell(world, operation, Outcome.SUCCESS)
    refund = flows.refund(world.owner(), world.acme, payment, 2000, run=False)
    assert _short(world) == {**PAID, "pending": -3850, "in_refund": -2000}
    tell(world, refund, Outcome.FAILED)
    stored = flows.read(world.owner(), payment)
    assert (stored.status, stored.refund_asked_minor) == ("succeeded", 0)
    assert _short(world) == PAID


def test_a_refund_that_fails_after_success_goes_to_available(
    world: World, asked: tuple[str, str]
) -> None:
    payment, operation = asked
    tell(world, operation, Outcome.SUCCESS)
    refund = flows.refund(world.owner(), world.acme, payment, 2000, run=False)
    tell(world, refund, Outcome.SUCCESS)
    tell(world, refund, Outcome.FAILED)
    stored = flows.read(world.owner(), payment)
    assert (stored.refunded_minor, stored.refund_asked_minor) == (0, 0)
    assert _short(world) == {**PAID, "pending": -3850, "available": -2000}


def test_a_refund_that_succeeds_after_failure_is_held_and_paid(
    world: World, asked: tuple[str, str]
) -> None:
    payment, operation = asked
    tell(world, operation, Outcome.SUCCESS)
    refund = flows.refund(world.owner(), world.acme, payment, 2000, run=False)
    tell(world, refund, Outcome.FAILED)
    tell(world, refund, Outcome.SUCCESS)
    stored = flows.read(world.owner(), payment)
    assert (stored.status, stored.refund_asked_minor) == ("partially_refunded", 2000)
    assert _short(world) == {**PAID, "receivable": 4000, "pending": -3850}


def test_a_refund_that_is_pending_again_is_owed_again(world: World, asked: tuple[str, str]) -> None:
    payment, operation = asked
    tell(world, operation, Outcome.SUCCESS)
    refund = flows.refund(world.owner(), world.acme, payment, 2000, run=False)
    tell(world, refund, Outcome.SUCCESS)
    tell(world, refund, Outcome.PENDING)
    assert _short(world) == {**PAID, "pending": -3850, "in_refund": -2000}


@pytest.mark.parametrize(
    "told",
    [
        answer(Outcome.SUCCESS, amount_minor=6001),
        answer(Outcome.SUCCESS, currency="USD"),
        answer(Outcome.SUCCESS, reference="pay_other"),
    ],
    ids=["amount", "currency", "reference"],
)
def test_what_is_not_ours_is_conflicted_and_moves_nothing(
    world: World, asked: tuple[str, str], told: ProviderAnswer
) -> None:
    assert tell(world, asked[1], told).decision is Decision.CONFLICT
    assert flows.read(world.owner(), asked[0]).status == "conflicted"
    assert _short(world) == {}


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.NOT_SENT])
def test_a_look_up_without_an_answer_says_nothing(
    world: World, asked: tuple[str, str], outcome: Outcome
) -> None:
    tell(world, asked[1], Outcome.PENDING)
    assert tell(world, asked[1], outcome).decision is Decision.NOTHING
    assert _state(world, asked[0]) == OperationState.PENDING


def test_not_sent_never_frees_an_operation_that_was_sent_before(
    world: World, asked: tuple[str, str]
) -> None:
    tell(world, asked[1], Outcome.NOT_SENT, source="answer", sent_before=True)
    assert _state(world, asked[0]) == OperationState.UNKNOWN


def test_not_found_counts_after_two_looks_ten_minutes_apart(
    world: World, asked: tuple[str, str]
) -> None:
    payment, operation = asked
    start = clock.now()
    tell(world, operation, Outcome.UNKNOWN, source="answer")
    for minutes, state in ((0, "unknown"), (9, "unknown"), (11, "failed")):
        moment = start + timedelta(minutes=minutes)
        tell(world, operation, Outcome.NOT_FOUND, now=moment)
        assert _state(world, payment) == state
    tell(world, operation, Outcome.NOT_FOUND, now=start + timedelta(minutes=30))
    assert flows.read(world.owner(), payment).status == "failed"


def test_every_journal_names_its_cause_once(world: World, asked: tuple[str, str]) -> None:
    payment, operation = asked
    tell(world, operation, Outcome.SUCCESS)
    flows.refund(world.owner(), world.acme, payment, 500, run=False)
    with db.reading(world.staff()) as session:
        journals = session.query(LedgerJournal).all()
    assert {journal.kind for journal in journals} == {"capture", "refund_asked"}
    assert len({(journal.cause_type, journal.cause_id, journal.kind) for journal in journals}) == 2


def _second_attempt(world: World, payment: str) -> str:
    """Write a second try of a payment, as a payer who chose another card would."""
    stored = flows.read(world.owner(), payment)
    with db.unit_of_work(world.owner()) as session:
        attempt = Attempt(
            public_id=new_id("att", clock.now()),
            merchant_id=world.acme,
            livemode=False,
            payment_id=stored.id,
            connector_account_id=world.connector_account,
            number=2,
            method="card",
            card_token="tok_approve",
            created_at=clock.now(),
        )
        session.add(attempt)
        session.flush()
        return add_operation(
            session, clock.now(), stored, attempt.id, OperationKind.PURCHASE, 6000
        ).public_id


def test_the_success_of_a_second_attempt_goes_to_suspense(
    world: World, asked: tuple[str, str]
) -> None:
    payment, operation = asked
    second = _second_attempt(world, payment)
    tell(world, operation, Outcome.SUCCESS)
    tell(world, second, Outcome.SUCCESS)
    stored = flows.read(world.owner(), payment)
    assert (stored.status, stored.captured_minor) == ("succeeded", 6000)
    assert _short(world) == {**PAID, "receivable": 12000, "suspense": -6000}
    tell(world, second, Outcome.FAILED)
    assert _short(world) == PAID


def test_what_was_never_sent_ends_on_the_desk(world: World, asked: tuple[str, str]) -> None:
    payment, operation = asked
    for _ in range(execute.MOST_UNSENT_TRIES):
        flows.send(world.owner(), world.acme, operation)
    assert _state(world, payment) == OperationState.NOT_SENT
    assert flows.read(world.owner(), payment).status == "failed"
    with db.reading(world.staff()) as session:
        task = session.query(Outbox).one()
    assert (task.state, task.attempt) == ("failed", execute.MOST_UNSENT_TRIES)


def test_an_edge_that_is_not_listed_marks_the_operation(
    world: World, asked: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes, "is_listed", lambda before, after: before == after)
    tell(world, asked[1], Outcome.SUCCESS)
    assert flows.read(world.owner(), asked[0]).status == "conflicted"
    monkeypatch.undo()
    tell(world, asked[1], Outcome.SUCCESS)
    assert flows.read(world.owner(), asked[0]).status == "conflicted"
    assert flows.read_operations(world.owner(), asked[0])[0].conflicted


def test_a_contradicting_answer_is_looked_up_and_the_payment_stays(
    sandbox_world: World, sandbox_server: SandboxServer
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = flows.pay(owner, acme)
    operation = flows.read_operations(owner, payment)[0].public_id
    assert tell(sandbox_world, operation, Outcome.FAILED, source="answer").look_again
    with db.unit_of_work(Actor.house(None, "test")) as session:
        session.query(Outbox).update({"state": "waiting"})
    flows.send(owner, acme, operation)
    stored = flows.read_operations(owner, payment)[0]
    assert (stored.state, stored.look_up_at) == (OperationState.SUCCESS, None)
    assert sandbox_server.answers()
