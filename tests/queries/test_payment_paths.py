"""The ways by which lists are read: every one finds the same rows, and names its index."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.queries import payment_list, payment_paths
from app.queries.listing import Window
from app.queries.payment_list import PaymentFilter, RefundFilter
from tests.fixtures.application import NOW
from tests.queries import rows
from tests.views.people import statements

if TYPE_CHECKING:
    from flask import Flask

    from app.domain.actors import Actor
    from tests.fixtures.application import World

STATUSES = ("succeeded", "failed", "disputed")
EUROS = PaymentFilter(currency="EUR", least_minor=100, most_minor=900)
WAYS: dict[str, tuple[PaymentFilter, str, str]] = {
    "newest": (PaymentFilter(), "newest", "newest"),
    "method": (PaymentFilter(method="card"), "newest", "newest"),
    "one status": (PaymentFilter(statuses=("failed",)), "status", "status"),
    "two statuses": (PaymentFilter(statuses=("failed", "disputed")), "status", "status"),
    "status and method": (
        PaymentFilter(statuses=("failed", "disputed"), method="card"),
        "newest",
        "newest",
    ),
    "amounts": (EUROS, "amount", "newest"),
    "one amount": (replace(EUROS, most_minor=100), "amount", "amount"),
    "reference": (PaymentFilter(reference="r-*"), "reference", "newest"),
    "exact reference": (PaymentFilter(reference="r-3"), "", ""),
}


@pytest.fixture
def many(world: World) -> World:
    """Keep 18 payments of acme, three to a moment, and as many of globex."""
    for actor, merchant_id in ((world.owner(), world.acme), (world.stranger(), world.globex)):
        made = [
            rows.payment(
                merchant_id,
                NOW + timedelta(seconds=number // 3),
                reference=f"r-{number}",
                status=STATUSES[number % 3],
                amount_minor=100 * (number % 4 + 1),
            )
            for number in range(18)
        ]
        rows.keep(actor, made)
    return world


def leafed(actor: Actor, wanted: PaymentFilter, *, limit: int) -> list[tuple[int, str]]:
    """Return (merchant, reference) of all pages, one after the other."""
    found: list[tuple[int, str]] = []
    window = Window(limit=limit)
    for _ in range(40):
        with db.reading(actor) as session:
            page = payment_list.payments(session, wanted, window)
        found += [(row.merchant_id, row.reference) for row in page.rows]
        if page.older is None:
            break
        window = Window(older=page.older, limit=limit)
    return found


def expected(wanted: PaymentFilter, merchants: list[int]) -> list[tuple[int, str]]:
    """Return what the pages must hold, computed without a database."""
    found = []
    for number, merchant in itertools.product(range(17, -1, -1), merchants):
        amount = 100 * (number % 4 + 1)
        least, most = wanted.least_minor or 0, wanted.most_minor or 10**9
        reference = wanted.reference.removesuffix("*")
        of_reference = (
            f"r-{number}".startswith(reference)
            if wanted.reference.endswith("*")
            else wanted.reference in {"", f"r-{number}"}
        )
        of_status = not wanted.statuses or STATUSES[number % 3] in wanted.statuses
        if least <= amount <= most and of_reference and of_status:
            found.append((merchant, f"r-{number}"))
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("few", [True, False], ids=["few", "many"])
def test_pages_tile_whatever_the_way(
    many: World, way: str, few: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment_paths, "FEW", 100 if few else 1)
    wanted = WAYS[way][0]
    own = leafed(many.owner(), wanted, limit=4)
    assert own == expected(wanted, [many.acme])
    # Payments of one moment stand in the order in which they were written.
    staff = leafed(many.staff(), wanted, limit=5)
    assert sorted(staff) == sorted(expected(wanted, [many.acme, many.globex]))
    moments = [int(reference.removeprefix("r-")) // 3 for _, reference in staff]
    assert moments == sorted(moments, reverse=True)
    with db.reading(many.owner()) as session:
        assert payment_list.count_payments(session, wanted) == len(own)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("few", [True, False], ids=["few", "many"])
@pytest.mark.parametrize("reader,scope", [("owner", "merchant"), ("staff", "book")])
def test_the_index_is_named(
    many: World,
    context: Flask,
    way: str,
    few: bool,
    reader: str,
    scope: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(payment_paths, "FEW", 100 if few else 1)
    wanted, of_few, of_many = WAYS[way]
    with statements(context) as heard, db.reading(getattr(many, reader)()) as session:
        payment_list.payments(session, wanted, Window())
        payment_list.count_payments(session, wanted)
    index = of_few if few else of_many
    forced = [each for each in heard if "FORCE INDEX" in each]
    name = f"ix_payment_{scope}_{index}".replace("book_status", "status")
    assert bool(forced) is bool(index)
    assert all(f"FORCE INDEX ({name})" in each for each in forced[-2:])


def test_a_filter_by_one_merchant_reads_that_merchants_index(many: World, context: Flask) -> None:
    with statements(context) as heard, db.reading(many.staff()) as session:
        found = payment_list.payments(session, PaymentFilter(merchant="acme"), Window())
    assert {row.merchant_id for row in found.rows} == {many.acme}
    assert "FORCE INDEX (ix_payment_merchant_newest)" in heard[-1]


@pytest.mark.parametrize("few", [1, 100])
def test_the_end_of_a_card_is_found_among_few_and_among_many(
    many: World, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payment_paths, "FEW_IDS", few)
    for actor in (many.owner(), many.stranger()):
        with db.reading(actor) as session:
            newest = payment_list.payments(session, PaymentFilter(), Window(limit=3)).rows
        for row in newest:
            rows.refund(actor, many.connector_account, row.public_id, 10)
    for actor in (many.owner(), many.stranger(), many.staff()):
        with db.reading(actor) as session:
            waiting = PaymentFilter(operation="init")
            found = payment_list.payments(session, waiting, Window()).rows
            merchants = {row.merchant_id for row in found}
            assert len(found) == 3 * len(merchants)
            assert payment_list.count_payments(session, waiting) == len(found)
            assert not payment_list.payments(session, PaymentFilter(last4="4242"), Window()).rows


def test_refunds_are_read_by_an_index_too(many: World, context: Flask) -> None:
    with db.reading(many.owner()) as session:
        paid = payment_list.payments(session, PaymentFilter(), Window(limit=2)).rows
    for row in paid:
        rows.refund(many.owner(), many.connector_account, row.public_id, 10)
    with statements(context) as heard, db.reading(many.owner()) as session:
        found = payment_list.refunds(session, RefundFilter(states=("init",)), Window(limit=1))
        older = Window(older=found.older or "", limit=1)
        rest = payment_list.refunds(session, RefundFilter(states=("init",)), older)
        assert payment_list.count_refunds(session, RefundFilter()) == 2
    assert {row.payment_public_id for row in (*found.rows, *rest.rows)} == {
        row.public_id for row in paid
    }
    assert "FORCE INDEX (ix_operation_merchant_kind)" in heard[-1]
