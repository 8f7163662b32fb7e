"""Messages carry no order: whatever way they come, a payment ends where its story ends."""

from __future__ import annotations

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.adapters import db
from app.jobs.handlers import HANDLERS
from app.models import InboundEvent
from app.queries import ledger, payments
from app.services import leases
from tests.conftest import SCALE
from tests.services import flows
from tests.services.telling import Provider, disputes_of, provider
from tests.services.test_disputes import broken, cases

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask

    from tests.services.telling import Told

__all__ = ["provider"]

EVENTS: Final = 7
EXAMPLES: Final = 20 if SCALE == "small" else 300
STORM: Final = 1_000 if SCALE == "small" else 10_000
WORKERS: Final = 4
IN_ONE_MESSAGE: Final = 5


def story(provider: Provider) -> tuple[str, list[Told]]:
    """Return a new payment, and all that happens to it at the provider, in order."""
    payment = flows.pay(provider.world.owner(), provider.world.acme, run=False)
    charge = provider.charge(payment, "requires_action")
    return payment, [
        charge,
        provider.charge(payment, "succeeded"),
        provider.part("refund", charge, "processing", 2000),
        provider.part("refund", charge, "succeeded", 2000),
        provider.dispute(charge, "open"),
        provider.dispute(charge, "under_review"),
        provider.dispute(charge, "lost"),
    ]


def ends(provider: Provider, payment: str) -> dict[str, object]:
    """Return how a payment stands, what was posted for it, and where its money is."""
    stored = flows.read(provider.world.owner(), payment)
    journals: Counter[tuple[str, int]] = Counter()
    accounts: Counter[str] = Counter()
    with db.reading(provider.world.staff()) as session:
        found = payments.get(session, payment)
        assert found is not None
        gross: Counter[int] = Counter()
        for line, account in ledger.lines_of_payment(session, found.id):
            gross[line.journal_id] += max(0, line.amount_minor)
            accounts[account.code] += line.amount_minor
        for journal in ledger.journals_of_payment(session, found.id):
            journals[journal.kind, gross[journal.id]] += 1
    return {
        "status": stored.status,
        "amounts": (stored.captured_minor, stored.refunded_minor, stored.refund_asked_minor),
        "charged_back": (stored.disputed_minor, stored.charged_back_minor),
        "operations": [
            (each.kind, each.state, each.conflicted)
            for each in sorted(
                flows.read_operations(provider.world.owner(), payment), key=lambda row: row.kind
            )
        ],
        "disputes": [
            (each.stage, each.status, each.withdrawn)
            for each in disputes_of(provider.world, payment)
        ],
        "journals": journals,
        "accounts": {code: amount for code, amount in accounts.items() if amount},
    }


@pytest.fixture
def in_order(provider: Provider) -> dict[str, object]:
    """How a payment ends whose story is told in order."""
    payment, told = story(provider)
    provider.tell(*told)
    provider.settle()
    end = ends(provider, payment)
    assert (end["status"], end["charged_back"]) == ("charged_back", (0, 4000))
    assert end["journals"] == {
        ("capture", 6000): 1,
        ("refund_asked", 2000): 1,
        ("refund_succeeded", 2000): 1,
        ("dispute_opened", 4000): 1,
        ("dispute_withdrawn", 4000): 1,
        ("dispute_lost", 4000): 1,
    }
    return end


@pytest.mark.timeout(600)
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    order=st.permutations(range(EVENTS)),
    copies=st.lists(st.integers(0, EVENTS - 1), max_size=4),
    rest=st.booleans(),
)
def test_any_order_with_copies_ends_as_in_order(
    provider: Provider,
    in_order: dict[str, object],
    order: list[int],
    copies: list[int],
    *,
    rest: bool,
) -> None:
    payment, told = story(provider)
    for number in [*order, *copies]:
        provider.receive(told[number])
        if rest:
            provider.work()
    provider.settle()
    assert ends(provider, payment) == in_order


def _storm(provider: Provider, rng: random.Random) -> tuple[list[str], list[Told]]:
    """Return some payments, and all their events with copies, in no order."""
    stories = [story(provider) for _ in range(STORM * 10 // (13 * EVENTS))]
    events = [event for _, told in stories for event in told]
    events += rng.sample(events, STORM - len(events))
    rng.shuffle(events)
    return [payment for payment, _ in stories], events


def _at_once(context: Flask, provider: Provider, shares: Iterable[list[Told]]) -> None:
    def receive_and_work(share: list[Told]) -> None:
        with context.app_context():
            for start in range(0, len(share), IN_ONE_MESSAGE):
                provider.receive(*share[start : start + IN_ONE_MESSAGE])
            leases.drain("money", HANDLERS)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(receive_and_work, shares))


@pytest.mark.timeout(1800)
def test_a_storm_of_events_over_many_payments_ends_as_in_order(
    provider: Provider, in_order: dict[str, object], context: Flask
) -> None:
    paid, events = _storm(provider, random.Random(7))
    _at_once(context, provider, (events[start::WORKERS] for start in range(WORKERS)))
    provider.settle(rounds=40)
    wrong = [payment for payment in paid if ends(provider, payment) != in_order]
    assert wrong == []
    with db.reading(provider.world.staff()) as session:
        kept = session.query(InboundEvent).all()
    assert sum(event.copies for event in kept) == STORM + EVENTS
    assert {event.state for event in kept} == {"applied"}
    assert (cases(provider.world), broken()) == ([], {})
