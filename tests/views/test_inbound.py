"""The screens of what providers sent, for those of the house who look after payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.models import InboundEvent
from tests.services import flows
from tests.services.telling import Provider, provider
from tests.views.markup import faults

if TYPE_CHECKING:
    from tests.services.telling import Told
    from tests.views.desk import Desk

__all__ = ["provider"]
pytest_plugins = ["tests.views.desk"]


@pytest.fixture
def told(desk: Desk, provider: Provider) -> Told:
    """An event that took a payment of acme to succeeded."""
    payment = flows.pay(desk.world.owner(), desk.world.acme, run=False)
    charge = provider.charge(payment)
    charge["data"]["note"] = "4111 1111 1111 1111"
    provider.tell(charge)
    return charge


def _ids(desk: Desk) -> list[str]:
    with db.reading(desk.world.staff()) as session:
        return [event.public_id for event in session.query(InboundEvent)]


def test_the_list_is_narrowed_and_handed_out(desk: Desk, told: Told) -> None:
    staff = desk.person("operations")
    (event,) = _ids(desk)
    text = staff.get("/inbound/?state=applied&kind=charge.updated&period=today")
    assert f"/inbound/{event}" in text
    assert f"/payments/{told['data']['reference']}" in text
    assert "Nothing matches" in staff.get("/inbound/?state=failed")
    assert f"/inbound/{event}" in staff.get(f"/inbound/?event={told['id']}")
    staff.get("/inbound/?state=nonsense", 400)
    file = staff.post("/inbound/export.csv?columns=provider_id", staff.csrf()).text
    assert told["id"] in file


def test_a_page_tells_what_the_event_did_and_hides_cards(desk: Desk, told: Told) -> None:
    staff = desk.person("operations")
    text = staff.get(f"/inbound/{_ids(desk)[0]}")
    assert "[card number removed]" in text
    assert "4111" not in text
    assert "Purchase" in text
    assert told["data"]["id"] in text
    assert faults(text) == []
    assert faults(staff.get("/inbound/")) == []


def test_an_event_is_applied_again_alone_or_among_others(
    desk: Desk, provider: Provider, told: Told
) -> None:
    staff, (event,) = desk.person("operations"), _ids(desk)
    answer = staff.post(f"/inbound/{event}/apply-again", staff.csrf(f"/inbound/{event}"))
    assert answer.status_code == 303
    assert "1 event is applied again" in staff.get(f"/inbound/{event}")
    assert "Waits to be applied" in staff.get(f"/inbound/{event}")
    provider.work()
    assert staff.post("/inbound/apply-again", {**staff.csrf(), "id": event}).status_code == 303
    provider.work()
    assert "Applied" in staff.get(f"/inbound/{event}")
    assert flows.read(desk.world.owner(), told["data"]["reference"]).captured_minor == 6000


def test_several_are_applied_again_only_after_it_was_said_what_will_happen(
    desk: Desk, told: Told
) -> None:
    assert told
    text = desk.person("operations").get("/inbound/")
    dialog = text.partition('<dialog id="apply-again"')[2].partition("</dialog>")[0]
    assert "is not done twice" in dialog
    assert 'form="selection"' in dialog
    assert text.count('formaction="/inbound/apply-again') == 1
    assert 'formaction="/inbound/apply-again' in dialog
    assert 'id="apply-again"' not in desk.person("auditor").get("/inbound/")


def test_who_only_reads_applies_nothing_and_merchants_see_nothing(desk: Desk, told: Told) -> None:
    assert told
    event, auditor = _ids(desk)[0], desk.person("auditor")
    assert "Apply again" not in auditor.get(f"/inbound/{event}")
    assert auditor.post(f"/inbound/{event}/apply-again", auditor.csrf()).status_code == 403
    desk.person("acme-owner").get("/inbound/", 403)
