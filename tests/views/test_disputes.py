"""The screens of disputes: what is due, how each came to stand so, and whose it is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.models import Dispute, Operation
from app.queries import disputes
from app.queries.disputes import DisputeFilter
from app.queries.listing import Window
from tests.services import flows
from tests.services.telling import Provider, disputes_of, provider
from tests.views.markup import faults

if TYPE_CHECKING:
    from app.queries.listing import Slice
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


def test_what_has_to_be_answered_comes_by_its_date(
    desk: Desk, provider: Provider, charge: Told
) -> None:
    world, pages, other = desk.world, [_page(desk, charge)], charge
    for days in (5, 1, 9):
        reference = f"order-{days}"
        other = provider.charge(
            flows.pay(world.owner(), world.acme, reference=reference, run=False)
        )
        due = (clock.now() + timedelta(days=days)).isoformat()
        provider.tell(other, provider.dispute(other, "open", due_at=due))
        pages.append(_page(desk, other))
    three, five, one, nine = pages
    provider.tell(provider.dispute(other, "under_review"))
    text = desk.person("operations").get("/disputes/?due=open").partition("<tbody>")[2]
    assert text.index(one) < text.index(three) < text.index(five)
    assert nine not in text
    week = desk.person("operations").get("/disputes/?due=week").partition("<tbody>")[2]
    assert week.index(one) < week.index(five)
    assert "/disputes/?due=open" in desk.person("acme-owner").get("/disputes/")


def test_the_pages_of_what_is_due_go_on_by_its_date(desk: Desk, charge: Told) -> None:
    assert charge
    world = desk.world
    with db.unit_of_work(world.owner()) as session:
        head = session.query(Dispute).one()
        columns = {each.key: getattr(head, each.key) for each in Dispute.__table__.columns}
        for number in range(1, 4):
            due_at = head.due_at + timedelta(days=number) if head.due_at else None
            copied = {"id": None, "public_id": f"dp_{number}", "due_at": due_at}
            operation = session.query(Operation).filter_by(id=head.operation_id).one()
            cells = {each.key: getattr(operation, each.key) for each in Operation.__table__.columns}
            names = {"id": None, "public_id": f"op_{number}", "provider_key": f"key_{number}"}
            made = Operation(**{**cells, **names, "provider_reference": None})
            session.add(made)
            session.flush()
            session.add(Dispute(**{**columns, **copied, "operation_id": made.id}))
        first = head.public_id
    with db.reading(world.owner()) as session:
        wanted = DisputeFilter(to_answer=True)
        page = disputes.page(session, wanted, Window(limit=2))
        rest = disputes.page(session, wanted, Window(older=page.older or "", limit=2))
        back = disputes.page(session, wanted, Window(newer=rest.newer or "", limit=2))
    assert _ids(page) == [first, "dp_1"] == _ids(back)
    assert _ids(rest) == ["dp_2", "dp_3"]


def _ids(page: Slice) -> list[str]:
    return [row.public_id for row in page.rows]


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
