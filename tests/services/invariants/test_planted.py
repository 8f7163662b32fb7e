from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import clock
from app.domain.actors import Actor
from app.services.invariants import registry
from app.services.unscoped import unscoped
from tests.services import flows
from tests.services.approvals import people
from tests.services.invariants.planting import found, planted

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.fixtures.application import World

# Invariant, part of what it says, statements that break it.
PLANTED: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "ledger_zero",
        "sums to 1 minor units",
        ("UPDATE ledger_line SET amount_minor = amount_minor + 1 ORDER BY id LIMIT 1",),
    ),
    (
        "ledger_zero",
        "has 0 lines",
        ("DELETE FROM ledger_line WHERE journal_id = (SELECT MIN(id) FROM ledger_journal)",),
    ),
    (
        "balances",
        "balance",
        ("UPDATE ledger_balance SET balance_minor = balance_minor + 5 LIMIT 1",),
    ),
    ("balances", "balance None", ("DELETE FROM ledger_balance LIMIT 1",)),
    (
        "lots",
        "in pending, its lots 0",
        ("DELETE FROM lot",),
    ),
    (
        "lots",
        "its lots 1",
        ("UPDATE lot SET amount_minor = 1 WHERE state = 'held' LIMIT 1",),
    ),
    (
        "lots",
        "holds -1 minor units in pending",
        (
            (
                "UPDATE ledger_line SET amount_minor = amount_minor + 1 +"
                " (SELECT SUM(amount_minor) * -1 FROM (SELECT l.* FROM ledger_line l"
                " JOIN ledger_account a ON a.id = l.account_id"
                " WHERE a.code LIKE 'merchant:%%:pending') AS held WHERE held.payment_id ="
                " ledger_line.payment_id) WHERE kind = 'capture' AND account_id IN (SELECT id FROM"
                " ledger_account WHERE code LIKE 'merchant:%%:pending') LIMIT 1"
            ),
        ),
    ),
    (
        "lots",
        "which is held",
        (
            (
                "UPDATE ledger_journal SET cause_type = 'lot', kind = 'release', cause_id ="
                " (SELECT public_id FROM lot LIMIT 1) WHERE kind = 'capture' LIMIT 1"
            ),
        ),
    ),
    (
        "lots",
        "which is no lot of that kind",
        (
            (
                "UPDATE ledger_journal SET cause_type = 'lot', kind = 'reserve_release', cause_id ="
                " (SELECT public_id FROM lot LIMIT 1) WHERE kind = 'capture' LIMIT 1"
            ),
        ),
    ),
    (
        "lots",
        "released 6000 of 1 minor units",
        (
            "UPDATE lot SET amount_minor = 1, state = 'released', released_at = UTC_TIMESTAMP(6)",
            (
                "UPDATE ledger_journal SET cause_type = 'lot', kind = 'release', cause_id ="
                " (SELECT public_id FROM lot WHERE lot.payment_id = ledger_journal.payment_id"
                " LIMIT 1) WHERE kind = 'capture' LIMIT 1"
            ),
        ),
    ),
    (
        "captured_once",
        "is success with 0",
        ("UPDATE ledger_journal SET kind = 'adjustment' WHERE kind = 'capture'",),
    ),
    (
        "captured_once",
        "is failed with 1",
        ("UPDATE operation SET state = 'failed' WHERE state = 'success' AND kind = 'purchase'",),
    ),
    (
        "refund_limits",
        "reserved 0, refunds asked 1000",
        ("UPDATE payment SET refund_asked_minor = 0 WHERE refund_asked_minor > 0",),
    ),
    (
        "refund_limits",
        "captured 6000",
        (
            "UPDATE operation SET amount_minor = 6001 WHERE kind = 'refund'",
            "UPDATE payment SET refund_asked_minor = 6001 WHERE refund_asked_minor > 0",
        ),
    ),
    (
        "payment_summaries",
        "is stored as failed",
        ("UPDATE payment SET status = 'failed' WHERE status = 'requires_action'",),
    ),
    (
        "payment_summaries",
        "stores captured_minor 1",
        ("UPDATE payment SET captured_minor = 1 WHERE status = 'failed'",),
    ),
    (
        "payment_summaries",
        "stores refunded_minor 7",
        ("UPDATE payment SET refunded_minor = 7 WHERE status = 'failed'",),
    ),
    (
        "state_edges",
        "is success, its events say pending",
        ("UPDATE operation_event SET `after` = 'pending' WHERE `after` = 'success'",),
    ),
    (
        "state_edges",
        "failed to pending is not listed",
        ("UPDATE operation_event SET `before` = 'failed', `after` = 'pending' LIMIT 1",),
    ),
    (
        "state_edges",
        "init to paid is not listed",
        ("UPDATE operation_event SET `after` = 'paid' LIMIT 1",),
    ),
    ("state_edges", "its events say init", ("DELETE FROM operation_event LIMIT 1",)),
    (
        "provider_keys",
        "is claimed by 4 operations of kind purchase",
        ("UPDATE operation SET provider_reference = 'sbx_ch_1'",),
    ),
    ("evidence_once", "of another operation", ("UPDATE evidence SET operation_id = 999",)),
    ("evidence_once", "names no evidence", ("DELETE FROM evidence LIMIT 1",)),
    (
        "tasks_end",
        "is leased since before",
        (
            (
                "UPDATE outbox SET state = 'leased', lease_owner = 'gone', "
                "lease_until = UTC_TIMESTAMP(6) - INTERVAL 11 MINUTE WHERE state = 'waiting'"
            ),
        ),
    ),
    ("tasks_end", "is of kind unheard", ("UPDATE outbox SET kind = 'unheard' LIMIT 1",)),
    (
        "tasks_end",
        "is action and has no task",
        ("UPDATE outbox SET state = 'done' WHERE state = 'waiting'",),
    ),
    ("task_keys", "has 0 tasks", ("DELETE FROM outbox LIMIT 1",)),
    (
        "task_keys",
        "has 6 tasks",
        ("UPDATE outbox SET ref = (SELECT public_id FROM operation LIMIT 1)",),
    ),
    (
        "audited",
        "has 0 entries of its creation",
        ("DELETE FROM audit_entry WHERE action = 'payments.create' LIMIT 1",),
    ),
    (
        "audited",
        "has 1 refunds and 0 entries",
        ("DELETE FROM audit_entry WHERE action = 'payments.refund'",),
    ),
    (
        "maker_is_not_checker",
        "was decided on by its maker operations",
        ("UPDATE approval_request SET checker_user_id = maker_user_id WHERE state = 'approved'",),
    ),
    (
        "maker_is_not_checker",
        "was decided on by its maker operations",
        ("UPDATE approval_decision SET user_id = 1",),
    ),
    (
        "maker_is_not_checker",
        "is approved with 0 decisions",
        ("DELETE FROM approval_decision",),
    ),
    (
        "maker_is_not_checker",
        "is waiting with 1 decisions",
        (
            (
                "UPDATE approval_decision SET request_id = "
                "(SELECT id FROM approval_request WHERE state = 'waiting')"
            ),
        ),
    ),
    (
        "maker_is_not_checker",
        "1 decisions, 0 of them say so",
        ("UPDATE approval_decision SET verdict = 'rejected'",),
    ),
    (
        "approved_once",
        "is approved with 0 results",
        ("UPDATE approval_request SET result_id = NULL WHERE state = 'approved'",),
    ),
    (
        "approved_once",
        "is approved with 1 results and 0 entries",
        ("DELETE FROM audit_entry WHERE action = 'approvals.approve'",),
    ),
    (
        "approved_once",
        "is waiting with 1 results",
        ("UPDATE approval_request SET result_id = 're_x' WHERE state = 'waiting'",),
    ),
    (
        "approved_once",
        "is no refund of its amount",
        ("UPDATE operation SET amount_minor = 1 WHERE kind = 'refund' AND amount_minor = 110000",),
    ),
    (
        "approved_once",
        "is the result of several requests",
        (
            (
                "UPDATE approval_request AS one JOIN approval_request AS other "
                "ON other.state = 'approved' SET one.state = 'approved', "
                "one.command = other.command, one.result_id = other.result_id "
                "WHERE one.state = 'waiting'"
            ),
        ),
    ),
    *(
        ("tenants", f"{child} of", (f"UPDATE {table} SET {change} LIMIT 1",))
        for child, table, change in (
            ("Attempt", "attempt", "livemode = 1"),
            ("Operation", "operation", "merchant_id = merchant_id + 1"),
            ("OperationEvent", "operation_event", "livemode = 1"),
            ("Evidence", "evidence", "merchant_id = NULL"),
            ("ProviderCall", "provider_call", "merchant_id = merchant_id + 1"),
            ("Outbox", "outbox", "merchant_id = merchant_id + 1"),
            ("LedgerJournal", "ledger_journal", "merchant_id = merchant_id + 1"),
            ("LedgerLine", "ledger_line", "livemode = 1"),
            ("LedgerBalance", "ledger_balance", "merchant_id = 77"),
        )
    ),
)


