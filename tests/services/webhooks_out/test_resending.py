"""Sending again on MariaDB: one event, a span, many at once; never another merchant's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Literal

import pytest

from app.adapters import clock, db
from app.errors import BadInputError, IllegalStateError, LimitExceededError, NotFoundError
from app.services.webhooks_out import endpoints, resending
from tests.providers.answering import Answering
from tests.services import flows
from tests.services.webhooks_out import sending

if TYPE_CHECKING:
    from flask import Flask

    from app.domain.actors import Actor
    from tests.fixtures.application import World

NOWHERE = "http://127.0.0.1:9999/hook"
DAY = timedelta(days=1)


def _resend(actor: Actor, event: str, endpoint: str) -> str:
    with db.unit_of_work(actor) as session:
        return resending.resend(session, clock.now(), event, endpoint)


def _range(actor: Actor, endpoint: str, which: Literal["failed", "all"] = "all") -> int:
    with db.unit_of_work(actor) as session:
        now = clock.now()
        resending.ask_range(session, now, endpoint, now - DAY, now + DAY, which)
    return sending.drain()


def test_a_delivered_event_is_sent_again_under_its_id_and_log(world: World) -> None:
    owner = world.owner()
    with Answering() as sink:
        endpoint, _ = sending.listen(owner, sink.url)
        event = sending.ask_test(owner, endpoint)
        sending.drain()
        assert _resend(owner, event, endpoint) == sending.deliveries(owner)[0].public_id
        sending.drain()
    assert [each.headers["webhook-id"] for each in sink.asked] == [event, event]
    assert (len(sending.deliveries(owner)), len(sending.attempts(owner))) == (1, 2)
    assert sending.broken() == {}


def test_sending_again_overtakes_the_task_that_waits(world: World) -> None:
    owner = world.owner()
    with Answering(status=500) as sink:
        endpoint, _ = sending.listen(owner, sink.url)
        event = sending.ask_test(owner, endpoint)
        sending.drain()
        _resend(owner, event, endpoint)
        sending.hurry()
        assert sending.drain() == 2
    assert len(sink.asked) == 2
    assert sending.deliveries(owner)[0].attempts == 1
    assert len(sending.waits()) == 1


def test_many_at_once_leave_one_delivery(world: World, context: Flask) -> None:
    owner = world.owner()
    with Answering() as sink:
        first, _ = sending.listen(owner, sink.url)
        event = sending.ask_test(owner, first)
        other, _ = sending.listen(owner, f"{sink.url}/other")

        @db.retry_when_busy
        def again(_number: int) -> str:
            with context.app_context():
                return _resend(owner, event, other)

        with ThreadPoolExecutor(6) as pool:
            assert len(set(pool.map(again, range(6)))) == 1
        while sending.drain():
            pass
    assert [each.path for each in sink.asked].count("/other") == 1
    assert sending.broken() == {}


def test_a_span_brings_what_the_endpoint_takes_and_missed(sandbox_world: World) -> None:
    owner = sandbox_world.owner()
    with Answering() as sink:
        old, _ = sending.listen(owner, NOWHERE, "dispute.*")
        for number in range(3):
            flows.pay(owner, sandbox_world.acme, reference=f"order-{number}")
        sending.ask_test(owner, old)
        new, _ = sending.listen(owner, sink.url, "payment.succeeded")
        _range(owner, new)
        while sending.drain():
            pass
    assert len(sink.asked) == 3
    assert sending.broken() == {}


def test_of_a_span_only_what_failed_is_sent_again(world: World) -> None:
    owner = world.owner()
    with Answering(status=410) as sink:
        endpoint, _ = sending.listen(owner, sink.url)
        sending.ask_test(owner, endpoint)
        flows.pay(owner, world.acme, run=False, reference="order-1")
        sending.drain()
        with db.unit_of_work(owner) as session:
            endpoints.enable(session, clock.now(), endpoint)
        sink.status = 200
        flows.pay(owner, world.acme, run=False, reference="order-2")
        sending.drain()
        assert [each.state for each in sending.deliveries(owner)] == [*["failed"] * 2, "delivered"]
        _range(owner, endpoint, "failed")
        sending.drain()
    # No span brings a test back.
    assert [each.state for each in sending.deliveries(owner)] == ["failed", *["delivered"] * 2]
    assert len(sink.asked) == 3


def test_a_span_is_refused_where_it_is_none_too_long_or_not_ones_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, now = world.owner(), clock.now()
    endpoint, _ = sending.listen(owner, NOWHERE)
    flows.pay(owner, world.acme, run=False)
    monkeypatch.setattr(resending, "MOST_RESENT", 0)
    cases = (
        (owner, now - DAY, now + DAY, LimitExceededError),
        (owner, now, now, BadInputError),
        (world.stranger(), now - DAY, now, NotFoundError),
    )
    for actor, first, end, error in cases:
        with pytest.raises(error), db.unit_of_work(actor) as session:
            resending.ask_range(session, now, endpoint, first, end, "all")


def test_another_merchants_event_or_a_disabled_endpoint_is_refused(world: World) -> None:
    owner, stranger = world.owner(), world.stranger()
    endpoint, _ = sending.listen(owner, NOWHERE)
    event = sending.ask_test(owner, endpoint)
    theirs, _ = sending.listen(stranger, NOWHERE)
    for actor, where in ((stranger, theirs), (stranger, endpoint), (owner, theirs)):
        with pytest.raises(NotFoundError):
            _resend(actor, event, where)
    with pytest.raises(NotFoundError):
        _resend(world.staff(), event, theirs)
    with db.unit_of_work(owner) as session:
        endpoints.disable(session, clock.now(), endpoint, "moving")
    with pytest.raises(IllegalStateError):
        _resend(owner, event, endpoint)
