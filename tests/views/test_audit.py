from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.services import audit
from app.views.audit import changes
from tests.fixtures.application import NOW

if TYPE_CHECKING:
    from tests.views.desk import Desk

pytest_plugins = ["tests.views.desk"]


@pytest.fixture
def trail(desk: Desk) -> Desk:
    world = desk.world
    entries = [
        (world.owner(), "payments.create", "payment", "pay_1", "Asked for 1.00 EUR"),
        (world.owner(), "uploads.confirm", "upload", "bu_1", "Confirmed a file"),
        (world.stranger(), "payments.create", "payment", "pay_2", "A canary sang"),
        (world.staff(), "jobs.retry", "task", "tsk_1", "Started a task again"),
    ]
    for number, (actor, action, kind, object_id, sentence) in enumerate(entries):
        with db.unit_of_work(actor) as session:
            audit.record(
                session,
                NOW + timedelta(days=number),
                action=action,
                object_type=kind,
                object_id=object_id,
                sentence=sentence,
                before={"state": "old"},
                after={"state": "new"},
                livemode=False,
            )
    return desk


@pytest.mark.parametrize(
    "query,said",
    [
        ("actor=acme-owner", {"Asked", "Confirmed"}),
        ("action=payments", {"Asked", "canary"}),
        ("action=jobs.retry", {"Started"}),
        ("object=bu_1", {"Confirmed"}),
        ("from=2026-03-03", {"canary", "Started"}),
        ("to=2026-03-01", {"Asked"}),
        ("action=pay", set()),
    ],
)
def test_the_trail_is_narrowed(trail: Desk, query: str, said: set[str]) -> None:
    text = trail.person("auditor").get(f"/audit/?{query}")
    words = {word for word in ("Asked", "Confirmed", "canary", "Started") if word in text}
    assert words == said


def test_an_entry_tells_before_and_after_and_leads_to_the_payment(trail: Desk) -> None:
    text = trail.person("auditor").get("/audit/?object=pay_1")
    assert "<td>old</td>" in text
    assert "<td>new</td>" in text
    assert 'href="/payments/pay_1"' in text


def test_a_merchant_reads_only_the_own_trail(trail: Desk) -> None:
    text = trail.person("acme-owner").get("/audit/")
    assert "Asked for 1.00 EUR" in text
    assert "canary" not in text
    assert "Started a task" not in text
    trail.person("acme-clerk").get("/audit/", 403)


def test_a_day_that_is_none_is_named(desk: Desk) -> None:
    assert "is no day" in desk.person("auditor").get("/audit/?from=soon", 400)


def test_changes_pair_the_fields_of_both_sides() -> None:
    text = '{"before": {"a": 1, "b": "x"}, "after": {"b": "y", "c": [1, 2]}}'
    assert changes(text) == [("a", "1", ""), ("b", "x", "y"), ("c", "", "[1, 2]")]
