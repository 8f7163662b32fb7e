"""What is asked of payment links, by form and by key: done once, what is refused leaves a trace."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from app.adapters import clock
from app.adapters.db import reading, release_reads, retry_when_busy, unit_of_work
from app.domain import payment_links as rules
from app.errors import ForbiddenError, NotFoundError, said
from app.queries import api_keys, payments
from app.services import link_mails, payment_links, refusals
from app.views.base import read_session
from app.views.once import Command, once

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.domain.link_mails import LinkMail
    from app.domain.money import Money
    from app.domain.payment_links import NewLink
    from app.models import PaymentLink
    from app.views.once import Done

_Result = TypeVar("_Result")


def create(actor: Actor, key: str, wanted: NewLink) -> Done[str]:
    """Make a link once for this key; answers its public id. Raises what the service raises."""
    merchant_id = actor.merchant_id
    if merchant_id is None:
        raise ForbiddenError(said("Only a merchant's own people make its payment links."))
    merchant = api_keys.merchant_id_of(read_session(), merchant_id)
    release_reads()
    asked = rules.check(wanted, clock.now())
    command = Command(
        actor=actor, key=key, merchant_id=merchant_id, path="/payment-links", body=_body(asked)
    )

    def write(session: Session, now: datetime) -> tuple[str, str]:
        row = payment_links.create(session, now, merchant_id, asked)
        return row.public_id, row.public_id

    with refusals.audited(
        actor,
        action="links.create",
        object_type="merchant",
        object_id=merchant,
        merchant_id=merchant_id,
    ):
        return once(command, write)


def act(
    actor: Actor, public_id: str, verb: str, write: Callable[[Session, datetime], _Result]
) -> _Result:
    """Do something to a link in a unit of work; answers what it made.

    What is refused leaves a trace. Raises what `write` raises.
    """

    def done() -> _Result:
        with unit_of_work(actor) as session:
            return write(session, clock.now())

    release_reads()
    with _audited(actor, verb, public_id):
        return retry_when_busy(done)()


def switch_off(actor: Actor, key: str, row: PaymentLink) -> Done[str]:
    """Switch a link off once for this key. Raises what the service raises."""
    public_id = row.public_id
    command = Command(
        actor=actor,
        key=key,
        merchant_id=row.merchant_id,
        path=f"/payment-links/{public_id}/deactivate",
        body={},
    )

    def write(session: Session, now: datetime) -> tuple[str, str]:
        payment_links.switch_off(session, now, public_id)
        return public_id, public_id

    with _audited(actor, "switch_off", public_id):
        return once(command, write)


def send(actor: Actor, key: str, public_id: str, merchant_id: int, wanted: LinkMail) -> Done[str]:
    """Mail a link once for this key; answers the mail's public id. Raises what the service raises.

    `merchant_id` is whose link it is.
    """
    command = Command(
        actor=actor,
        key=key,
        merchant_id=merchant_id,
        path=f"/payment-links/{public_id}/send",
        body={"to": wanted.to, "locale": wanted.locale, "message": wanted.message},
    )

    def write(session: Session, now: datetime) -> tuple[str, str]:
        mail = link_mails.send(session, now, public_id, wanted)
        return mail.public_id, mail.public_id

    with _audited(actor, "send", public_id):
        return once(command, write)


def open_payment(actor: Actor, key: str, link_id: str, entered: Money | None, email: str) -> str:
    """Open a payment by a link once for this key; answers the token of the payment's page.

    `actor` stands for the payer, who is a stranger: what they are refused stands in the log alone,
    or whoever has the address could fill the merchant's trail. Raises what the service raises.
    """
    command = Command(
        actor=actor,
        key=key,
        merchant_id=actor.merchant_id or 0,
        path="/link",
        body={"link": link_id, "amount": str(entered or ""), "email": email},
    )

    def write(session: Session, now: datetime) -> tuple[str, str]:
        payment = payment_links.open_payment(session, now, link_id, entered, email)
        return payment.public_id, payment.page_token

    done = once(command, write)
    return done.made or _page_token(actor, done.object_id)


def _page_token(actor: Actor, payment_id: str) -> str:
    with reading(actor) as session:
        payment = payments.get(session, payment_id)
        if payment is None:
            raise NotFoundError(said("There is no such payment page."))
        return payment.page_token


def _audited(actor: Actor, verb: str, public_id: str) -> AbstractContextManager[None]:
    return refusals.audited(
        actor,
        action=f"links.{verb}",
        object_type="payment_link",
        object_id=public_id,
        merchant_id=actor.merchant_id,
    )


def _body(asked: NewLink) -> Mapping[str, object]:
    return {
        "kind": asked.kind,
        "title": asked.title,
        "description": asked.description,
        "reference": asked.reference,
        "amount_minor": asked.price.amount_minor,
        "least_minor": asked.price.least_minor,
        "most_minor": asked.price.most_minor,
        "currency": asked.price.currency,
        "most_payments": asked.most_payments,
        "expires_at": str(asked.expires_at or ""),
        "customer_email": asked.customer_email,
        "return_url": asked.return_url,
    }
