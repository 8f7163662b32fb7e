from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.exc import IntegrityError

from app.adapters import db
from app.domain.actors import Actor
from app.domain.money import Money
from app.errors import BadInputError, ForbiddenError, NotFoundError, TenancyError
from app.models import (
    AmountLimit,
    AuditEntry,
    Capability,
    ConnectorAccount,
    Merchant,
    Payment,
)
from app.models.accounts import Role, User
from app.queries import records as rows
from app.services import merchants, records
from app.services.record_rules import clean
from tests.fixtures.application import NOW

if TYPE_CHECKING:
    from tests.fixtures.application import World

LATER = NOW.replace(hour=13)


def _last_trace(actor: Actor) -> AuditEntry:
    with db.reading(actor) as session:
        entry: AuditEntry = rows.by_keys(session, AuditEntry, range(1, 100_000))[-1]
        session.expunge(entry)
        return entry


def test_a_row_is_stamped_with_id_time_book_and_giver(world: World) -> None:
    with db.unit_of_work(world.staff(livemode=True)) as session:
        values = {"merchant_id": world.acme, "kind": "upi"}
        row = records.create(session, NOW, Capability, values)
    assert row.public_id.startswith("cap_")
    assert (row.livemode, row.granted_by, row.granted_at) == (True, "operations", NOW)
    trace = _last_trace(world.staff(livemode=True))
    assert (trace.action, trace.object_id) == ("capability.create", row.public_id)
    assert (trace.merchant_id, trace.livemode) == (world.acme, True)


@pytest.mark.parametrize("model", [User, Role, Payment, ConnectorAccount, AuditEntry])
def test_other_tables_are_closed(world: World, model: type[Any]) -> None:
    for change in (
        lambda session: records.create(session, NOW, model, {}),
        lambda session: records.update(session, NOW, model, 1, {}),
        lambda session: records.delete(session, NOW, model, [1]),
    ):
        with pytest.raises(ForbiddenError), db.unit_of_work(world.staff()) as session:
            change(session)


def test_a_merchant_grants_nothing_to_another(world: World) -> None:
    values = {"merchant_id": world.globex, "kind": "upi"}
    with pytest.raises(NotFoundError), db.unit_of_work(world.owner()) as session:
        records.create(session, NOW, Capability, values)


def test_a_row_of_another_merchant_or_book_does_not_exist(world: World) -> None:
    with db.reading(world.staff()) as session:
        foreign = next(
            row.id
            for row in rows.by_keys(session, Capability, range(1, 100_000))
            if row.merchant_id == world.globex
        )
    for actor in (world.owner(), world.staff(livemode=True), Actor.none()):
        with pytest.raises(NotFoundError), db.unit_of_work(actor) as session:
            records.delete(session, NOW, Capability, [foreign])


def test_a_merchants_own_row_is_not_changed_by_the_merchant(world: World) -> None:
    with pytest.raises(TenancyError), db.unit_of_work(world.owner()) as session:
        records.update(session, NOW, Merchant, world.acme, {"name": "Mine"})


def test_an_actor_without_a_book_makes_no_row_of_a_book(world: World) -> None:
    values = {"merchant_id": world.acme, "kind": "upi"}
    house = Actor.house(None, "seed")
    with pytest.raises(ForbiddenError, match="book"), db.unit_of_work(house) as session:
        records.create(session, NOW, Capability, values)


def test_the_trace_holds_only_what_changed(world: World) -> None:
    with db.unit_of_work(world.staff()) as session:
        records.update(session, LATER, Merchant, world.acme, {"name": "Acme 2", "country": "in"})
    changes = json.loads(_last_trace(world.staff()).changes)
    assert changes == {"before": {"name": "Acme"}, "after": {"name": "Acme 2"}}


def test_what_is_encrypted_is_not_seen_in_the_trace(world: World) -> None:
    with db.reading(world.staff()) as session:
        (account,) = rows.by_keys(session, ConnectorAccount, [world.connector_account])
        seen = records.seen(account)
    assert seen["credentials"] == "[encrypted]"
    assert "sk_sandbox" not in str(seen)


def test_the_hash_of_a_password_is_not_seen_at_all() -> None:
    assert "password" not in records.seen(User(username="x", password="hash"))


@pytest.mark.parametrize(
    "words,expected",
    [
        ("Duplicate entry 'acme' for key", "The same exists already."),
        ("UNIQUE constraint failed: merchant.key", "The same exists already."),
        ("Cannot delete: a foreign key constraint fails", "Other rows belong to it"),
        ("FOREIGN KEY constraint failed", "Other rows belong to it"),
    ],
)
def test_a_conflict_is_told_in_words(words: str, expected: str) -> None:
    error = records.conflict(IntegrityError("INSERT secret", None, Exception(words)))
    assert expected in error.detail
    assert "secret" not in error.detail


def test_commands_make_merchants_as_forms_do(world: World) -> None:
    assert world
    staff = world.staff()
    with db.unit_of_work(staff) as session:
        merchant = merchants.create_merchant(
            session,
            NOW,
            key="initech",
            name=" Initech ",
            country="de",
            currency="eur",
            timezone="Europe/Berlin",
        )
        capability = merchants.grant(session, NOW, merchant, "card")
        limit = merchants.limit(session, NOW, merchant, "card", Money(500, "EUR"))
    assert (merchant.name, merchant.country, merchant.default_currency) == ("Initech", "DE", "EUR")
    assert (merchant.status, merchant.created_at) == ("active", NOW)
    assert (capability.kind, limit.max_minor) == ("card", 500)


BAD: list[tuple[type[Any], dict[str, Any], str]] = [
    (Merchant, {"key": "A"}, "key"),
    (Merchant, {"key": "-a"}, "key"),
    (Merchant, {"name": "  "}, "name"),
    (Merchant, {"country": "Germany"}, "country"),
    (Merchant, {"default_currency": "XAU"}, "default_currency"),
    (Merchant, {"timezone": "CEST"}, "timezone"),
    (Merchant, {"name": "4000-0000-0000-0002"}, "name"),
    (Capability, {"kind": "fly"}, "kind"),
    (AmountLimit, {"kind": "bulk"}, "kind"),
    (AmountLimit, {"max_minor": 0}, "max_minor"),
    (AmountLimit, {"currency": "??"}, "currency"),
]


@pytest.mark.parametrize("model,values,place", BAD)
def test_a_value_that_cannot_be_is_refused_at_its_place(
    model: type[Any], values: dict[str, Any], place: str
) -> None:
    with pytest.raises(BadInputError) as caught:
        clean(model, values)
    assert caught.value.place == place
