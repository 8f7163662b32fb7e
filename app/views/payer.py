"""The payer's way back from the bank: the only route that is open to everybody.

Nothing that comes along is believed. The one-time nonce makes the server ask the provider itself;
without it the page only shows how the payment stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import structlog
from flask import redirect, request
from flask_appbuilder import expose
from flask_babel import gettext

from app.adapters.db import reading, release_reads, retry_when_busy, unit_of_work
from app.domain.actors import Actor
from app.errors import NotFoundError, PayAgencyError, said
from app.queries import actors, operations, payer, payments
from app.services import look_up
from app.views import words
from app.views.base import read_session
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.services.look_up import LookUp

log = structlog.get_logger()

_SYMBOLS = {
    "paid": "check-circle",
    "reserved": "lock",
    "failed": "x-lg",
    "ended": "slash-circle",
    "returned": "arrow-return-left",
    "waiting": "hourglass-split",
}


class PayerView(Screen):
    """`/pay/{token}/return`."""

    route_base = "/pay"
    class_permission_name = "home"
    default_view = "returned"

    @expose("/<string:token>/return", methods=["GET", "POST"])
    def returned(self, token: str) -> ResponseReturnValue:
        """Ask the provider once, then show how the payment stands or go on to the merchant."""
        found = actors.page(read_session(), token)
        if found is None:
            raise NotFoundError(said("There is no such payment page."))
        merchant_id, livemode, payment_id = found
        actor = Actor.system(merchant_id, livemode, "payer")
        release_reads()
        # A browser that only looks ahead must not use up the nonce.
        if request.method != "HEAD":
            _ask_once(actor, payment_id, request.values.get("nonce", ""))
        with reading(actor) as session:
            payment = payments.get(session, payment_id)
            if payment is None:
                raise NotFoundError(said("There is no such payment page."))
            if _is_web_address(payment.return_url):
                return redirect(payment.return_url, 303)
            merchant = operations.merchant_of(session, merchant_id).name
            state = words.payer_state(payment.status)
            return self.render(
                "payer/status.html",
                title=gettext("Your payment to %(merchant)s", merchant=merchant),
                payment=payment,
                state=state,
                symbol=_SYMBOLS[state],
                told=words.for_payer(payment.status),
            )


def _ask_once(actor: Actor, payment_id: str, nonce: str) -> None:
    """Use up the nonce and look up what waits; a failure leaves it to the sweeper."""
    try:
        asked = retry_when_busy(_use)(actor, payment_id, nonce) if nonce else None
        if asked is not None:
            look_up.run(asked)
    except PayAgencyError as error:
        log.warning("return_not_looked_up", payment=payment_id, reason=error.detail)


def _use(actor: Actor, payment_id: str, nonce: str) -> LookUp | None:
    with unit_of_work(actor) as session:
        if not payer.use_nonce(session, payment_id, nonce):
            return None
        return look_up.find(session, payment_id)


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and text.isprintable()
