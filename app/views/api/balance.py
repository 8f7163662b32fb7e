"""`/v1/balance`: what belongs to the merchant."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from spectree import Response

from app.domain.api_keys import Scope
from app.domain.ledger.accounts import AccountType, normal_sign
from app.queries import home_desk
from app.views.api.entrance import V1, caller, scoped
from app.views.api.payments import REFUSALS
from app.views.api.shapes import Balances, BalanceTold
from app.views.api.spec import SPEC
from app.views.base import read_session

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_PLACES: Final = ("available", "pending", "reserve", "in_refund", "in_payout", "disputed")


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
