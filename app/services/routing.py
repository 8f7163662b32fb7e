"""Which connector account takes an attempt: the house's shared account of the method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.adapters.db import reading
from app.domain.actors import Actor
from app.errors import UnavailableError, said
from app.providers import registry
from app.queries import operations

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Route:
    """The account that was chosen: row id, public id and connector."""

    account_id: int
    account: str
    connector: str


def _connectors_for(method: str) -> Iterator[str]:
    for name, connector in registry.CONNECTORS.items():
        if method in connector.capabilities.methods:
            yield name


def choose(method: str, *, livemode: bool) -> Route:
    """Return the account for a method in a book; raises UnavailableError where there is none."""
    with reading(Actor.house(livemode, "routing")) as session:
        for name in _connectors_for(method):
            account = operations.shared_connector_account(session, name)
            if account is not None:
                return Route(account.id, account.public_id, name)
    book = "live" if livemode else "test"
    raise UnavailableError(
        said(
            "No provider takes {method} payments in the {book} book yet.", method=method, book=book
        )
    )
