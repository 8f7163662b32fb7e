from __future__ import annotations

from typing import TYPE_CHECKING

from app.services import health
from tests.views.people import statements

if TYPE_CHECKING:
    import pytest

    from tests.views.people import People


def test_alive_touches_nothing(people: People) -> None:
    with statements(people.app) as found:
        answer = people.nobody().get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
    assert found == []


def test_ready_names_what_is_there(people: People) -> None:
    answer = people.nobody().get("/readyz")
    assert answer.json
    assert answer.json["checks"]["database"] is True


def test_not_ready_is_told_by_the_status(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [
        health.Finding("database", ok=False, detail="secret", way_out="secret"),
        health.Finding("queue", ok=False, detail="x", needed=False),
    ]
    monkeypatch.setattr(health, "ready", lambda _session, _now: found)
    answer = people.nobody().get("/readyz")
    assert answer.status_code == 503
    assert answer.json == {
        "status": "not ready",
        "checks": {"database": False, "queue": False},
    }


def test_a_missing_queue_does_not_stop_traffic(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [health.Finding("queue", ok=False, detail="x", needed=False)]
    monkeypatch.setattr(health, "ready", lambda _session, _now: found)
    assert people.nobody().get("/readyz").status_code == 200
