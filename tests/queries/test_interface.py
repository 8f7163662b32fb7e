from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import inspect

from app.adapters.db import unit_of_work
from app.domain.actors import Actor
from app.domain.permissions import RoleName
from app.errors import BadInputError, NotFoundError, TenancyError
from app.extensions import db
from app.models import AuditEntry, Capability, Membership, Merchant
from app.models.accounts import User
from app.queries import accounts as people_queries
from app.queries import records as rows
from app.queries.interface import RecordInterface, Related
from app.queries.keyset import CappedCount
from app.security.writer import UnitWriter
from app.services import records
from app.services.roles import sync_roles
from tests.fixtures.application import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.fixtures.application import World

BY_MERCHANT = {"merchant_id": Related(Merchant, "key", "name")}


class Notebook:
    """A writer that only writes down what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []

    def create(self, model: type[Any], values: Mapping[str, Any]) -> int:
        self.asked.append(("create", model, dict(values)))
        return 7

    def update(self, model: type[Any], key: int, values: Mapping[str, Any]) -> None:
        self.asked.append(("update", model, key, dict(values)))

    def delete(self, model: type[Any], keys: Sequence[int]) -> None:
        self.asked.append(("delete", model, list(keys)))


@pytest.fixture
def interface(world: World) -> Iterator[RecordInterface]:
    """Yield the interface of capabilities, read by `operations`."""
    db.session().info["actor"] = world.staff()
    yield RecordInterface(Capability, related=BY_MERCHANT)
    db.session.remove()


@pytest.fixture
def notebook(interface: RecordInterface, monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """Let writes be written down instead of being done."""
    assert interface
    book = Notebook()
    monkeypatch.setattr(RecordInterface, "writer", book)
    return book


@pytest.fixture
def writing(interface: RecordInterface, monkeypatch: pytest.MonkeyPatch) -> RecordInterface:
    """Let writes be done as the factory wires them."""
    monkeypatch.setattr(RecordInterface, "writer", UnitWriter())
    return interface


def test_a_capped_count_says_when_there_is_more() -> None:
    assert [CappedCount.of(number) for number in (0, 1_000, 1_001, 5_000)] == [0, *[1_000] * 3]
    assert [CappedCount.of(number).more for number in (0, 1_000, 1_001)] == [False, False, True]


def test_an_item_that_is_added_knows_its_key(
    interface: RecordInterface, notebook: Notebook
) -> None:
    item = Capability(merchant_id=1, kind="upi")
    interface.add(item)
    assert item.id == 7
    assert notebook.asked == [("create", Capability, {"merchant_id": 1, "kind": "upi"})]


def test_only_what_changed_is_handed_on(interface: RecordInterface, notebook: Notebook) -> None:
    _, (item, *_) = interface.query()
    key = item.id
    item.kind = "apm"
    interface.edit(item)
    assert notebook.asked == [("update", Capability, key, {"kind": "apm"})]
    assert not inspect(item).modified


def test_deletes_are_handed_on_together(interface: RecordInterface, notebook: Notebook) -> None:
    _, items = interface.query()
    keys = [item.id for item in items]
    interface.delete_all(items)
    interface.delete(items[0])
    assert notebook.asked == [("delete", Capability, keys), ("delete", Capability, keys[:1])]


def test_without_a_writer_nothing_is_written(
    interface: RecordInterface, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RecordInterface, "writer", None)
    with pytest.raises(RuntimeError, match="writer is not set"):
        interface.create({})


def test_a_row_that_a_form_has_changed_is_not_flushed_by_reading_on(
    interface: RecordInterface, notebook: Notebook
) -> None:
    _, (item, *_) = interface.query()
    item.kind = "apm"
    interface.change(item, {"kind": "apm"})
    assert interface.query()[0] == 4
    assert len(notebook.asked) == 1


def _traces(world: World) -> int:
    with unit_of_work(world.staff()) as session:
        return len(rows.by_keys(session, AuditEntry, range(1, 100_000)))


def test_removing_many_leaves_a_trace_for_each(writing: RecordInterface, world: World) -> None:
    before = _traces(world)
    _, items = writing.query()
    writing.delete_all(items)
    assert writing.query()[0] == 0
    assert _traces(world) == before + 4


def test_removing_many_is_all_or_none(writing: RecordInterface, world: World) -> None:
    before = _traces(world)
    _, items = writing.query()
    with unit_of_work(world.staff()) as session:
        records.delete(session, NOW, Capability, [items[-1].id])
    with pytest.raises(NotFoundError):
        writing.delete_all(items)
    assert writing.query()[0] == 3
    assert _traces(world) == before + 1


def test_a_write_is_that_of_the_actor_of_the_request(
    writing: RecordInterface, world: World
) -> None:
    db.session().info["actor"] = world.owner()
    with pytest.raises(NotFoundError):
        writing.create({"merchant_id": world.globex, "kind": "upi"})
    shops = RecordInterface(Merchant)
    _, (own,) = shops.query()
    with pytest.raises(TenancyError):
        shops.change(own, {"name": "x"})


def test_a_merchant_sees_its_own_rows_only(interface: RecordInterface, world: World) -> None:
    db.session().info["actor"] = world.owner()
    count, items = interface.query()
    assert count == 2
    assert {item.merchant_id for item in items} == {world.acme}


def test_nobody_sees_nothing(interface: RecordInterface) -> None:
    public_id = interface.query()[1][0].public_id
    db.session().info["actor"] = Actor.none()
    db.session().expunge_all()
    assert interface.query() == (0, [])
    assert interface.get(public_id) is None


def test_suggestions_and_titles_stay_within_the_tenant(
    interface: RecordInterface, world: World
) -> None:
    assert [value for value, _ in interface.options("merchant_id", "")] == ["acme", "globex"]
    db.session().info["actor"] = world.owner()
    assert interface.options("merchant_id", "") == [("acme", "Acme")]
    assert interface.titles("merchant_id", {world.acme, world.globex}).keys() == {world.acme}
    assert interface.named("merchant_id", world.globex) == ""
    with pytest.raises(BadInputError):
        interface.resolve("merchant_id", "globex")


def test_a_related_row_is_loaded_through_the_guard(
    interface: RecordInterface, world: World
) -> None:
    merchant = RecordInterface(Merchant).query()[1][1]
    assert merchant.key == "globex"
    foreign = merchant.public_id
    membership = RecordInterface(Membership)
    assert membership.get_related_obj("merchant", foreign) is merchant
    db.session().expunge_all()
    db.session().info["actor"] = world.owner()
    assert membership.get_related_obj("merchant", foreign) is None
    assert interface.model_name == "Capability"


def test_people_are_written_by_their_own_service(writing: RecordInterface, world: World) -> None:
    people = RecordInterface(User)
    house = Actor.house(None, "seed")
    with unit_of_work(house) as session:
        sync_roles(session, NOW)
    db.session().info["actor"] = house
    values = {"username": "peter", "first_name": "P", "last_name": "G", "email": "p@example.com"}
    rest = {"password": "a sentence of words", "role": RoleName.FINANCE, "merchant_ids": []}
    key = people.create({**values, **rest}).id
    people.change(people.get(key), {"first_name": "Peter"})
    with unit_of_work(house) as session:
        user = people_queries.user(session, key)
        assert user
        assert user.first_name == "Peter"
    people.delete(people.get(key))
    assert people.get(key) is None
    assert writing.query()[0] == 0
    assert world.acme
