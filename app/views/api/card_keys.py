"""`/v1/card_keys`: to which keys a program may have its payers' browsers encrypt a card."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from spectree import Response

from app.adapters.db import release_reads
from app.domain.api_keys import Scope
from app.services import card_entry, routing
from app.services.told.shapes import CardKeys, CardKeyTold, Jwk
from app.views.api.entrance import V1, caller, scoped
from app.views.api.payments import REFUSALS
from app.views.api.spec import SPEC

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@V1.get("/card_keys")
@scoped(Scope.PAYMENTS_WRITE)
@SPEC.validate(resp=Response(HTTP_200=CardKeys, **REFUSALS), tags=("payments",))
def list_card_keys() -> ResponseReturnValue:
    """List the public keys of the accounts that take encrypted cards.

    Encrypt the card in the payer's browser: a compact JWE with RSA-OAEP-256 and A256GCM, the key's
    `kid` in its header, of a JSON object with `number`, `exp_month`, `exp_year` and `cvc` as texts.
    Keys change: ask for them for each payment.
    """
    livemode = bool(caller().actor.livemode)
    release_reads()
    keys = card_entry.keys(routing.routes(livemode=livemode))
    data = [CardKeyTold(account=each, jwk=Jwk(**key.jwk())) for each, key in keys.items()]
    return CardKeys(data=data).model_dump(), HTTPStatus.OK
