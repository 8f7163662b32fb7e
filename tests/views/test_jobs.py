from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.models import Outbox
from app.queries import outbox
from app.views.jobs import last_line
from tests.fixtures.application import NOW
from tests.services import flows

if TYPE_CHECKING:
    from tests.views.desk import Desk

pytest_plugins = ["tests.views.desk"]
STATES = ("waiting", "leased", "failed", "done")


@pytest.fixture
def tasks(desk: Desk) -> Desk:
    with db.unit_of_work(desk.world.staff()) as session:
        for number, state in enumerate(STATES):
            session.add(
                Outbox(
                    public_id=f"tsk_{state}",
                    queue="money" if number % 2 else "bulk",
                    kind="operation",
                    ref=f"op_{number}",
                    job_key=f"operation:op_{number}",
                    state=state,
                    run_at=NOW,
                    merchant_id=desk.world.acme,
                    livemode=False,
                    lease_owner="host:1:2" if state == "leased" else None,
                    lease_until=NOW if state == "leased" else None,
                    error="Traceback\nValueError: it broke" if state == "failed" else None,
                    created_at=NOW,
                    changed_at=NOW,
                )
            )
    return desk


def listed(desk: Desk, query: str = "") -> set[str]:
    text = desk.person("operations").get(f"/jobs/{query}")
    return {state for state in STATES if f"tsk_{state}" in text}


@pytest.mark.parametrize(
    "query,states",
    [
        ("", {"waiting", "leased", "failed"}),
        ("?state=failed", {"failed"}),
        ("?queue=money", {"leased"}),
        ("?ref=op_0", {"waiting"}),
    ],
)
def test_the_desk_shows_what_has_not_ended(tasks: Desk, query: str, states: set[str]) -> None:
    assert listed(tasks, query) == states


def test_depths_are_counted_by_queue_and_state(tasks: Desk) -> None:
    text = tasks.person("operations").get("/jobs/")
    for queue, state in (("bulk", "waiting"), ("bulk", "failed"), ("money", "leased")):
        assert f'href="/jobs/?queue={queue}&state={state}"' in text
    assert "state=done" not in text
    assert 'href="/jobs/?queue=money&state=failed"' not in text, "nothing there"


def test_a_failed_task_is_started_again_with_a_reason(tasks: Desk) -> None:
    person = tasks.person("operations")
    fields = {**person.csrf("/jobs/"), "reason": "the provider is back"}
    answer = person.post("/jobs/tsk_failed/retry?state=failed", fields)
    assert (answer.status_code, answer.location) == (303, "/jobs/?state=failed")
    with db.reading(tasks.world.staff()) as session:
        row = outbox.get(session, "tsk_failed")
    assert row is not None
    assert (row.state, row.note) == ("waiting", "the provider is back")
    assert "the provider is back" in tasks.person("auditor").get("/audit/?action=jobs.retry")


@pytest.mark.parametrize(
    "task,reason,said",
    [
        ("tsk_failed", " ", "reason: is missing"),
        ("tsk_failed", "x" * 201, "longer than 200"),
        ("tsk_failed", "card 4242424242424242", "full card number"),
        ("tsk_waiting", "hurry", "Only a failed task"),
    ],
)
def test_a_retry_that_cannot_be_says_why(tasks: Desk, task: str, reason: str, said: str) -> None:
    person = tasks.person("operations")
    person.post(f"/jobs/{task}/retry", {**person.csrf("/jobs/"), "reason": reason})
    assert said in person.get("/jobs/")
    assert listed(tasks, "?state=failed") == {"failed"}


def test_only_who_may_starts_again(tasks: Desk) -> None:
    finance, operations = tasks.person("finance"), tasks.person("operations")
    assert "Start again" not in finance.get("/jobs/")
    assert finance.post("/jobs/tsk_failed/retry", finance.csrf()).status_code == 403
    assert operations.post("/jobs/tsk_none/retry", operations.csrf("/jobs/")).status_code == 404
    assert operations.post("/jobs/tsk_failed/retry", {"reason": "x"}).status_code == 400
    tasks.person("acme-owner").get("/jobs/", 403)


def test_filters_take_only_what_is_offered(desk: Desk) -> None:
    person = desk.person("operations")
    person.get("/jobs/?state=done", 400)
    person.get("/jobs/?queue=other", 400)


def test_the_last_line_of_an_error_is_what_says_most() -> None:
    assert last_line("Traceback\n  File\nValueError: it broke\n") == "ValueError: it broke"
    assert last_line(" \n") == ""
    assert last_line("x" * 500) == "x" * 120 + "…"


def test_a_task_of_an_operation_leads_to_its_payment(desk: Desk) -> None:
    world = desk.world
    payment = flows.pay(world.owner(), world.acme, run=False)
    assert f'href="/payments/{payment}"' in desk.person("operations").get("/jobs/?state=waiting")
