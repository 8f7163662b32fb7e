"""The search box and what has an id besides payments: who finds it, and that its page opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from app.adapters import clock, db
from app.domain import policies
from app.domain.actors import Actor
from app.domain.permissions import ROLES, RoleName
from app.models import InboundEvent, PriceList
from app.services import desk as cases
from app.services.approvals import digest_of, request
from tests.services import flows
from tests.services.telling import Provider, disputes_of, provider

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from tests.views.desk import Desk

__all__ = ["provider"]
pytest_plugins = ["tests.views.desk"]

STAFF: Final = {"case", "dispute", "request", "agreed", "draft", "event"}
SEEN: Final = {
    "operations": STAFF,
    "auditor": STAFF,
    "finance": STAFF - {"event"},
    "acme-owner": {"dispute", "request", "agreed"},
    "acme-clerk": set(),
    "globex-owner": set(),
}


@pytest.fixture
def ids(desk: Desk, provider: Provider) -> dict[str, str]:
    """One of each kind, all of them acme's; of price lists one that was agreed and a draft."""
    world, now = desk.world, clock.now()
    payment = flows.pay(world.owner(), world.acme, run=False)
    charge = provider.charge(payment)
    provider.tell(charge, provider.dispute(charge, "open"))
    (dispute,) = disputes_of(world, payment)
    with db.unit_of_work(world.staff()) as session:
        case = cases.open_case(
            session,
            now,
            case_key="one",
            kind="conflicted",
            text="It contradicts itself",
            livemode=False,
            merchant_id=world.acme,
        ).public_id
        event = first_event(session)
        lists = {}
        for number, state in enumerate(("published", "draft")):
            columns = {"currency": "EUR", "state": state, "created_by": "test", "created_at": now}
            begins = None if state == "draft" else now
            lists[state] = PriceList(
                public_id=f"prl_0{number}",
                effective_from=begins,
                livemode=False,
                merchant_id=world.acme,
                **columns,
            )
            session.add(lists[state])
        found = {"case": case, "dispute": dispute.public_id, "event": event.public_id}
    with db.unit_of_work(_maker(desk)) as session:
        asked = request(
            session,
            now,
            command=policies.REFUND,
            object_type="payment",
            object_id=payment,
            object_digest=digest_of(1),
            payload={},
            sentence="Refund it",
            reason="returned",
            merchant_id=world.acme,
        ).public_id
    return {**found, "request": asked, "agreed": "prl_00", "draft": "prl_01"}


def first_event(session: Session) -> InboundEvent:
    """Return the message that came first."""
    found = session.query(InboundEvent).order_by(InboundEvent.id).first()
    assert found is not None
    return found


def _maker(desk: Desk) -> Actor:
    rights = ROLES[RoleName.OPERATIONS]
    return Actor.staff(
        desk.users["operations"], livemode=False, label="operations", permissions=rights
    )


def test_each_is_found_by_whoever_may_open_its_page(desk: Desk, ids: dict[str, str]) -> None:
    for name, seen in SEEN.items():
        person = desk.person(name)
        found = {kind for kind, id_ in ids.items() if f'/{id_}"' in person.get(f"/search/?q={id_}")}
        assert found == seen, name


def test_a_beginning_finds_and_every_hit_opens(desk: Desk, ids: dict[str, str]) -> None:
    person = desk.person("operations")
    for each in ids.values():
        prefix = each.partition("_")[0]
        answer = person.client.get(f"/search/?q={prefix}_0", headers={"Accept": "application/json"})
        assert answer.json is not None
        hits = [hit for group in answer.json["groups"] for hit in group["hits"]]
        assert any(hit["href"].endswith(each) for hit in hits)
        for hit in hits:
            person.get(hit["href"])


def test_a_message_is_found_by_what_the_provider_calls_it(desk: Desk, ids: dict[str, str]) -> None:
    with db.reading(desk.world.staff()) as session:
        event_id = first_event(session).event_id
    address = f"/search/?q={event_id}"
    assert f"/inbound/{ids['event']}" in desk.person("operations").get(address)
    assert "/inbound/" not in desk.person("acme-owner").get(address).split("</nav>")[-1]
