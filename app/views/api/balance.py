"""`/v1/balance` and `/v1/balance_transactions`: what belongs to the merchant, and what moved it."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from spectree import Response

from app.domain.api_keys import Scope
from app.domain.balance_transactions import PLACES, id_of, number_of, place_of
from app.domain.ledger.accounts import AccountType, normal_sign
from app.errors import NotFoundError, said
from app.queries import balance_lines, home_desk
from app.queries import payments as payment_rows
from app.queries.balance_lines import LineFilter
from app.services.told import balance as told
from app.services.told.shapes import BalanceTransactionTold
from app.views.api import pages
from app.views.api.entrance import V1, caller, scoped, sent
from app.views.api.payments import REFUSALS
from app.views.api.shapes import (
    Balances,
    BalanceTold,
    BalanceTransactionPage,
    BalanceTransactionQuery,
)
from app.views.api.spec import SPEC
from app.views.base import read_session

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_TAGS: Final = ("balance",)


@V1.get("/balance")
@scoped(Scope.BALANCE_READ)
@SPEC.validate(resp=Response(HTTP_200=Balances, **REFUSALS), tags=_TAGS)
def get_balance() -> ResponseReturnValue:
    """Read what belongs to the merchant, in each currency by where it stands."""
    found: dict[str, dict[str, int]] = {}
    for each in home_desk.balances(read_session()):
        place = place_of(each.code)
        amounts = found.setdefault(each.currency, dict.fromkeys(PLACES, 0))
        if place in amounts:
            amounts[place] += normal_sign(AccountType(each.type)) * each.balance_minor
    balances = [
        BalanceTold(currency=currency, **amounts) for currency, amounts in sorted(found.items())
    ]
    answer = Balances(livemode=bool(caller().actor.livemode), balances=balances)
    return answer.model_dump(), HTTPStatus.OK


@V1.get("/balance_transactions")
@scoped(Scope.BALANCE_READ)
@SPEC.validate(
    query=BalanceTransactionQuery,
    resp=Response(HTTP_200=BalanceTransactionPage, **REFUSALS),
    tags=_TAGS,
)
def list_balance_transactions() -> ResponseReturnValue:
    """List what moved the balances, newest first.

    Narrowed by type or time, a page may end before it is full: go on while there is more.
    """
    query, session = sent(BalanceTransactionQuery, "query"), read_session()
    pages.one_way(query)
    payment = payment_rows.get(session, query.payment) if query.payment else None
    wanted = LineFilter(
        created_from=pages.moment(query.created_gte, "created[gte]"),
        created_before=pages.moment(query.created_lt, "created[lt]"),
        currency=query.currency.upper(),
        kind=query.type or "",
        payment_id=payment.id if payment else 0 if query.payment else None,
    )
    older, newer = _edge(query.starting_after), _edge(query.ending_before)
    found = balance_lines.page(session, wanted, limit=query.limit, older=older, newer=newer)
    answer = BalanceTransactionPage(
        data=told.transactions(session, found.rows, livemode=bool(caller().actor.livemode)),
        has_more=found.cursor is not None,
        next_cursor=None if found.cursor is None else id_of(found.cursor),
    )
    return answer.model_dump(), HTTPStatus.OK


@V1.get("/balance_transactions/<string:transaction_id>")
@scoped(Scope.BALANCE_READ)
@SPEC.validate(resp=Response(HTTP_200=BalanceTransactionTold, **REFUSALS), tags=_TAGS)
def get_balance_transaction(transaction_id: str) -> ResponseReturnValue:
    """Read what moved a balance once."""
    session = read_session()
    number = number_of(transaction_id)
    found = balance_lines.one(session, number) if number is not None else None
    if found is None:
        raise NotFoundError(said("There is no balance transaction {id}.", id=transaction_id))
    (answer,) = told.transactions(session, [found], livemode=bool(caller().actor.livemode))
    return answer.model_dump(), HTTPStatus.OK


def _edge(public_id: str) -> int | None:
    """Return the number of the row next to which a page begins. Raises NotFoundError."""
    if not public_id:
        return None
    number = number_of(public_id)
    if number is None or balance_lines.one(read_session(), number) is None:
        raise NotFoundError(said("This page of the list does not exist. Open the list again."))
    return number
