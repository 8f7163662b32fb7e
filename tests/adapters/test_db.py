"""The door to the database: what it commits, what it maps, when it tries again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from app.adapters import db
from app.errors import CheckViolatedError
from app.models import Payment
from app.models.merchants import Merchant
from app.queries import actors
from tests.services import flows

if TYPE_CHECKING:
    from flask import Flask

    from tests.fixtures.application import World


def test_a_check_of_the_database_is_our_error(world: World) -> None:
    payment = flows.pay(world.owner(), world.acme, run=False)
    with pytest.raises(CheckViolatedError), db.unit_of_work(world.owner()) as session:
        session.execute(update(Payment).values(refund_asked_minor=1))
    assert flows.read(world.owner(), payment).refund_asked_minor == 0


def test_other_faults_of_a_row_stay_what_they_are(world: World) -> None:
    with pytest.raises(IntegrityError), db.unit_of_work(world.staff()) as session:
        merchant = actors.merchant_by_key(session, "acme")
        assert merchant is not None
        merchant.key = "globex"


def test_what_follows_a_commit_is_left_out_after_a_failure(world: World) -> None:
    called: list[str] = []
    with db.unit_of_work(world.staff()) as session:
        db.after_commit(session, lambda: called.append("committed"))
    with pytest.raises(RuntimeError), db.unit_of_work(world.staff()) as session:
        db.after_commit(session, lambda: called.append("failed"))
        raise RuntimeError
    assert called == ["committed"]


@pytest.mark.parametrize("nested", [False, True], ids=["plain", "within a savepoint"])
def test_a_deadlock_is_tried_again(context: Flask, world: World, nested: bool) -> None:
    ids, barrier, tries = (world.acme, world.globex), Barrier(2), []

    @db.retry_when_busy
    def rename(order: int) -> None:
        tries.append(order)
        with context.app_context(), db.unit_of_work(world.staff()) as session:
            for step, merchant_id in enumerate(ids[::order]):
                with session.begin_nested() if nested else nullcontext():
                    found = update(Merchant).where(Merchant.id == merchant_id)
                    session.execute(found.values(name=f"by {order}"))
                if step == 0 and len(tries) <= 2:
                    barrier.wait(10)

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(rename, (1, -1)))
    assert len(tries) == 3
    with db.reading(world.staff()) as session:
        names = {row.name for row in session.query(Merchant)}
    assert len(names) == 1
