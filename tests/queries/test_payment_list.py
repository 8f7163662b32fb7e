"""Every filter of the lists of payments and refunds."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.adapters.crypto import blind_index
from app.models import BulkRow, BulkUpload
from app.queries import keyset, payment_list, payments
from app.queries.listing import Window
from app.queries.payment_list import PaymentFilter, RefundFilter
from tests.fixtures.application import NOW
from tests.queries import rows

if TYPE_CHECKING:
    from tests.fixtures.application import World

HOUR = timedelta(hours=1)
FILTERS: list[tuple[PaymentFilter, list[str]]] = [
    (PaymentFilter(), ["c-1", "b%2", "b-1", "a-1"]),
    (PaymentFilter(created_from=NOW + HOUR), ["c-1", "b%2", "b-1"]),
    (PaymentFilter(created_before=NOW + HOUR), ["a-1"]),
    (PaymentFilter(created_from=NOW + HOUR, created_before=NOW + 2 * HOUR), ["b-1"]),
    (PaymentFilter(statuses=("failed", "refunded")), ["c-1", "a-1"]),
    (PaymentFilter(method="upi"), ["b%2"]),
    (PaymentFilter(currency="JPY"), ["b-1"]),
    (PaymentFilter(reference="b-1"), ["b-1"]),
    (PaymentFilter(reference="b*"), ["b%2", "b-1"]),
    (PaymentFilter(reference="b%*"), ["b%2"]),
    (PaymentFilter(reference="b"), []),
    (PaymentFilter(merchant="globex"), []),
    (PaymentFilter(merchant="acme", reference="a-1"), ["a-1"]),
    (PaymentFilter(upload="bu_none"), []),
    (PaymentFilter(failure="expired_card"), ["a-1"]),
    (PaymentFilter(currency="EUR", least_minor=1000), ["c-1", "b%2"]),
    (PaymentFilter(currency="EUR", most_minor=999), ["a-1"]),
    (PaymentFilter(currency="EUR", least_minor=999, most_minor=999), ["a-1"]),
    (PaymentFilter(email="ANN@example.com "), ["b%2"]),
    (PaymentFilter(email="ann@example"), []),
    (PaymentFilter(ids=("pay_none",)), []),
    (PaymentFilter(last4="4242"), []),
    (PaymentFilter(operation="unknown"), []),
]


@pytest.fixture
def four(world: World) -> World:
    made = [
        rows.payment(
            world.acme,
            NOW,
            reference="a-1",
            status="failed",
            failure_code="expired_card",
            amount_minor=999,
        ),
        rows.payment(world.acme, NOW + HOUR, reference="b-1", currency="JPY"),
        rows.payment(
            world.acme,
            NOW + 2 * HOUR,
            reference="b%2",
            method="upi",
            customer_email_index=blind_index("Ann@Example.com", "payment.customer_email"),
        ),
        rows.payment(world.acme, NOW + 3 * HOUR, reference="c-1", status="refunded"),
    ]
    rows.keep(world.owner(), made)
    return world


@pytest.mark.parametrize("wanted,references", FILTERS)
def test_a_filter_narrows(four: World, wanted: PaymentFilter, references: list[str]) -> None:
    with db.reading(four.staff()) as session:
        found = payment_list.payments(session, wanted, Window())
        counted = payment_list.count_payments(session, wanted)
    assert [row.reference for row in found.rows] == references
    assert (int(counted), counted.more) == (len(references), False)


def test_only_the_house_is_told_names_and_only_what_is_asked_for_is_read(four: World) -> None:
    for actor, name in ((four.staff(), "Acme"), (four.owner(), None)):
        with db.reading(actor) as session:
            whole = payment_list.payments(session, PaymentFilter(), Window()).rows[0]
            thin = payment_list.payments(session, PaymentFilter(), Window(), besides={"created_by"})
        assert getattr(whole, "merchant_name", None) == name
        assert whole.captured_minor == whole.refunded_minor == 0
        assert {*whole._fields} - {*thin.rows[0]._fields} == {
            "captured_minor",
            "refunded_minor",
            "description",
        }


def test_an_upload_leads_to_the_payments_that_it_made(four: World) -> None:
    with db.unit_of_work(four.owner()) as session:
        made = payment_list.payments(session, PaymentFilter(reference="a-1"), Window()).rows[0]
        upload = _upload(four)
        session.add(upload)
        session.flush()
        paid = payments.get(session, made.public_id)
        assert paid is not None
        session.add(_row(four, upload.id, paid.id))
    with db.reading(four.owner()) as session:
        wanted = PaymentFilter(upload=upload.public_id)
        found = payment_list.payments(session, wanted, Window())
    assert [row.reference for row in found.rows] == ["a-1"]
    with db.reading(four.stranger()) as session:
        assert payment_list.payments(session, wanted, Window()).rows == []


def test_payments_are_found_by_what_was_tried_for_them(four: World) -> None:
    paid = rows.series(four.owner(), four.acme, 2, captured_minor=1000, captured_peak_minor=1000)
    rows.refund(four.owner(), four.connector_account, paid[0], 300, card_last4="4242")
    for wanted in (PaymentFilter(last4="4242"), PaymentFilter(operation="init")):
        with db.reading(four.owner()) as session:
            found = payment_list.payments(session, wanted, Window()).rows
            assert [row.public_id for row in found] == paid[:1]
        with db.reading(four.stranger()) as session:
            assert payment_list.payments(session, wanted, Window()).rows == []
            assert payment_list.count_payments(session, wanted) == 0


def test_ids_of_another_merchant_find_nothing(four: World) -> None:
    own = rows.series(four.owner(), four.acme, 3)
    wanted = PaymentFilter(ids=tuple(own[:2]))
    with db.reading(four.owner()) as session:
        found = payment_list.payments(session, wanted, Window()).rows
    assert [row.public_id for row in found] == own[:2]
    with db.reading(four.stranger()) as session:
        assert payment_list.payments(session, wanted, Window()).rows == []


def test_a_count_ends_where_nobody_reads_on(four: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyset, "MOST_COUNTED", 3)
    rows.series(four.stranger(), four.globex, 2)
    for actor, more in ((four.owner(), True), (four.stranger(), False)):
        with db.reading(actor) as session:
            counted = payment_list.count_payments(session, PaymentFilter())
        assert (int(counted), counted.more) == (3 if more else 2, more)


def test_refunds_are_narrowed_and_counted(four: World) -> None:
    paid = rows.series(four.owner(), four.acme, 2, captured_minor=1000, captured_peak_minor=1000)
    small = rows.refund(four.owner(), four.connector_account, paid[0], 300)
    large = rows.refund(four.owner(), four.connector_account, paid[1], 900)
    cases: list[tuple[RefundFilter, list[str]]] = [
        (RefundFilter(currency="EUR", least_minor=301), [large]),
        (RefundFilter(currency="JPY"), []),
        (RefundFilter(reference="order-1"), [small]),
        (RefundFilter(ids=(small,)), [small]),
        (RefundFilter(created_before=NOW), []),
    ]
    for wanted, ids in cases:
        with db.reading(four.owner()) as session:
            found = payment_list.refunds(session, wanted, Window()).rows
            assert [row.public_id for row in found] == ids
            assert payment_list.count_refunds(session, wanted) == len(ids)
        with db.reading(four.stranger()) as session:
            assert payment_list.count_refunds(session, wanted) == 0


def test_refunds_name_their_payment(four: World) -> None:
    paid = rows.series(four.owner(), four.acme, 1, captured_minor=1000, captured_peak_minor=1000)
    refund = rows.refund(four.owner(), four.connector_account, paid[0], 300)
    with db.reading(four.owner()) as session:
        found = payment_list.refunds(session, RefundFilter(states=("init",)), Window()).rows
        done = payment_list.refunds(session, RefundFilter(states=("success",)), Window()).rows
    assert [(row.public_id, row.payment_public_id, row.amount_minor) for row in found] == [
        (refund, paid[0], 300)
    ]
    assert done == []


def test_refunds_of_others_are_not_seen(four: World) -> None:
    paid = rows.series(four.owner(), four.acme, 1)
    rows.refund(four.owner(), four.connector_account, paid[0], 300)
    with db.reading(four.stranger()) as session:
        assert payment_list.refunds(session, RefundFilter(), Window()).rows == []
    with db.reading(four.staff()) as session:
        seen = payment_list.refunds(session, RefundFilter(merchant="acme"), Window()).rows
        none = payment_list.refunds(session, RefundFilter(merchant="globex"), Window()).rows
    assert (len(seen), len(none)) == (1, 0)


def _upload(world: World) -> BulkUpload:
    return BulkUpload(
        public_id="bu_1",
        merchant_id=world.acme,
        livemode=False,
        kind="payments",
        filename="a.csv",
        stored_at="a",
        content_digest=bytes(32),
        size_bytes=1,
        encoding="utf-8",
        delimiter=",",
        decimal_mark=".",
        status="done",
        created_by="acme-owner",
        created_at=NOW,
        changed_at=NOW,
    )


def _row(world: World, upload_id: int, payment_id: int) -> BulkRow:
    return BulkRow(
        merchant_id=world.acme,
        livemode=False,
        upload_id=upload_id,
        line=2,
        reference="a-1",
        content="{}",
        amount_minor=1000,
        currency="EUR",
        state="loaded",
        payment_id=payment_id,
    )
