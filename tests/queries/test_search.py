"""Each way of naming a payment or a merchant, and that nobody finds another merchant's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from app.adapters import db
from app.adapters.crypto import blind_index
from app.domain import search_terms
from app.domain.actors import Actor
from app.domain.identifiers import new_id
from app.models import Attempt, Merchant, Operation, Payment
from app.queries import search
from tests.fixtures.application import NOW
from tests.queries import rows

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.orm import Session

    from app.queries.search import Rows
    from tests.fixtures.application import World

    Find = Callable[[Session], Rows]

EMAIL = "Asha.Rao@example.com"


@dataclass(frozen=True, slots=True)
class Planted:
    """The same payment of acme and of globex, an hour apart; globex has the newer one."""

    world: World
    ids: dict[str, str]
    operations: dict[str, str]


@pytest.fixture
def planted(world: World) -> Planted:
    ids, operations = {}, {}
    for hours, (name, actor) in enumerate(
        (("acme", world.owner()), ("globex", world.stranger())), start=1
    ):
        at = NOW + timedelta(hours=hours)
        merchant_id = getattr(world, name)
        payment = rows.payment(
            merchant_id,
            at,
            reference="order-77",
            amount_minor=1250,
            customer_email_index=blind_index(EMAIL, "payment.customer_email"),
        )
        ids[name] = rows.keep(actor, [payment])[0]
        operations[name] = _tried(world, actor, payment)
    return Planted(world, ids, operations)


def _tried(world: World, actor: Actor, payment: Payment) -> str:
    owner = {
        "merchant_id": payment.merchant_id,
        "livemode": False,
        "payment_id": payment.id,
        "created_at": payment.created_at,
    }
    with db.unit_of_work(actor) as session:
        attempt = Attempt(
            public_id=new_id("att", NOW),
            connector_account_id=world.connector_account,
            number=1,
            method="card",
            card_last4="4242",
            **owner,
        )
        session.add(attempt)
        session.flush()
        operation = Operation(
            public_id=new_id("op", NOW),
            attempt_id=attempt.id,
            kind="purchase",
            state="success",
            amount_minor=1250,
            currency="EUR",
            provider_key=new_id("key", NOW),
            provider_reference="606812345678",
            requested_by="acme-owner",
            changed_at=NOW,
            **owner,
        )
        session.add(operation)
        return operation.public_id


def _amount(text: str) -> Find:
    amounts = search_terms.read(text, decimal_mark=".").amounts
    return lambda session: search.payments_by_amount(session, amounts)


WAYS: dict[str, Find] = {
    "id": lambda session: search.payments_by_id(session, "pay_01k"),
    "provider reference": lambda session: search.payments_by_provider_reference(
        session, "606812345678"
    ),
    "reference": lambda session: search.payments_by_reference(session, "order-77"),
    "beginning": lambda session: search.payments_by_reference(session, "ord"),
    "e-mail": lambda session: search.payments_by_email(session, "asha.rao@EXAMPLE.com "),
    "last 4": lambda session: search.payments_by_last4(session, "4242"),
    "amount": _amount("12.50"),
    "amount and currency": _amount("EUR 12.50"),
}
MISSES: dict[str, Find] = {
    "id": lambda session: search.payments_by_id(session, "pay_01h"),
    "provider reference": lambda session: search.payments_by_provider_reference(session, "60681"),
    "reference": lambda session: search.payments_by_reference(session, "rder-77"),
    "one character": lambda session: search.payments_by_reference(session, "o"),
    "any character": lambda session: search.payments_by_reference(session, "order_77"),
    "e-mail": lambda session: search.payments_by_email(session, "asha@example.com"),
    "last 4": lambda session: search.payments_by_last4(session, "4243"),
    "amount": _amount("12.51"),
    "other currency": _amount("12.50 USD"),
    "other decimals": _amount("1250 KWD"),
}


def found(actor: Actor, find: Find) -> list[str]:
    with db.reading(actor) as session:
        return [row.public_id for row in find(session)]


@pytest.mark.parametrize("way", WAYS)
def test_staff_find_all_of_it_newest_first(planted: Planted, way: str) -> None:
    newest_first = [planted.ids["globex"], planted.ids["acme"]]
    assert found(planted.world.staff(), WAYS[way]) == newest_first


@pytest.mark.parametrize("way", WAYS)
def test_a_merchant_finds_its_own_and_nobody_nothing(planted: Planted, way: str) -> None:
    assert found(planted.world.owner(), WAYS[way]) == [planted.ids["acme"]]
    assert found(planted.world.stranger(), WAYS[way]) == [planted.ids["globex"]]
    assert found(planted.world.staff(livemode=True), WAYS[way]) == []
    assert found(Actor.none(), WAYS[way]) == []


@pytest.mark.parametrize("miss", MISSES)
def test_what_is_not_so_is_not_found(planted: Planted, miss: str) -> None:
    assert found(planted.world.staff(), MISSES[miss]) == []


@pytest.mark.parametrize("length", range(len("pay_0"), len("pay_") + 27))
def test_any_beginning_of_an_id_finds_it(planted: Planted, length: int) -> None:
    whole = planted.ids["acme"]
    one = found(
        planted.world.owner(), lambda session: search.payments_by_id(session, whole[:length])
    )
    assert one == [whole]


def test_an_id_whose_row_was_written_later_is_found(world: World) -> None:
    late = rows.payment(world.acme, NOW, created_at=NOW + timedelta(seconds=40))
    whole = rows.keep(world.owner(), [late])[0]
    assert found(world.owner(), lambda session: search.payments_by_id(session, whole[:13])) == [
        whole
    ]


def test_an_operation_leads_to_its_payment(planted: Planted) -> None:
    def find(session: Session) -> Rows:
        return search.payments_by_operation(session, planted.operations["acme"])

    assert found(planted.world.staff(), find) == [planted.ids["acme"]]
    assert found(planted.world.owner(), find) == [planted.ids["acme"]]
    assert found(planted.world.stranger(), find) == []


def test_the_exact_reference_comes_before_those_that_begin_so(world: World) -> None:
    exact = rows.keep(world.owner(), [rows.payment(world.acme, NOW, reference="a")])
    exact += rows.keep(world.owner(), [rows.payment(world.acme, NOW, reference="a-1")])
    longer = rows.series(world.owner(), world.acme, 9, reference="a-10")
    assert found(world.owner(), lambda session: search.payments_by_reference(session, "a-1")) == [
        exact[1],
        *longer[:7],
    ]


def test_never_more_than_eight(world: World) -> None:
    newest_first = rows.series(world.owner(), world.acme, 12, amount_minor=777)
    assert found(world.owner(), _amount("7.77")) == newest_first[: search.MOST]


@pytest.mark.parametrize(
    "text,keys",
    [
        ("acm", ["acme"]),
        ("ACME", ["acme"]),
        ("glob", ["globex"]),
        ("a", []),
        ("cme", []),
        ("%c", []),
        ("ac_e", []),
    ],
)
def test_merchants_are_found_by_the_beginning_of_a_name(
    world: World, text: str, keys: list[str]
) -> None:
    with db.reading(world.staff()) as session:
        assert [row.key for row in search.merchants(session, text)] == keys


def test_a_merchant_is_found_by_its_id_and_finds_no_other(world: World) -> None:
    with db.reading(world.staff()) as session:
        acme = session.get_one(Merchant, world.acme).public_id
        assert [row.key for row in search.merchants(session, acme, acme)] == ["acme"]
        # Both were made in the same millisecond.
        beginning = acme[: len("mer_") + 10]
        both = search.merchants(session, beginning, beginning)
        assert [row.key for row in both] == ["acme", "globex"]
    with db.reading(world.stranger()) as session:
        assert search.merchants(session, acme, acme) == []
