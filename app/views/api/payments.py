"""`/v1/payments`: make, read, list, capture, cancel, refund."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from spectree import Response

from app.adapters.db import release_reads
from app.domain.api_keys import Scope
from app.domain.currencies import parse_currency
from app.domain.methods import crypto, upi
from app.domain.money import Money
from app.errors import NotFoundError, said
from app.queries import api_objects, payment_list
from app.queries import payments as rows
from app.queries.payment_list import PaymentFilter
from app.services import captures, closing
from app.services.new_payment import NewPayment
from app.services.operations import WEB_HEAD_START_SECONDS
from app.services.told import objects
from app.services.told.shapes import PaymentTold, RefundTold
from app.views import payment_asks, payment_commands
from app.views.api import pages
from app.views.api.entrance import V1, caller, idempotency_key, keyed, scoped, sent
from app.views.api.shapes import (
    ApmMethod,
    CancelRequest,
    CaptureRequest,
    CardMethod,
    CryptoMethod,
    PaymentPage,
    PaymentQuery,
    PaymentRequest,
    Problem,
    RefundRequest,
    UpiMethod,
)
from app.views.api.spec import SPEC
from app.views.base import read_session

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.models import Operation, Payment
    from app.views.payment_commands import Asked

REFUSALS: Final = {
    f"HTTP_{status}": Problem for status in (400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503)
}
REPLAYED: Final = "Idempotent-Replayed"
_TAGS: Final = ("payments",)


@V1.post("/payments")
@scoped(Scope.PAYMENTS_WRITE)
@SPEC.validate(json=PaymentRequest, resp=Response(HTTP_201=PaymentTold, **REFUSALS), tags=_TAGS)
@keyed
def create_payment() -> ResponseReturnValue:
    """Make a payment.

    The first attempt runs within the request. The answer is 201 with the payment in whatever
    status it has then, failed too: look at `status` and `next_action`. Without a method nothing is
    tried: send the payer to `checkout_url`, where they choose one.
    """
    asked = _new_payment(sent(PaymentRequest))
    made = payment_commands.ask_payment(caller().actor, idempotency_key(), asked)
    return _told(made, HTTPStatus.CREATED)


@V1.get("/payments")
@scoped(Scope.PAYMENTS_READ)
@SPEC.validate(query=PaymentQuery, resp=Response(HTTP_200=PaymentPage, **REFUSALS), tags=_TAGS)
def list_payments() -> ResponseReturnValue:
    """List payments, newest first."""
    query = sent(PaymentQuery, "query")
    wanted = PaymentFilter(
        created_from=pages.moment(query.created_gte, "created[gte]"),
        created_before=pages.moment(query.created_lt, "created[lt]"),
        statuses=_statuses(query.status),
        method=query.method,
        currency=query.currency.upper() if query.currency else "",
        reference=query.reference,
        email=query.customer_email,
        least_minor=query.amount_gte,
        most_minor=query.amount_lte,
    )
    session = read_session()
    ids, cursor = pages.page(query, lambda window: payment_list.payments(session, wanted, window))
    data = objects.payments(session, api_objects.payments(session, ids))
    found = PaymentPage(data=data, has_more=cursor is not None, next_cursor=cursor)
    return found.model_dump(), HTTPStatus.OK


@V1.get("/payments/<string:payment_id>")
@scoped(Scope.PAYMENTS_READ)
@SPEC.validate(resp=Response(HTTP_200=PaymentTold, **REFUSALS), tags=_TAGS)
def get_payment(payment_id: str) -> ResponseReturnValue:
    """Read a payment as it stands now."""
    (found,) = objects.payments(read_session(), [known_payment(payment_id)])
    return found.model_dump(), HTTPStatus.OK


@V1.post("/payments/<string:payment_id>/capture")
@scoped(Scope.PAYMENTS_WRITE)
@SPEC.validate(json=CaptureRequest, resp=Response(HTTP_200=PaymentTold, **REFUSALS), tags=_TAGS)
@keyed
def capture_payment(payment_id: str) -> ResponseReturnValue:
    """Capture all or a part of what is authorized."""
    wanted = sent(CaptureRequest).amount

    def write(session: Session, now: datetime) -> Operation:
        return captures.ask_capture(
            session, now, payment_id, wanted, head_start_seconds=WEB_HEAD_START_SECONDS
        )

    return _done(payment_id, "capture", {"amount_minor": wanted}, write)


@V1.post("/payments/<string:payment_id>/cancel")
@scoped(Scope.PAYMENTS_WRITE)
@SPEC.validate(json=CancelRequest, resp=Response(HTTP_200=PaymentTold, **REFUSALS), tags=_TAGS)
@keyed
def cancel_payment(payment_id: str) -> ResponseReturnValue:
    """Give a payment up: release what is authorized, or close what nobody has paid."""
    reason = sent(CancelRequest).reason

    def write(session: Session, now: datetime) -> Operation | None:
        payment = rows.get(session, payment_id)
        if payment is not None and captures.can_void(payment):
            return captures.ask_void(
                session, now, payment_id, reason, head_start_seconds=WEB_HEAD_START_SECONDS
            )
        closing.cancel(session, now, payment_id, reason)
        return None

    return _done(payment_id, "cancel", {"reason": reason}, write)


@V1.post("/payments/<string:payment_id>/refunds")
@scoped(Scope.REFUNDS_WRITE)
@SPEC.validate(json=RefundRequest, resp=Response(HTTP_201=RefundTold, **REFUSALS), tags=_TAGS)
@keyed
def refund_payment(payment_id: str) -> ResponseReturnValue:
    """Give all or a part of what was captured back to the payer.

    From an amount on a refund needs a second person: then it is asked for by people, not by a key.
    """
    wanted = sent(RefundRequest)
    payment = known_payment(payment_id)
    made = payment_commands.ask_refund(
        caller().actor, idempotency_key(), payment, wanted.amount, wanted.reason
    )
    release_reads()
    session = read_session()
    ((operation, of),) = api_objects.operations(session, [made.operation_id])
    headers = {REPLAYED: "true"} if made.is_replay else {}
    return objects.refund(operation, of).model_dump(), HTTPStatus.CREATED, headers


def known_payment(payment_id: str) -> Payment:
    """Return a payment of the caller's. Raises NotFoundError."""
    found = rows.get(read_session(), payment_id)
    if found is None:
        raise NotFoundError(said("There is no payment {id}.", id=payment_id))
    return found


