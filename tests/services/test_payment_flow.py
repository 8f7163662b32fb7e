"""A card payment from the form to the ledger, against the sandbox provider, on MariaDB."""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.domain.operations import OperationState
from app.errors import BadInputError, CapabilityMissingError, IllegalStateError, LimitExceededError
from app.jobs.handlers import HANDLERS
from app.models import ProviderCall
from app.services import execute, leases
from tests.services import flows

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.fixtures.application import World
    from tests.infra.sandbox import SandboxServer

STATUSES = {
    "tok_approve": "succeeded",
    "tok_decline": "failed",
    "tok_insufficient": "failed",
    "tok_challenge": "requires_action",
    "tok_dispute": "succeeded",
}


@pytest.mark.parametrize("token,status", STATUSES.items())
def test_each_token_ends_in_its_status(sandbox_world: World, token: str, status: str) -> None:
    payment = flows.pay(sandbox_world.owner(), sandbox_world.acme, token=token)
    assert flows.read(sandbox_world.owner(), payment).status == status


def test_capture_posts_gross_fee_and_pending(sandbox_world: World) -> None:
    flows.pay(sandbox_world.owner(), sandbox_world.acme)
    totals = {
        code.split(":")[-2]: balance
        for code, balance in flows.balances(sandbox_world.staff()).items()
    }
    assert totals == {"receivable": 6000, "pending": -5850, "mdr": -150}


def test_refund_takes_own_money_and_ends_in_the_receivable(sandbox_world: World) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = flows.pay(owner, acme)
    flows.refund(owner, acme, payment, 2000)
    stored = flows.read(owner, payment)
    assert (stored.status, stored.refunded_minor) == ("partially_refunded", 2000)
    totals = flows.balances(sandbox_world.staff())
    assert {code.split(":")[-2]: amount for code, amount in totals.items()} == {
        "receivable": 4000,
        "pending": -3850,
        "in_refund": 0,
        "mdr": -150,
    }


def test_a_hanging_provider_leaves_processing_and_a_look_up_ends_it(
    sandbox_world: World, sandbox_server: SandboxServer
) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = flows.pay(owner, acme, token="tok_hang", run=False)
    operation = flows.read_operations(owner, payment)[0]
    flows.send(owner, acme, operation.public_id, budget_seconds=0.5)
    assert flows.read_operations(owner, payment)[0].state == OperationState.UNKNOWN
    assert flows.read(owner, payment).status == "processing"
    sandbox_server.calm()
    flows.send(owner, acme, operation.public_id)
    assert flows.read(owner, payment).status == "succeeded"


def test_an_unreachable_provider_is_not_sent_and_retried(world: World) -> None:
    payment = flows.pay(world.owner(), world.acme)
    assert flows.read_operations(world.owner(), payment)[0].state == OperationState.NOT_SENT
    assert flows.read(world.owner(), payment).status == "processing"


def test_refund_beyond_the_captured_amount_changes_nothing(sandbox_world: World) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = flows.pay(owner, acme)
    before = flows.balances(sandbox_world.staff())
    with pytest.raises(LimitExceededError, match="60.01 EUR"):
        flows.refund(owner, acme, payment, 6001)
    assert flows.balances(sandbox_world.staff()) == before
    assert flows.read(owner, payment).refund_asked_minor == 0


def test_an_uncaptured_payment_cannot_be_refunded(sandbox_world: World) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    payment = flows.pay(owner, acme, token="tok_decline")
    with pytest.raises(IllegalStateError, match="failed"):
        flows.refund(owner, acme, payment)


def test_a_card_number_is_refused_wherever_it_stands(sandbox_world: World) -> None:
    owner, acme = sandbox_world.owner(), sandbox_world.acme
    with pytest.raises(BadInputError, match="reference"):
        flows.pay(owner, acme, reference="4242 4242 4242 4242")
    with pytest.raises(BadInputError, match="card_token"):
        flows.pay(owner, acme, token="4242424242424242")


def test_a_merchant_without_the_capability_is_refused(
    sandbox_world: World, migrator_engine: Engine
) -> None:
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM capability")
    with pytest.raises(CapabilityMissingError, match="not enabled"):
        flows.pay(sandbox_world.owner(), sandbox_world.acme)


def test_beyond_half_of_the_threads_a_payment_is_left_to_a_worker(
    sandbox_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "_SEATS", BoundedSemaphore(1))
    with execute._SEATS:
        payment = flows.pay(sandbox_world.owner(), sandbox_world.acme)
    assert flows.read(sandbox_world.owner(), payment).status == "processing"
    assert leases.drain("money", HANDLERS) == 1
    assert flows.read(sandbox_world.owner(), payment).status == "succeeded"


def test_the_transcript_hides_what_opens_the_payers_page(sandbox_world: World) -> None:
    payment = flows.read(
        sandbox_world.owner(), flows.pay(sandbox_world.owner(), sandbox_world.acme)
    )
    with db.reading(sandbox_world.staff()) as session:
        call = session.query(ProviderCall).one()
    assert "return_url" in call.request
    assert payment.page_token not in call.request
    assert str(payment.return_nonce) not in call.request
