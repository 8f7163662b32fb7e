"""Payers: payments put together by e-mail address, at a cost that no number of payments raises."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, text

from app.adapters import db
from app.adapters.crypto import blind_index
from app.errors import NotFoundError
from app.models import Payment
from app.queries import payers
from app.queries.listing import Window
from app.queries.payers import PayerFilter, PayerRow
from tests.fixtures.application import NOW
from tests.queries import rows
from tests.views.people import statements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flask import Flask
    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from tests.fixtures.application import World

ANNA, BORIS = "anna@example.com", "boris@example.com"


def paid(merchant_id: int, email: str | None, seconds: int = 0, **values: object) -> Payment:
    """Return a payment of somebody that captured 10.00, so many seconds after the first."""
    index = blind_index(email, "payment.customer_email") if email else None
    usual = {"captured_minor": 1000, "captured_peak_minor": 1000, "customer_email": email}
    return rows.payment(
        merchant_id,
        NOW + timedelta(seconds=seconds),
        **{**usual, "customer_email_index": index, **values},
    )


def listed(actor: Actor, wanted: PayerFilter | None = None, limit: int = 50) -> list[PayerRow]:
    """Return the payers of all pages, one after the other, and turn back once at the end."""
    found: list[PayerRow] = []
    window = Window(limit=limit)
    with db.reading(actor) as session:
        for _ in range(60):
            page = payers.page(session, wanted or PayerFilter(), window)
            found += page.rows
            if page.older is None:
                return found
            window = Window(older=page.older, limit=limit)
    raise AssertionError("the pages do not end")


def test_a_payer_is_an_address_at_a_merchant_and_stands_where_it_paid_last(world: World) -> None:
    acme = [
        paid(world.acme, ANNA, 1),
        paid(world.acme, BORIS, 2, currency="JPY", customer_name="Boris"),
        paid(world.acme, "Anna@Example.com ", 3, currency="USD", customer_name="Anna"),
        paid(world.acme, None, 4),
    ]
    rows.keep(world.owner(), acme)
    rows.keep(world.stranger(), [paid(world.globex, ANNA, 5)])
    anna, boris = listed(world.owner())
    assert (anna.public_id, anna.name, anna.number) == (acme[2].public_id, "Anna", 2)
    assert [(each.currency, each.captured_minor) for each in anna.paid] == [
        ("EUR", 1000),
        ("USD", 1000),
    ]
    assert (boris.name, boris.email, boris.number) == ("Boris", BORIS, 1)
    assert [each.merchant_id for each in listed(world.stranger())] == [world.globex]
    of_book = listed(world.staff(), PayerFilter(email=" ANNA@example.com"))
    assert [each.merchant_id for each in of_book] == [world.globex, world.acme]
    assert len(listed(world.staff())) == 3
    assert len(listed(world.staff(), PayerFilter(merchant_id=world.acme))) == 2
    assert listed(world.owner(livemode=True)) == []


def test_days_are_those_of_the_newest_payment(world: World) -> None:
    rows.keep(world.owner(), [paid(world.acme, ANNA, each) for each in (1, 9)])
    rows.keep(world.owner(), [paid(world.acme, BORIS, 5)])

    def found(first: int, before: int) -> list[str]:
        span = PayerFilter(
            paid_from=NOW + timedelta(seconds=first), paid_before=NOW + timedelta(seconds=before)
        )
        return [each.email for each in listed(world.owner(), span)]

    assert (found(0, 9), found(5, 10), found(6, 9)) == ([BORIS], [ANNA, BORIS], [])


def test_nobody_meets_anothers_payer(world: World) -> None:
    (mine,) = rows.keep(world.owner(), [paid(world.acme, ANNA)])
    (nobodys,) = rows.keep(world.owner(), [paid(world.acme, None)])
    with db.reading(world.owner()) as session:
        assert payers.get(session, mine) is not None
        assert payers.get(session, nobodys) is None
    with db.reading(world.stranger()) as session:
        assert payers.get(session, mine) is None
        with pytest.raises(NotFoundError):
            payers.page(session, PayerFilter(), Window(older=mine))


@given(
    made=st.lists(
        st.tuples(
            st.sampled_from([None, ANNA, BORIS, "c@example.com"]),
            st.sampled_from(["EUR", "JPY"]),
            st.integers(0, 3),
            st.sampled_from([0, 70, 1000]),
        ),
        max_size=14,
    ),
    limit=st.integers(1, 3),
    most_read=st.integers(1, 5),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_sums_of_all_payers_are_those_of_their_payments(
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    made: list[tuple[str | None, str, int, int]],
    limit: int,
    most_read: int,
) -> None:
    monkeypatch.setattr(payers, "MOST_READ", most_read)
    with db.unit_of_work(world.owner()) as session:
        session.execute(delete(Payment))
        session.add_all(
            paid(world.acme, email, at, currency=currency, captured_minor=minor)
            for email, currency, at, minor in made
        )
    found = listed(world.owner(), limit=limit)
    sums: Counter[str] = Counter()
    for each in found:
        sums.update({paid.currency: paid.captured_minor for paid in each.paid})
    expected: Counter[str] = Counter()
    for email, currency, _, minor in made:
        expected[currency] += minor if email else 0
    assert sums == +expected
    assert sum(each.number for each in found) == sum(email is not None for email, *_ in made)
    emails = [each.email for each in found]
    assert sorted(emails) == sorted({email for email, *_ in made if email})
    assert [each.created_at for each in found] == sorted(
        (each.created_at for each in found), reverse=True
    )


def test_pages_lead_back_to_the_first(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payers, "MOST_READ", 6)
    made = [paid(world.acme, f"{each % 9}@example.com", each) for each in range(20)]
    rows.keep(world.owner(), made)
    with db.reading(world.owner()) as session:
        first = payers.page(session, PayerFilter(), Window(limit=3))
        second = payers.page(session, PayerFilter(), Window(older=first.older or "", limit=3))
        third = payers.page(session, PayerFilter(), Window(older=second.older or "", limit=3))
        back = payers.page(session, PayerFilter(), Window(newer=third.newer or "", limit=3))
        start = payers.page(session, PayerFilter(), Window(newer=back.newer or "", limit=3))
    assert [each.email[0] for each in (*first.rows, *second.rows, *third.rows)] == [*"108765432"]
    assert (back, start) == (second, first)


def _steps(session: Session) -> int:
    counters = session.execute(text("SHOW SESSION STATUS LIKE 'Handler_read%'")).all()
    return sum(int(number) for _, number in counters)


def _cost(actor: Actor, wanted: PayerFilter, window: Window) -> int:
    """Return how many rows of tables and indexes a page reads."""
    with db.reading(actor) as session:
        before = _steps(session)
        payers.page(session, wanted, window)
        return _steps(session) - before


@pytest.fixture
def crowd(world: World, monkeypatch: pytest.MonkeyPatch) -> Sequence[str]:
    """Keep 2,000 payments of acme by 100 payers and as many without an e-mail; 200 are read."""
    monkeypatch.setattr(payers, "MOST_READ", 200)
    made = [
        paid(
            world.acme,
            f"{each % 200}@example.com" if each % 2 else None,
            each // 4,
            customer_email=None,
        )
        for each in range(4_000)
    ]
    with db.unit_of_work(world.owner()) as session:
        session.add_all(made)
    return [each.public_id for each in made]


def test_a_page_costs_no_more_however_many_payments_there_are(
    world: World, crowd: Sequence[str]
) -> None:
    ten_payers_with_twenty_payments_each = 200
    first = _cost(world.owner(), PayerFilter(), Window(limit=10))
    of_book = _cost(world.staff(), PayerFilter(), Window(limit=10))
    nobody = _cost(world.owner(), PayerFilter(), Window(older=crowd[2_000], limit=10))
    one = _cost(world.owner(), PayerFilter(email="7@example.com"), Window(limit=10))
    assert max(first, of_book) < 3 * payers.MOST_READ + 2 * ten_payers_with_twenty_payments_each
    assert nobody < 4 * payers.MOST_READ
    assert one < 100


def test_a_page_is_few_statements(world: World, crowd: Sequence[str], context: Flask) -> None:
    with statements(context) as asked, db.reading(world.owner()) as session:
        payers.page(session, PayerFilter(), Window(older=crowd[3_900], limit=10))
    assert len([each for each in asked if each.startswith("SELECT")]) == 4
