"""Balances as their owner reads them: positive is what is usual, each currency for itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.ledger.accounts import AccountType, normal_sign
from app.queries import home_desk
from app.views import account_words

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.queries.home_desk import Balance
    from app.views.home.board import Board


@dataclass(frozen=True, slots=True)
class Amount:
    """What stands on an account in one currency."""

    amount_minor: int
    currency: str
    public_id: str


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chart with its balance in each currency."""

    name: str
    amounts: list[Amount]


def own(board: Board) -> list[Account]:
    """Return a merchant's balances; those that are zero are left out."""
    found = home_desk.balances(board.session)
    return _accounts(board, [each for each in found if each.balance_minor])


def house(board: Board) -> list[Account] | None:
    """Return the house's balances; None where it has no account yet."""
    return _accounts(board, board.house_balances) or None


def _accounts(board: Board, found: Iterable[Balance]) -> list[Account]:
    accounts: dict[str, Account] = {}
    for each in found:
        owners = dict.fromkeys(each.code.split(":")[1:2], each.owner)
        name = account_words.name(each.code, board.actor, owners)
        accounts.setdefault(each.code, Account(name, [])).amounts.append(_amount(each))
    return list(accounts.values())


def _amount(found: Balance) -> Amount:
    sign = normal_sign(AccountType(found.type))
    return Amount(sign * found.balance_minor, found.currency, found.public_id)
