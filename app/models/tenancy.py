"""Who may see and change which row: the session guard.

`session.info["actor"]` says who acts; without one nothing guarded is seen or changed. The guard
filters SELECT, ORM UPDATE and ORM DELETE and checks every flush. It does not see Core statements
on tables, which an architecture test bans outside `queries/bulk.py`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Integer,
    Table,
    and_,
    event,
    false,
    inspect,
    or_,
    true,
)
from sqlalchemy.orm import (
    Mapped,
    ORMExecuteState,
    Session,
    declared_attr,
    mapped_column,
    with_loader_criteria,
)
from sqlalchemy.sql import visitors

from app.domain.actors import Actor, ActorKind
from app.domain.permissions import Permission
from app.errors import TenancyError, said
from app.models.base import Flag, Model, id_type

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.orm import UOWTransaction

FINDING_ACTOR = "payagency_finding_actor"
"""Execution option of the look-ups in `queries/actors.py`, made before there is an actor."""


class Guarded:
    """Base of all guarded tables."""

    merchant_may_insert: ClassVar[bool] = False


class MerchantOwned(Guarded):
    """A row of exactly one merchant in exactly one book."""

    merchant_may_insert = True
    livemode: Mapped[Flag]

    @declared_attr
    @classmethod
    def merchant_id(cls) -> Mapped[int]:
        """The owner."""
        return mapped_column(id_type(), ForeignKey("merchant.id"))


class HouseOwned(Guarded):
    """A row of the house in one book; closed to merchants, though some may be added by them."""

    livemode: Mapped[Flag]

    @declared_attr
    @classmethod
    def merchant_id(cls) -> Mapped[int | None]:
        """The merchant that the row is about, if any."""
        return mapped_column(id_type(), ForeignKey("merchant.id"))


class AccountOwned(Guarded):
    """Ledger accounts, lines, balances and approvals: a merchant's own, or the house's (none)."""

    merchant_may_insert = True
    livemode: Mapped[Flag]

    @declared_attr
    @classmethod
    def merchant_id(cls) -> Mapped[int | None]:
        """The owner; none for the house."""
        return mapped_column(id_type(), ForeignKey("merchant.id"))


class AuditOwned(Guarded):
    """A trace: of a merchant, of the house, or (no book) of both books."""

    merchant_may_insert = True

    @declared_attr
    @classmethod
    def merchant_id(cls) -> Mapped[int | None]:
        """The merchant concerned, if any."""
        return mapped_column(id_type(), ForeignKey("merchant.id"))

    @declared_attr
    @classmethod
    def livemode(cls) -> Mapped[bool | None]:
        """The book concerned, if any."""
        return mapped_column()


class NoticeOwned(Guarded):
    """Mails and links to people: of a merchant, or of the house; of a book or (none) of both.

    Anybody may have one written, since a person's own matters belong to no merchant. Processes of
    the house send them all.
    """

    merchant_may_insert = True

    @declared_attr
    @classmethod
    def merchant_id(cls) -> Mapped[int | None]:
        """The merchant whose matter it is, if any."""
        return mapped_column(id_type(), ForeignKey("merchant.id"))

    @declared_attr
    @classmethod
    def livemode(cls) -> Mapped[bool | None]:
        """The book concerned, if any."""
        return mapped_column()


class MerchantItself(Guarded):
    """The merchant's own row, which stands above the books."""

    merchant_may_change: ClassVar[frozenset[str]] = frozenset()
    """The columns that the merchant's own people change; the house changes every one."""


class HouseItself(Guarded):
    """A row of the house that stands above the books; closed to merchants."""


class MembershipLike(Guarded):
    """Which user acts for which merchant; stands above the books."""


class UserOwned(Guarded):
    """A row of exactly one person, wherever they act; nobody else sees it, the house neither."""

    @declared_attr
    @classmethod
    def user_id(cls) -> Mapped[int]:
        """The person."""
        return mapped_column(Integer, ForeignKey("ab_user.id", ondelete="CASCADE"))


def actor_of(session: Session) -> Actor:
    """Return who acts in this session; nobody where it was not said."""
    actor = session.info.get("actor")
    return actor if isinstance(actor, Actor) else Actor.none()


def _book(cls: Any, actor: Actor) -> ColumnElement[bool]:
    return true() if actor.livemode is None else cls.livemode == actor.livemode


