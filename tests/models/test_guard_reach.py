"""The session guard adds its options to the tables that a statement names: none may be missed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, exists, func, literal, select, union_all, update
from sqlalchemy.dialects import mysql
from sqlalchemy.orm import aliased, configure_mappers, selectinload

from app.domain.actors import Actor
from app.domain.permissions import ROLES, RoleName
from app.models import LedgerAccount, LedgerLine, Membership, Operation, Outbox, Payment, tenancy
from app.models.tenancy import Guarded, metadata_registry, reached

if TYPE_CHECKING:
    from collections.abc import Iterable

OTHER = aliased(Payment)
NEWEST = select(Payment.id).order_by(Payment.id.desc()).limit(3)
INNER = NEWEST.subquery()
NAMED = NEWEST.cte("newest")
WHOLE = aliased(Payment, select(Payment).where(Payment.amount_minor > 1).subquery())
OF_PAYMENT = Operation.payment_id == Payment.id

SHAPES: dict[str, Any] = {
    "entity": select(Payment),
    "column": select(Payment.public_id),
    "label": select(Payment.public_id.label("name")),
    "alias": select(OTHER),
    "column of an alias": select(OTHER.id),
    "count": select(func.count()).select_from(Payment),
    "sum": select(func.sum(Payment.amount_minor)),
    "join": select(Payment.id).join(Operation, OF_PAYMENT),
    "outer join": select(Payment.id).outerjoin(OTHER, OTHER.id == Payment.id),
    "join by a relationship": select(LedgerLine.id).join(LedgerLine.account),
    "join of a subquery": select(Operation.id).join(INNER, INNER.c.id == Operation.payment_id),
    "only in where": select(Operation.id).where(OF_PAYMENT),
    "only in order": select(Operation.id).where(OF_PAYMENT).order_by(Payment.created_at),
    "exists": select(Outbox.id).where(exists().where(Payment.public_id == Outbox.ref)),
    "exists of a select": select(Outbox.id).where(
        select(Payment.id).where(Payment.public_id == Outbox.ref).exists()
    ),
    "exists in a column": select(Outbox.id, exists().where(Payment.public_id == Outbox.ref)),
    "in": select(Operation.id).where(Operation.payment_id.in_(NEWEST)),
    "scalar": select(Operation.id, NEWEST.limit(1).scalar_subquery().label("newest")),
    "correlated": select(
        Payment.id, select(func.count(Operation.id)).where(OF_PAYMENT).scalar_subquery()
    ),
    "from a subquery": select(INNER.c.id),
    "from a CTE": select(NAMED.c.id),
    "alias of a subquery": select(WHOLE),
    "union": union_all(select(Payment.id), select(Operation.id)),
    "from a union": select(union_all(select(Payment.id), select(Operation.id)).subquery().c.id),
    "beside a literal": select(literal(1), Payment.id),
    "lock": select(Payment).with_for_update(),
    "eager": select(Membership).options(selectinload(Membership.merchant)),
    "update": update(Payment).values(description=""),
    "update by another": update(Operation).where(Operation.payment_id.in_(NEWEST)),
    "delete": delete(Payment).where(exists().where(OF_PAYMENT)),
}
ACTORS = (
    Actor.merchant(7, livemode=False, user_id=1, label="a", permissions=frozenset()),
    Actor.staff(1, livemode=True, label="b", permissions=ROLES[RoleName.OPERATIONS]),
    Actor.system(7, livemode=True, label="c"),
    Actor.house(None, "d"),
    Actor.none(),
)


def _compiled(
    name: str, classes: Iterable[type], actor: Actor = ACTORS[0]
) -> tuple[str, dict[str, object]]:
    options = [tenancy._criterion(each, actor) for each in classes]
    done = SHAPES[name].options(*options).compile(dialect=mysql.dialect())
    return str(done), dict(done.params)


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_left_out_would_change_nothing(name: str) -> None:
    configure_mappers()
    found = reached(SHAPES[name])
    every = [m.class_ for m in metadata_registry.mappers if issubclass(m.class_, Guarded)]
    for actor in ACTORS:
        assert _compiled(name, found, actor) == _compiled(name, every, actor)


def test_each_guarded_table_has_one_rule() -> None:
    every = [m.class_ for m in metadata_registry.mappers if issubclass(m.class_, Guarded)]
    rules = {cls.__name__: sum(issubclass(cls, each) for each in tenancy._RULES) for cls in every}
    assert {name: found for name, found in rules.items() if found != 1} == {}


def test_only_what_is_named_and_what_belongs_to_it_is_reached() -> None:
    assert list(reached(select(Payment.id))) == [Payment]
    assert list(reached(select(LedgerLine))) == [LedgerAccount, LedgerLine]
    assert list(reached(select(literal(1)))) == []


def test_the_guard_narrows_and_tells_readers_apart() -> None:
    assert _compiled("column", []) != _compiled("column", [Payment])
    readers = [Actor.system(each, livemode=False, label="x") for each in (7, 8)]
    merchants = [_compiled("column", [Payment], each)[1]["merchant_id_1"] for each in readers]
    assert merchants == [7, 8]