def _new_payment(asked: PaymentRequest) -> NewPayment:
    currency = parse_currency(asked.currency)
    name, details = _named(asked)
    card = asked.method if isinstance(asked.method, CardMethod) else None
    return NewPayment(
        amount=Money(asked.amount, currency),
        method=asked.method.type if asked.method else "",
        method_name=name,
        details=details,
        card_token=card.token if card else None,
        encrypted_cards=(card.encrypted_cards or {}) if card else {},
        reference=asked.reference,
        origin="api",
        capture=asked.capture,
        customer_name=_given(asked.customer.name),
        customer_email=_given(asked.customer.email),
        customer_phone=_given(asked.customer.phone),
        payer_locale=_given(asked.customer.locale),
        description=asked.description,
        return_url=asked.return_url or "",
        metadata=asked.metadata,
    )


def _given(text: str | None) -> str:
    return text or ""


def _named(asked: PaymentRequest) -> tuple[str, dict[str, str]]:
    """Return the method's name and its details."""
    match asked.method:
        case UpiMethod(flow=flow, vpa=vpa):
            return flow, {} if vpa is None else {"vpa": upi.parse_vpa(vpa)}
        case CryptoMethod(asset=asset):
            return crypto.parse_asset(asset), {}
        case ApmMethod(name=name):
            return name.lower(), {}
        case _:
            return "", {}


def _statuses(status: str) -> tuple[str, ...]:
    """Return the statuses behind what merchants know: what staff look at is a review to them."""
    if not status:
        return ()
    return ("in_review", "conflicted") if status == "in_review" else (status,)


def _done(
    payment_id: str, verb: str, body: Mapping[str, object], write: payment_asks.Write
) -> ResponseReturnValue:
    """Do something to a payment once for the key of this request, and tell how it stands then."""
    key, payment = idempotency_key(), known_payment(payment_id)
    return _told(payment_asks.once(caller().actor, key, payment, verb, body, write), HTTPStatus.OK)


def _told(made: Asked, status: HTTPStatus) -> ResponseReturnValue:
    release_reads()
    (found,) = objects.payments(read_session(), [known_payment(made.payment_id)])
    headers = {REPLAYED: "true"} if made.is_replay else {}
    return found.model_dump(), status, headers
