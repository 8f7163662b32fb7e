"""Which connector account takes an attempt: the first shared one whose connector has the method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.adapters.db import reading
from app.domain.actors import Actor
from app.domain.methods.rules import NAME_PLACES
from app.errors import BadInputError, UnavailableError, said
from app.providers import registry
from app.queries import actors

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from app.domain.methods.rows import MethodRow


@dataclass(frozen=True, slots=True)
class Route:
    """The account that was chosen: row id, public id, connector, and its row of the method."""

    account_id: int
    account: str
    connector: str
    row: MethodRow


@dataclass(frozen=True, slots=True)
class Routes:
    """The ways of one book, read once; `ways` in order of preference."""

    livemode: bool
    ways: tuple[Route, ...]

    def choose(self, method: str, name: str = "", currency: str = "") -> Route:
        """Return the first account that has the method, before all one that takes the currency.

        An empty currency means any. Raises UnavailableError where no account takes the family at
        all, BadInputError (at the place that names the method) where none has that name.
        """
        family = self._of(method)
        named = [way for way in family if way.row.name == name]
        if not named:
            known = dict.fromkeys(way.row.name for way in family if way.row.name)
            raise BadInputError(
                NAME_PLACES[family[0].row.family],
                said("is not offered.") if name else said("is missing."),
                said("One of {known}.", known=", ".join(known)),
            )
        return next((way for way in named if _takes(way.row, currency)), named[0])

    def takers(self, method: str, currency: str = "") -> list[Route]:
        """Return the ways of a family that take a currency, in order; empty where there are none.

        An empty currency means any.
        """
        return [way for way in self.ways if way.row.family == method and _takes(way.row, currency)]

    def _of(self, method: str) -> list[Route]:
        family = [way for way in self.ways if way.row.family == method]
        if not family:
            book = "live" if self.livemode else "test"
            raise UnavailableError(
                said(
                    "No provider takes {method} payments in the {book} book yet.",
                    method=method,
                    book=book,
                )
            )
        return family

    def rows(self) -> list[MethodRow]:
        """Return each method once, as the account that would be chosen offers it."""
        found: dict[tuple[str, str], MethodRow] = {}
        for way in self.ways:
            found.setdefault((way.row.family, way.row.name), way.row)
        return list(found.values())


def routes(*, livemode: bool) -> Routes:
    """Read the ways of a book."""
    with reading(Actor.house(livemode, "routing")) as session:
        return known(session, livemode=livemode)


def known(session: Session, *, livemode: bool) -> Routes:
    """Read the ways of a book within a session that is open."""
    accounts = actors.shared_connectors(session, livemode=livemode)
    ways = (
        Route(account_id, account, connector, row)
        for account_id, account, connector in accounts
        for row in _rows(connector)
    )
    return Routes(livemode, tuple(ways))


def choose(method: str, name: str = "", currency: str = "", *, livemode: bool) -> Route:
    """Return the account for a method in a book; raises as `Routes.choose`."""
    return routes(livemode=livemode).choose(method, name, currency)


def _rows(connector: str) -> Iterator[MethodRow]:
    found = registry.CONNECTORS.get(connector)
    if found is not None:
        yield from found.capabilities.rows


def _takes(row: MethodRow, currency: str) -> bool:
    return not currency or row.currencies is None or currency in row.currencies
