"""Two people in the same moment, on MariaDB, again and again: one of them decides."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING, Final

import pytest

from app.adapters import clock, db
from app.errors import PayAgencyError
from app.queries import approvals
from app.services.approvals import decisions
from tests.services import flows
from tests.services.approvals import people

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flask import Flask

    from app.models import Operation
    from tests.fixtures.application import World

ROUNDS: Final = 20
_ONE_AMOUNT: Final = 2_000_00


def _at_once(context: Flask, *acts: Callable[[], object]) -> list[object]:
    """Do several things in the same moment; answers what each returned or was refused with."""
    start = Barrier(len(acts))

    def one(act: Callable[[], object]) -> object:
        with context.app_context():
            start.wait()
            try:
                return db.retry_when_busy(act)()
            except PayAgencyError as error:
                return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def _refused(answers: Sequence[object]) -> list[str]:
    return [each.code for each in answers if isinstance(each, PayAgencyError)]


@pytest.fixture
def payments(sandbox_world: World) -> list[str]:
    """Return a captured payment of 5,000.00 for each round."""
    return [people.paid(sandbox_world, reference=f"order-{each}") for each in range(ROUNDS)]


def _refunds(world: World, payment: str) -> list[Operation]:
    found = flows.read_operations(world.owner(), payment)
    return [each for each in found if each.kind == "refund"]


def test_of_two_checkers_one_decides(
    context: Flask, sandbox_world: World, payments: list[str]
) -> None:
    for payment in payments:
        request = people.ask_refund(people.OPERATIONS, payment)
        answers = _at_once(
            context,
            partial(people.approve, people.FINANCE, request),
            partial(people.approve, people.FINANCE_2, request),
        )
        assert _refused(answers) == ["illegal_state"]
        (operation,) = _refunds(sandbox_world, payment)
        row = people.read(request)
        assert (row.state, row.result_id) == ("approved", operation.public_id)
        assert people.traces(request).count("approvals.approve") == 1
        with db.reading(people.OPERATIONS) as session:
            (decision,) = approvals.decisions(session, row.id)
        assert decision.label == row.checker_label


def test_what_is_withdrawn_is_not_carried_out(
    context: Flask, sandbox_world: World, payments: list[str]
) -> None:
    def withdraw(request: str) -> object:
        with db.unit_of_work(people.OPERATIONS) as session:
            return decisions.withdraw(session, clock.now(), request)

    for payment in payments:
        request = people.ask_refund(people.OPERATIONS, payment)
        answers = _at_once(
            context,
            partial(people.approve, people.FINANCE, request),
            partial(withdraw, request),
        )
        assert _refused(answers) == ["illegal_state"]
        state, done = people.read(request).state, len(_refunds(sandbox_world, payment))
        assert (state, done) in {("approved", 1), ("withdrawn", 0)}


def test_what_has_changed_is_not_carried_out(
    context: Flask, sandbox_world: World, payments: list[str]
) -> None:
    owner = sandbox_world.owner()
    for payment in payments:
        request = people.ask_refund(people.OPERATIONS, payment, _ONE_AMOUNT)
        answers = _at_once(
            context,
            partial(people.approve, people.FINANCE, request),
            partial(flows.refund, owner, sandbox_world.acme, payment, 1_00, run=False),
        )
        assert _refused(answers) == []
        amounts = [each.amount_minor for each in _refunds(sandbox_world, payment)]
        # Who was first locked the payment first: after the other refund nothing is approved.
        assert (people.read(request).state, amounts) in [
            ("approved", [_ONE_AMOUNT, 1_00]),
            ("lapsed", [1_00]),
        ]


def test_of_two_who_ask_one_waits(
    context: Flask, sandbox_world: World, payments: list[str]
) -> None:
    for payment in payments:
        answers = _at_once(
            context,
            partial(people.ask_refund, people.OPERATIONS, payment),
            partial(people.ask_refund, sandbox_world.owner(), payment),
        )
        assert _refused(answers) == ["illegal_state"]


def test_parts_asked_for_in_one_moment_do_not_pass_the_limit_together(
    context: Flask, sandbox_world: World, payments: list[str]
) -> None:
    for payment in payments:
        answers = _at_once(
            context,
            partial(people.ask_refund, people.OPERATIONS, payment, 600_00),
            partial(people.ask_refund, sandbox_world.owner(), payment, 600_00),
        )
        refunds = [each.amount_minor for each in _refunds(sandbox_world, payment)]
        assert refunds == [600_00], answers


def test_of_two_approvals_of_one_limit_one_is_carried_out(context: Flask, world: World) -> None:
    for most_minor in range(1_00, 1_00 + ROUNDS):
        found = people.limit()
        request = people.ask_limit(world, most_minor, found.id if found else 0)
        answers = _at_once(
            context,
            partial(people.approve, people.COMPLIANCE_2, request),
            partial(people.approve, people.COMPLIANCE_3, request),
        )
        assert _refused(answers) == ["illegal_state"]
        changed = people.limit()
        assert changed is not None
        assert changed.max_minor == most_minor
