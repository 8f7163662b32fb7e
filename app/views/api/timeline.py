"""`/v1/payments/{id}/events`: what happened to a payment."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from spectree import Response

from app.domain.api_keys import Scope
from app.services.told import timeline
from app.views.api import pages
from app.views.api.entrance import V1, scoped, sent
from app.views.api.payments import REFUSALS, known_payment
from app.views.api.shapes import ListQuery, PaymentEventPage
from app.views.api.spec import SPEC
from app.views.base import read_session

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@V1.get("/payments/<string:payment_id>/events")
@scoped(Scope.PAYMENTS_READ)
@SPEC.validate(
    query=ListQuery, resp=Response(HTTP_200=PaymentEventPage, **REFUSALS), tags=("payments",)
)
def list_payment_events(payment_id: str) -> ResponseReturnValue:
    """List what happened to a payment, newest first."""
    events = timeline.of_payment(read_session(), known_payment(payment_id))
    data, cursor = pages.part(sent(ListQuery, "query"), events)
    found = PaymentEventPage(data=data, has_more=cursor is not None, next_cursor=cursor)
    return found.model_dump(), HTTPStatus.OK