@pytest.fixture
def history(sandbox_world: World) -> World:
    """Make a payment of each kind, an approved refund, and a request that waits."""
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    paid = flows.pay(owner, acme, reference="paid")
    flows.refund(owner, acme, paid, 1000)
    flows.pay(owner, acme, reference="declined", token="tok_decline")
    flows.pay(owner, acme, reference="challenged", token="tok_challenge")
    large = people.paid(sandbox_world, reference="large")
    people.approve(people.FINANCE, people.ask_refund(people.OPERATIONS, large, 1_100_00))
    people.ask_limit(sandbox_world, 500_00)
    return sandbox_world


@pytest.mark.usefixtures("history")
def test_every_invariant_holds_after_an_honest_history() -> None:
    with unscoped(Actor.house(None, "test"), clock.now(), "test") as session:
        results = registry.check_all(session)
    assert [result for result in results if result.violations] == []
    assert len({result.name for result in results}) == len(registry.INVARIANTS)


@pytest.mark.usefixtures("history")
def test_every_planted_violation_is_found(
    subtests: pytest.Subtests, migrator_engine: Engine
) -> None:
    for name, words, statements in PLANTED:
        with (
            subtests.test(name, statements=statements),
            planted(migrator_engine, *statements) as connection,
        ):
            violations = found(connection, name)
            told = [f"{each.subject}: {each.text}" for each in violations]
            assert any(words in line for line in told), told
