"""The screens of disputes: what is due, how each came to stand so, and whose it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock
from tests.services import flows
from tests.services.telling import Provider, disputes_of, provider
from tests.views.markup import faults

if TYPE_CHECKING:
    from tests.services.telling import Told
    from tests.views.desk import Desk

__all__ = ["provider"]
pytest_plugins = ["tests.views.desk"]


@pytest.fixture
def charge(desk: Desk, provider: Provider) -> Told:
    """The charge of a payment of acme, disputed and to be answered within three days."""
    payment = flows.pay(desk.world.owner(), desk.world.acme, run=False)
    charge = provider.charge(payment)
    due = (clock.now() + timedelta(days=3)).isoformat()
    more = {"reason_code": "10.4", "reason": "Card absent", "due_at": due}
    provider.tell(charge, provider.dispute(charge, "open", **more))
    return charge


def _page(desk: Desk, charge: Told) -> str:
    (head,) = disputes_of(desk.world, charge["data"]["reference"])
    return f"/disputes/{head.public_id}"


def test_a_merchant_sees_what_to_answer_and_why(desk: Desk, charge: Told) -> None:
    owner, page = desk.person("acme-owner"), _page(desk, charge)
    text = owner.get("/disputes/")
    assert "To be answered first" in text
    assert page in text
    assert "10.4 Card absent" in text
    shown = owner.get(page)
    for words in ("An answer is due", "Chargeback", "40.00", "Dispute opened", "Card absent"):
        assert words in shown
    assert "Sandbox" not in shown, "the connector account is the house's"
    assert (faults(text), faults(shown)) == ([], [])


def test_the_page_tells_how_it_went_on(desk: Desk, provider: Provider, charge: Told) -> None:
    provider.tell(provider.dispute(charge, "under_review"), provider.dispute(charge, "lost"))
    staff, page = desk.person("operations"), _page(desk, charge)
    text = staff.get(page)
    assert text.index("(chargeback) is lost") < text.index("(chargeback) is under_review")
    assert "Dispute lost" in text
    assert "An answer is due" not in text
    assert "To be answered first" not in staff.get("/disputes/")


def test_the_list_is_narrowed_and_handed_out(desk: Desk, charge: Told) -> None:
    staff, page = desk.person("operations"), _page(desk, charge)
    payment = charge["data"]["reference"]
    for query in ("status=open", "stage=chargeback", "due=week", f"payment={payment}"):
        assert page in staff.get(f"/disputes/?{query}")
    for query in ("status=won", "stage=inquiry", "due=today", "payment=pay_x", "merchant=globex"):
        assert "Nothing matches" in staff.get(f"/disputes/?{query}")
    file = staff.post("/disputes/export.csv?status=open", staff.csrf()).text
    assert "To be answered" in file
    assert file.splitlines()[1].endswith(",40.00,EUR")


def test_the_payments_page_shows_its_dispute(desk: Desk, charge: Told) -> None:
    owner, page = desk.person("acme-owner"), _page(desk, charge)
    text = owner.get(f"/payments/{charge['data']['reference']}")
    assert page in text
    assert "Disputed" in text
    assert faults(text) == []
    assert page not in desk.person("acme-clerk").get(f"/payments/{charge['data']['reference']}")


def test_a_dispute_is_its_merchants_alone(desk: Desk, charge: Told) -> None:
    stranger = desk.person("globex-owner")
    stranger.get(_page(desk, charge), 404)
    assert "No disputes" in stranger.get("/disputes/")
    desk.person("acme-clerk").get("/disputes/", 403)
