"""`/v1/refunds`, `/v1/balance`, and the description of the API itself."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from flask import current_app, jsonify
from spectree import Response

from app.domain.api_keys import Scope
from app.domain.ledger.accounts import AccountType, normal_sign
from app.domain.operations import OperationKind
from app.errors import NotFoundError, said
from app.queries import api_objects, home_desk, payment_list
from app.queries.payment_list import RefundFilter
from app.services.told import objects
from app.services.told.shapes import RefundTold
from app.views.api import pages
from app.views.api.entrance import V1, caller, scoped, sent
from app.views.api.payments import REFUSALS
from app.views.api.shapes import Balances, BalanceTold, RefundPage, RefundQuery
from app.views.api.spec import SPEC, document
from app.views.base import read_session

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_PLACES: Final = ("available", "pending", "reserve", "in_refund", "in_payout", "disputed")


@V1.get("/refunds")
@scoped(Scope.REFUNDS_READ)
@SPEC.validate(query=RefundQuery, resp=Response(HTTP_200=RefundPage, **REFUSALS), tags=("refunds",))
def list_refunds() -> ResponseReturnValue:
    """List refunds, newest first."""
    query = sent(RefundQuery, "query")
    wanted = RefundFilter(
        created_from=pages.moment(query.created_gte, "created[gte]"),
        created_before=pages.moment(query.created_lt, "created[lt]"),
        currency=query.currency.upper() if query.currency else "",
        reference=query.reference,
    )
    session = read_session()
    ids, cursor = pages.page(query, lambda window: payment_list.refunds(session, wanted, window))
    data = [objects.refund(*each) for each in api_objects.operations(session, ids)]
    found = RefundPage(data=data, has_more=cursor is not None, next_cursor=cursor)
    return found.model_dump(), HTTPStatus.OK


@V1.get("/refunds/<string:refund_id>")
@scoped(Scope.REFUNDS_READ)
@SPEC.validate(resp=Response(HTTP_200=RefundTold, **REFUSALS), tags=("refunds",))
def get_refund(refund_id: str) -> ResponseReturnValue:
    """Read a refund as it stands now."""
    found = api_objects.operations(read_session(), [refund_id])
    if not found or found[0][0].kind != OperationKind.REFUND:
        raise NotFoundError(said("There is no refund {id}.", id=refund_id))
    return objects.refund(*found[0]).model_dump(), HTTPStatus.OK


@V1.get("/balance")
@scoped(Scope.BALANCE_READ)
@SPEC.validate(resp=Response(HTTP_200=Balances, **REFUSALS), tags=("balance",))
def get_balance() -> ResponseReturnValue:
    """Read what belongs to the merchant, in each currency by where it stands."""
    found: dict[str, dict[str, int]] = {}
    for each in home_desk.balances(read_session()):
        place = each.code.rpartition(":")[2]
        amounts = found.setdefault(each.currency, dict.fromkeys(_PLACES, 0))
        if place in amounts:
            amounts[place] += normal_sign(AccountType(each.type)) * each.balance_minor
    balances = [
        BalanceTold(currency=currency, **amounts) for currency, amounts in sorted(found.items())
    ]
    told = Balances(livemode=bool(caller().actor.livemode), balances=balances)
    return told.model_dump(), HTTPStatus.OK


@V1.get("/openapi.json")
def openapi() -> ResponseReturnValue:
    """Hand out the description of the API, which is no secret."""
    return jsonify(document(current_app))
