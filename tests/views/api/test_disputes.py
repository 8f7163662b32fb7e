"""Disputes as a program reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.domain.api_keys import Scope
from tests.services import flows
from tests.services.telling import provider

if TYPE_CHECKING:
    from tests.services.telling import Provider
    from tests.views.api.conftest import Program, Programs

__all__ = ["provider"]


@pytest.fixture
def disputed(provider: Provider) -> list[str]:
    """Let two payments of acme be disputed, of which the first is lost; return the payments."""
    found = []
    for reference, status in (("a", "lost"), ("b", "open")):
        owner, acme = provider.world.owner(), provider.world.acme
        payment = flows.pay(owner, acme, reference=reference, run=False)
        charge = provider.charge(payment)
        provider.tell(charge)
        opened = provider.dispute(charge, "open", due_at="2026-12-10T00:00:00+00:00")
        provider.tell(opened)
        if status == "lost":
            provider.tell(provider.dispute(charge, "lost"))
        found.append(payment)
    return found


def test_disputes_are_listed_narrowed_and_read(shop: Program, disputed: list[str]) -> None:
    newest, lost = shop.get("/disputes").get_json()["data"]
    assert [each["payment"] for each in (lost, newest)] == disputed
    assert (lost["status"], lost["closed"] is not None) == ("lost", True)
    assert (newest["status"], newest["due"], newest["amount"]) == (
        "open",
        "2026-12-10T00:00:00.000Z",
        4000,
    )
    assert shop.get(f"/disputes/{lost['id']}").get_json() == lost
    for query in ({"status": "lost"}, {"payment": disputed[0]}, {"starting_after": newest["id"]}):
        assert shop.get("/disputes", **query).get_json()["data"] == [lost], query
    page = shop.get("/disputes", limit="1", currency="eur", stage="chargeback").get_json()
    assert (page["data"], page["next_cursor"]) == ([newest], newest["id"])
    assert shop.get("/disputes", status="settled").status_code == 422


def test_a_payment_s_events_tell_of_its_disputes(shop: Program, disputed: list[str]) -> None:
    told = shop.get(f"/payments/{disputed[0]}/events").get_json()["data"]
    sentences = [each["description"] for each in told if each["type"] == "dispute.updated"]
    assert sentences == [
        "The dispute (chargeback) is lost",
        "The dispute (chargeback) is open",
    ]


def test_disputes_stay_with_their_merchant_and_book(
    programs: Programs, disputed: list[str]
) -> None:
    world = programs.world
    dispute = programs.of(world.owner()).get("/disputes").get_json()["data"][0]["id"]
    for actor in (world.stranger(), world.owner(livemode=True)):
        other = programs.of(actor)
        assert other.get("/disputes", payment=disputed[0]).get_json()["data"] == []
        assert other.get(f"/disputes/{dispute}").status_code == 404
        assert other.get("/disputes", ending_before=dispute).status_code == 404
    reader = programs.of(world.owner(), frozenset({Scope.PAYMENTS_READ}))
    assert reader.get(f"/disputes/{dispute}").status_code == 403
