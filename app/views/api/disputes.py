"""`/v1/disputes`: list and read."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from spectree import Response

from app.domain.api_keys import Scope
from app.errors import NotFoundError, said
from app.queries import api_objects
from app.queries import disputes as rows
from app.queries.disputes import DisputeFilter
from app.services.told import objects
from app.services.told.shapes import DisputeTold
from app.views.api import pages
from app.views.api.entrance import V1, scoped, sent
from app.views.api.payments import REFUSALS
from app.views.api.shapes import DisputePage, DisputeQuery
from app.views.api.spec import SPEC
from app.views.base import read_session

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


@V1.get("/disputes")
@scoped(Scope.DISPUTES_READ)
@SPEC.validate(
    query=DisputeQuery, resp=Response(HTTP_200=DisputePage, **REFUSALS), tags=("disputes",)
)
def list_disputes() -> ResponseReturnValue:
    """List disputes, newest first."""
    query, session = sent(DisputeQuery, "query"), read_session()
    wanted = DisputeFilter(
        created_from=pages.moment(query.created_gte, "created[gte]"),
        created_before=pages.moment(query.created_lt, "created[lt]"),
        statuses=(query.status,) if query.status else (),
        stages=(query.stage,) if query.stage else (),
        currency=query.currency.upper(),
        payment=query.payment,
    )
    ids, cursor = pages.page(query, lambda window: rows.page(session, wanted, window))
    data = [objects.dispute(*each) for each in api_objects.disputes(session, ids)]
    found = DisputePage(data=data, has_more=cursor is not None, next_cursor=cursor)
    return found.model_dump(), HTTPStatus.OK


@V1.get("/disputes/<string:dispute_id>")
@scoped(Scope.DISPUTES_READ)
@SPEC.validate(resp=Response(HTTP_200=DisputeTold, **REFUSALS), tags=("disputes",))
def get_dispute(dispute_id: str) -> ResponseReturnValue:
    """Read a dispute as it stands now."""
    found = api_objects.disputes(read_session(), [dispute_id])
    if not found:
        raise NotFoundError(said("There is no dispute {id}.", id=dispute_id))
    return objects.dispute(*found[0]).model_dump(), HTTPStatus.OK
