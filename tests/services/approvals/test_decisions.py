from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select

from app.adapters import clock, db
from app.errors import (
    BadInputError,
    ForbiddenError,
    IllegalStateError,
    LimitExceededError,
    NotFoundError,
)
from app.jobs.handlers import HANDLERS
from app.models import ApprovalDecision, Operation
from app.queries import approvals
from app.services import leases
from app.services.approvals import decisions
from tests.services import flows
from tests.services.approvals import people

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine

    from app.domain.actors import Actor
    from tests.fixtures.application import World


def _reject(actor: Actor, request: str, reason: str = "no such order") -> None:
    with db.unit_of_work(actor) as session:
        decisions.reject(session, clock.now(), request, reason)


def _withdraw(actor: Actor, request: str) -> None:
    with db.unit_of_work(actor) as session:
        decisions.withdraw(session, clock.now(), request)


def _refunds(world: World, payment: str) -> list[Operation]:
    found = flows.read_operations(world.owner(), payment)
    return [each for each in found if each.kind == "refund"]


@pytest.fixture
def asked(sandbox_world: World) -> tuple[str, str]:
    """Let operations ask for a refund of 2,000.00 of 5,000.00; returns payment and request."""
    payment = people.paid(sandbox_world)
    return payment, people.ask_refund(people.OPERATIONS, payment)


def test_an_approved_refund_is_sent_by_a_worker(
    sandbox_world: World, asked: tuple[str, str]
) -> None:
    payment, request = asked
    assert flows.read(sandbox_world.owner(), payment).refund_asked_minor == 0
    done = people.approve(people.FINANCE, request)
    assert done.is_done
    assert leases.drain("money", HANDLERS) == 1
    (operation,) = _refunds(sandbox_world, payment)
    assert (operation.public_id, operation.state) == (done.result_id, "success")
    assert (operation.amount_minor, operation.requested_by) == (2_000_00, "operations")
    row = people.read(request)
    assert (row.state, row.checker_label, row.open_key) == ("approved", "finance", None)
    assert row.result_id == operation.public_id
    assert people.traces(request) == ["approvals.request", "approvals.approve"]
    assert people.traces(payment)[-1] == "payments.refund"


def test_a_decision_is_written_down(asked: tuple[str, str]) -> None:
    _reject(people.FINANCE, asked[1])
    with db.reading(people.OPERATIONS) as session:
        (decision,) = session.scalars(select(ApprovalDecision))
    assert (decision.verdict, decision.label, decision.reason) == (
        "rejected",
        "finance",
        "no such order",
    )
    assert people.traces(asked[1]) == ["approvals.request", "approvals.reject"]


def _unapproved(world: World, payment: str, request: str, state: str) -> None:
    assert _refunds(world, payment) == []
    assert people.read(request).state == state


def test_the_maker_does_not_decide(sandbox_world: World) -> None:
    payment = people.paid(sandbox_world)
    request = people.ask_refund(people.FINANCE, payment)
    for act in (people.approve, _reject):
        with pytest.raises(ForbiddenError, match="somebody else has to decide"):
            act(people.FINANCE, request)
    _unapproved(sandbox_world, payment, request, "waiting")


def test_a_role_without_the_permission_does_not_decide(
    sandbox_world: World, asked: tuple[str, str]
) -> None:
    for actor in (people.COMPLIANCE, sandbox_world.owner()):
        for act in (people.approve, _reject):
            with pytest.raises(ForbiddenError, match="Your role may not decide"):
                act(actor, asked[1])
    _unapproved(sandbox_world, *asked, "waiting")


def test_only_the_maker_withdraws(sandbox_world: World, asked: tuple[str, str]) -> None:
    with pytest.raises(ForbiddenError, match="Only operations can withdraw"):
        _withdraw(people.FINANCE, asked[1])
    _withdraw(people.OPERATIONS, asked[1])
    _unapproved(sandbox_world, *asked, "withdrawn")
    assert people.traces(asked[1])[-1] == "approvals.withdraw"


