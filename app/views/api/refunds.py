"""`/v1/refunds`: list and read; a refund is made at its payment."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from spectree import Response

from app.domain.api_keys import Scope
from app.domain.operations import OperationKind
from app.errors import NotFoundError, said
from app.queries import api_objects, payment_list
from app.queries.payment_list import RefundFilter
from app.services.told import objects
from app.services.told.shapes import RefundTold
from app.views.api import pages
from app.views.api.entrance import V1, scoped, sent
from app.views.api.payments import REFUSALS
from app.views.api.shapes import RefundPage, RefundQuery
from app.views.api.spec import SPEC
from app.views.base import read_session

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


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