def _merchant_owned(cls: Any, actor: Actor) -> ColumnElement[bool]:
    if actor.kind is ActorKind.STAFF:
        return _book(cls, actor)
    if actor.kind in {ActorKind.MERCHANT, ActorKind.SYSTEM}:
        return and_(cls.merchant_id == actor.merchant_id, _book(cls, actor))
    return false()


def _house_owned(cls: Any, actor: Actor) -> ColumnElement[bool]:
    if actor.kind in {ActorKind.STAFF, ActorKind.SYSTEM, ActorKind.HOUSE}:
        return _book(cls, actor)
    return false()


def _account_owned(cls: Any, actor: Actor) -> ColumnElement[bool]:
    if actor.kind is ActorKind.MERCHANT:
        return and_(cls.merchant_id == actor.merchant_id, _book(cls, actor))
    if actor.kind is ActorKind.SYSTEM:
        own = or_(cls.merchant_id == actor.merchant_id, cls.merchant_id.is_(None))
        return and_(own, _book(cls, actor))
    if actor.kind is ActorKind.HOUSE:
        return and_(cls.merchant_id.is_(None), _book(cls, actor))
    return _book(cls, actor) if actor.kind is ActorKind.STAFF else false()


def _audit_owned(cls: Any, actor: Actor) -> ColumnElement[bool]:
    both = or_(cls.livemode == actor.livemode, cls.livemode.is_(None))
    if actor.kind is ActorKind.STAFF:
        return both
    if actor.kind in {ActorKind.MERCHANT, ActorKind.SYSTEM}:
        return and_(cls.merchant_id == actor.merchant_id, both)
    return false()


def _notice_owned(cls: Any, actor: Actor) -> ColumnElement[bool]:
    return true() if actor.kind is ActorKind.HOUSE else _audit_owned(cls, actor)


def _merchant_itself(cls: Any, actor: Actor) -> ColumnElement[bool]:
    if actor.kind in {ActorKind.STAFF, ActorKind.HOUSE}:
        return true()
    return cls.id == actor.merchant_id if actor.merchant_id is not None else false()


def _membership(cls: Any, actor: Actor) -> ColumnElement[bool]:
    if actor.kind in {ActorKind.STAFF, ActorKind.HOUSE}:
        return true()
    return cls.merchant_id == actor.merchant_id if actor.merchant_id is not None else false()


def _house_itself(_cls: Any, actor: Actor) -> ColumnElement[bool]:
    return true() if actor.kind in {ActorKind.STAFF, ActorKind.HOUSE} else false()


def _user_owned(cls: Any, actor: Actor) -> ColumnElement[bool]:
    return cls.user_id == actor.user_id if actor.user_id is not None else false()


metadata_registry = Model.registry

_RULES = {
    MerchantOwned: _merchant_owned,
    HouseOwned: _house_owned,
    AccountOwned: _account_owned,
    AuditOwned: _audit_owned,
    NoticeOwned: _notice_owned,
    MerchantItself: _merchant_itself,
    HouseItself: _house_itself,
    MembershipLike: _membership,
    UserOwned: _user_owned,
}


@lru_cache(maxsize=1)
def _guarded() -> dict[str, frozenset[type]]:
    """Return table → the guarded classes that come with it: its own and its relationships'."""
    mappers = list(metadata_registry.mappers)
    return {
        mapper.local_table.name: frozenset(
            each.class_
            for each in (mapper, *(one.mapper for one in mapper.relationships))
            if issubclass(each.class_, Guarded)
        )
        for mapper in mappers
        if isinstance(mapper.local_table, Table)
    }


@lru_cache(maxsize=8192)
def _criterion(cls: type, reader: Actor) -> Any:
    """Build the option of a table: a plain expression, since a cached lambda keeps its actor."""
    rule = next(rule for mixin, rule in _RULES.items() if issubclass(cls, mixin))
    return with_loader_criteria(cls, rule(cls, reader), include_aliases=True)


@lru_cache(maxsize=2048)
def _reader(actor: Actor) -> Actor:
    """Return an actor without what no rule looks at, so that options are built once for many."""
    return replace(actor, label="reader", permissions=frozenset())