def _let_lapse(engine: Engine, request: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE approval_request SET lapses_at = created_at WHERE public_id = %s", (request,)
        )


@pytest.mark.parametrize("ended", ["approved already", "rejected already", "withdrawn", "lapsed"])
def test_what_is_over_is_not_decided_again(
    sandbox_world: World, asked: tuple[str, str], migrator_engine: Engine, ended: str
) -> None:
    payment, request = asked
    end: dict[str, Callable[[], object]] = {
        "approved already": lambda: people.approve(people.FINANCE, request),
        "rejected already": lambda: _reject(people.FINANCE, request),
        "withdrawn": lambda: _withdraw(people.OPERATIONS, request),
        "lapsed": lambda: _let_lapse(migrator_engine, request),
    }
    end[ended]()
    before = len(people.traces(request)), len(_refunds(sandbox_world, payment))
    for act in (people.approve, _reject):
        for actor in (people.FINANCE, people.FINANCE_2):
            with pytest.raises(IllegalStateError, match=f"{ended}: nothing more can be decided"):
                act(actor, request)
    with pytest.raises(IllegalStateError, match=ended):
        _withdraw(people.OPERATIONS, request)
    assert (len(people.traces(request)), len(_refunds(sandbox_world, payment))) == before


def test_a_request_lapses_where_its_object_has_changed(
    sandbox_world: World, asked: tuple[str, str]
) -> None:
    payment, request = asked
    flows.refund(sandbox_world.owner(), sandbox_world.acme, payment, 1_00)
    done = people.approve(people.FINANCE, request)
    assert not done.is_done
    assert [each.amount_minor for each in _refunds(sandbox_world, payment)] == [1_00]
    assert people.read(request).state == "lapsed"
    assert people.traces(request) == ["approvals.request", "approvals.lapse"]
    with db.reading(people.OPERATIONS) as session:
        assert approvals.decisions(session, done.request.id) == []


def test_what_cannot_be_carried_out_is_not_approved(
    sandbox_world: World, asked: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.queries.payments.ask_refund", lambda *_: False)
    with pytest.raises(LimitExceededError):
        people.approve(people.FINANCE, asked[1])
    _unapproved(sandbox_world, *asked, "waiting")
    assert people.traces(asked[1]) == ["approvals.request"]


def test_a_reason_and_a_request_are_needed(sandbox_world: World, asked: tuple[str, str]) -> None:
    for reason in (" ", "4242 4242 4242 4242"):
        with pytest.raises(BadInputError):
            _reject(people.FINANCE, asked[1], reason)
    stranger = sandbox_world.stranger()
    for actor, request in ((people.FINANCE, "apr_none"), (stranger, asked[1])):
        for act in (people.approve, _reject, _withdraw):
            with pytest.raises(NotFoundError):
                act(actor, request)
    _unapproved(sandbox_world, *asked, "waiting")


def test_a_small_refund_goes_without_and_parts_count_together(sandbox_world: World) -> None:
    payment = people.paid(sandbox_world)
    assert people.ask_refund(people.OPERATIONS, payment, 600_00).startswith("re_")
    request = people.ask_refund(people.OPERATIONS, payment, 400_00)
    assert people.read(request).amount_minor == 400_00
    assert people.ask_refund(sandbox_world.owner(), payment, 399_99).startswith("re_")
    assert people.read(request).state == "waiting"
    assert not people.approve(people.FINANCE, request).is_done, "it was asked back meanwhile"


def test_all_that_is_left_is_asked_for_by_no_amount(sandbox_world: World) -> None:
    payment = people.paid(sandbox_world)
    request = people.ask_refund(sandbox_world.owner(), payment, None)
    assert people.read(request).amount_minor == 5_000_00
    assert clock.now() + timedelta(days=8) > people.read(request).lapses_at
