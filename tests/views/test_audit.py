from __future__ import annotations

import csv
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.domain.actors import Actor
from app.services import audit
from app.views.audit import changes
from app.views.audit_words import object_href, object_word
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
        ("merchant=acme", {"Asked", "Confirmed"}),
        ("period=today", set()),
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
    assert "Payment" in text.partition("col-object")[2].partition("</td>")[0]
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


def test_exactly_this_list_is_handed_out(trail: Desk) -> None:
    auditor, owner = trail.person("auditor"), trail.person("acme-owner")
    answer = auditor.post("/audit/export.csv?action=payments", auditor.csrf())
    lines = list(csv.DictReader(answer.data.decode("utf-8-sig").splitlines()))
    assert [line["What happened"] for line in lines] == ["A canary sang", "Asked for 1.00 EUR"]
    assert {line["Merchant"] for line in lines} == {"Acme", "Globex"}
    own = owner.post("/audit/export.csv", owner.csrf()).data.decode("utf-8-sig")
    assert "Asked for 1.00 EUR" in own
    assert "canary" not in own
    clerk = trail.person("acme-clerk")
    assert clerk.post("/audit/export.csv", clerk.csrf()).status_code == 403


def test_columns_are_chosen_and_kept(trail: Desk) -> None:
    person = trail.person("auditor")
    assert "col-request" not in person.get("/audit/")
    sent = {**person.csrf(), "columns": "request"}
    assert person.post("/audit/columns", sent).location == "/audit/"
    text = person.get("/audit/")
    assert "col-request" in text
    assert "col-address" not in text


@pytest.mark.parametrize(
    "kind,object_id,href",
    [
        ("payment", "pay_1", "/payments/pay_1"),
        ("bulk_upload", "bu_1", "/uploads/bu_1"),
        ("user", "7", ""),
        ("something_new", "x_1", ""),
    ],
)
def test_an_object_leads_to_its_page(desk: Desk, kind: str, object_id: str, href: str) -> None:
    with desk.app.test_request_context():
        assert object_href(desk.world.owner(), kind, object_id) == href
        assert object_href(Actor.none(), kind, object_id) == ""
    assert object_word("something_new") == "something new"