def reached(statement: Any) -> Collection[type]:
    """Return the guarded classes whose tables a statement names, at any depth.

    An option a table costs as much as many a statement: only those are added that can do something.
    """
    guarded = _guarded()
    found: set[type] = set()
    seen: set[int] = set()
    pending = [statement]
    while pending:
        for element in visitors.iterate(pending.pop()):
            if isinstance(element, Table):
                found |= guarded.get(element.name, frozenset())
                continue
            # A column brings its table along, or what stands for it: an alias, a subquery.
            source = getattr(element, "table", None)
            if source is not None and id(source) not in seen:
                seen.add(id(source))
                pending.append(source)
    return sorted(found, key=attrgetter("__name__"))


@event.listens_for(Session, "do_orm_execute")
def _filter(state: ORMExecuteState) -> None:
    info = state.session.info
    if "unscoped" in info or state.execution_options.get(FINDING_ACTOR):
        return
    if not (state.is_select or state.is_update or state.is_delete):
        return
    reader = _reader(actor_of(state.session))
    options = [_criterion(each, reader) for each in reached(state.statement)]
    if options:
        state.statement = state.statement.options(*options)


def _may_write(row: Any, actor: Actor, *, new: bool) -> bool:
    if isinstance(row, MerchantItself | MembershipLike | HouseItself):
        return _may_write_above(row, actor, new=new)
    if isinstance(row, UserOwned):
        return actor.user_id is not None and row.user_id == actor.user_id
    same_book = actor.livemode is None or row.livemode in {actor.livemode, None}
    return same_book and _WRITES[actor.kind](row, actor, new)


def _may_write_above(row: Any, actor: Actor, *, new: bool) -> bool:
    """Whether a row above the books may be written: the house brings in all of them."""
    if actor.kind is not ActorKind.MERCHANT:
        return actor.kind in {ActorKind.STAFF, ActorKind.HOUSE}
    if new or isinstance(row, HouseItself):
        return False
    allows = _may_set_up if isinstance(row, MerchantItself) else _may_part_with
    return allows(row, actor)


def _may_part_with(membership: Any, actor: Actor) -> bool:
    """Whether an owner may let somebody go; only the house brings anybody in."""
    own: bool = membership.merchant_id == actor.merchant_id
    return own and actor.may(Permission.TEAM_UPDATE)


def _may_set_up(merchant: Any, actor: Actor) -> bool:
    """Whether an owner may change these settings of the merchant, and nothing else of it."""
    state = inspect(merchant)
    changed = {each.key for each in state.attrs if each.history.has_changes()}
    stays = merchant not in state.session.deleted
    is_allowed = stays and changed <= type(merchant).merchant_may_change
    return is_allowed and merchant.id == actor.merchant_id and actor.may(Permission.SETTINGS_UPDATE)


def _merchant_writes(row: Any, actor: Actor, new: object) -> bool:
    own: bool = row.merchant_id == actor.merchant_id
    if isinstance(row, HouseOwned | AuditOwned):
        return own and bool(new) and type(row).merchant_may_insert
    if isinstance(row, NoticeOwned) and new:
        return own or row.merchant_id is None
    return own


def _system_writes(row: Any, actor: Actor, _new: object) -> bool:
    if row.merchant_id is None:
        return not isinstance(row, MerchantOwned)
    own: bool = row.merchant_id == actor.merchant_id
    return own


_WRITES = {
    ActorKind.NONE: lambda _row, _actor, _new: False,
    ActorKind.STAFF: lambda _row, _actor, _new: True,
    ActorKind.HOUSE: lambda row, _actor, _new: not isinstance(row, MerchantOwned),
    ActorKind.SYSTEM: _system_writes,
    ActorKind.MERCHANT: _merchant_writes,
}


def _moved(row: Any) -> bool:
    state = inspect(row)
    names = {"merchant_id", "livemode", "user_id"} & set(state.mapper.attrs.keys())
    return any(state.attrs[name].history.deleted for name in names)


@event.listens_for(Session, "before_flush")
def _check(session: Session, _context: UOWTransaction, _instances: object) -> None:
    changed = [
        *session.new,
        *session.deleted,
        *(r for r in session.dirty if session.is_modified(r)),
    ]
    if not changed:
        return
    if not session.info.get("writable", False):
        raise TenancyError(said("This session only reads; changes go through a unit of work."))
    actor = actor_of(session)
    for row in changed:
        if not isinstance(row, Guarded):
            continue
        new = row in session.new
        if not _may_write(row, actor, new=new) or (not new and _moved(row)):
            raise TenancyError(
                said(
                    "{actor} may not change this {kind}.",
                    actor=actor.label,
                    kind=type(row).__name__,
                ),
                model=type(row).__name__,
            )
