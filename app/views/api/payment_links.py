"""`/v1/payment_links`: make, read, list, and switch off."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from spectree import Response

from app.adapters import clock
from app.adapters.db import release_reads
from app.domain.api_keys import Scope
from app.domain.link_mails import LinkMail
from app.domain.notifications import masked
from app.domain.payment_links import LinkKind, NewLink, Price
from app.errors import NotFoundError, said
from app.queries import notifications
from app.queries import payment_links as rows
from app.queries.payment_links import LinkFilter
from app.services import link_mails, payment_links
from app.services.told import links
from app.services.told.objects import moment
from app.services.told.shapes import LinkTold
from app.views import link_acts
from app.views.api import pages
from app.views.api.entrance import V1, caller, idempotency_key, keyed, scoped, sent
from app.views.api.link_shapes import (
    DeactivateRequest,
    LinkMailTold,
    LinkPage,
    LinkQuery,
    LinkRequest,
    SendRequest,
)
from app.views.api.payments import REFUSALS, REPLAYED
from app.views.api.spec import SPEC
from app.views.base import read_session

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.views.once import Done

_TAGS: Final = ("payment links",)
_STATES: Final = {"inactive": "off"}


@V1.post("/payment_links")
@scoped(Scope.LINKS_WRITE)
@SPEC.validate(json=LinkRequest, resp=Response(HTTP_201=LinkTold, **REFUSALS), tags=_TAGS)
@keyed
def create_payment_link() -> ResponseReturnValue:
    """Make a payment link.

    Give its `url` to whoever shall pay. Each of its payments tells the link's id in
    `metadata.payment_link`.
    """
    wanted = _wanted(sent(LinkRequest))
    made = link_acts.create(caller().actor, idempotency_key(), wanted)
    return _told(made, HTTPStatus.CREATED)


@V1.get("/payment_links")
@scoped(Scope.LINKS_READ)
@SPEC.validate(query=LinkQuery, resp=Response(HTTP_200=LinkPage, **REFUSALS), tags=_TAGS)
def list_payment_links() -> ResponseReturnValue:
    """List payment links, newest first."""
    query, session, now = sent(LinkQuery, "query"), read_session(), clock.now()
    wanted = LinkFilter(
        now=now,
        created_from=pages.moment(query.created_gte, "created[gte]"),
        created_before=pages.moment(query.created_lt, "created[lt]"),
        states=(_STATES.get(query.status, query.status),) if query.status else (),
    )
    ids, cursor = pages.page(query, lambda window: rows.page(session, wanted, window))
    data = links.payment_links(session, now, rows.several(session, ids))
    found = LinkPage(data=data, has_more=cursor is not None, next_cursor=cursor)
    return found.model_dump(), HTTPStatus.OK


@V1.get("/payment_links/<string:link_id>")
@scoped(Scope.LINKS_READ)
@SPEC.validate(resp=Response(HTTP_200=LinkTold, **REFUSALS), tags=_TAGS)
def get_payment_link(link_id: str) -> ResponseReturnValue:
    """Read a payment link as it stands now."""
    session = read_session()
    row = payment_links.get(session, link_id)
    (found,) = links.payment_links(session, clock.now(), [row])
    return found.model_dump(), HTTPStatus.OK


@V1.post("/payment_links/<string:link_id>/deactivate")
@scoped(Scope.LINKS_WRITE)
@SPEC.validate(json=DeactivateRequest, resp=Response(HTTP_200=LinkTold, **REFUSALS), tags=_TAGS)
@keyed
def deactivate_payment_link(link_id: str) -> ResponseReturnValue:
    """Switch a payment link off: nobody can begin to pay by it any more.

    Payments that were begun may still be paid: cancel those that must not be.
    """
    key, row = idempotency_key(), payment_links.get(read_session(), link_id)
    return _told(link_acts.switch_off(caller().actor, key, row), HTTPStatus.OK)


@V1.post("/payment_links/<string:link_id>/send")
@scoped(Scope.LINKS_WRITE)
@SPEC.validate(json=SendRequest, resp=Response(HTTP_202=LinkMailTold, **REFUSALS), tags=_TAGS)
@keyed
def send_payment_link(link_id: str) -> ResponseReturnValue:
    """Mail a payment link to a payer.

    A link is mailed 20 times a day at most, all links of a merchant together 500 times.
    """
    asked, key = sent(SendRequest), idempotency_key()
    row = payment_links.get(read_session(), link_id)
    wanted = LinkMail(to=asked.to, locale=asked.locale, message=asked.message)
    made = link_acts.send(caller().actor, key, link_id, row.merchant_id, wanted)
    release_reads()
    headers = {REPLAYED: "true"} if made.is_replay else {}
    return _mail_told(made.object_id, link_id).model_dump(), HTTPStatus.ACCEPTED, headers


def _mail_told(mail_id: str, link_id: str) -> LinkMailTold:
    session = read_session()
    row, mail = payment_links.get(session, link_id), notifications.get(session, mail_id)
    if mail is None:
        raise NotFoundError(said("There is no mail {id}.", id=mail_id))
    return LinkMailTold.model_validate(
        {
            "id": mail.public_id,
            "payment_link": link_id,
            "to": masked(mail.recipient),
            "locale": mail.locale,
            "status": mail.state,
            "left_today": link_mails.left(session, clock.now(), row),
            "livemode": row.livemode,
            "created": moment(mail.created_at),
        }
    )


def _wanted(asked: LinkRequest) -> NewLink:
    end = asked.expires_at
    return NewLink(
        kind=LinkKind(asked.kind),
        title=asked.title,
        description=asked.description,
        price=Price(
            currency=asked.currency,
            amount_minor=asked.amount,
            least_minor=asked.amount_least,
            most_minor=asked.amount_most,
        ),
        most_payments=asked.max_payments,
        reference=asked.reference,
        customer_email=asked.customer.email or "",
        return_url=asked.return_url or "",
        expires_at=None if end is None else pages.moment(end, "expires_at"),
    )


def _told(made: Done[str], status: HTTPStatus) -> ResponseReturnValue:
    release_reads()
    session = read_session()
    row = payment_links.get(session, made.object_id)
    (found,) = links.payment_links(session, clock.now(), [row])
    headers = {REPLAYED: "true"} if made.is_replay else {}
    return found.model_dump(), status, headers
