"""The shapes of payment links in the API."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from app.domain.bulk_rows import MAX_EMAIL
from app.domain.link_mails import LONGEST_MESSAGE
from app.domain.payment_links import (
    LONGEST_DESCRIPTION,
    LONGEST_REFERENCE,
    LONGEST_TITLE,
    MOST_PAYMENTS,
)
from app.services.told.shapes import LinkTold, Told
from app.views.api.shapes import Amount, Asked, ListQuery

_PRINTED = r"^[^\x00-\x1f\x7f]*$"


def _text(longest: int, least: int = 1) -> StringConstraints:
    return StringConstraints(min_length=least, max_length=longest, pattern=_PRINTED)


class LinkCustomer(Asked):
    """Whom a one-off link is for, where that is known; kept encrypted."""

    email: Annotated[str, _text(MAX_EMAIL)] | None = None


class LinkRequest(Asked):
    """A payment link to be made.

    Without `amount` its payer enters one, from `amount_least` to `amount_most`. A one-off link is
    paid at most once, a reusable one `max_payments` times, or without a limit. `expires_at` is an
    RFC 3339 moment, a year ahead at most.
    """

    kind: Literal["one_off", "reusable"] = "one_off"
    title: Annotated[str, _text(LONGEST_TITLE)]
    description: Annotated[str, _text(LONGEST_DESCRIPTION, 0)] = ""
    amount: Amount | None = None
    amount_least: Amount | None = None
    amount_most: Amount | None = None
    currency: Annotated[str, _text(24)]
    max_payments: Annotated[int, Field(ge=1, le=MOST_PAYMENTS)] | None = None
    reference: Annotated[str, _text(LONGEST_REFERENCE)]
    customer: LinkCustomer = LinkCustomer()
    return_url: Annotated[str, _text(255)] | None = None
    expires_at: Annotated[str, Field(json_schema_extra={"format": "date-time"})] | None = None


class SendRequest(Asked):
    """To whom a payment link is mailed, in which language, with a few words of your own.

    The message is plain text without web addresses; its line breaks are not kept.
    """

    to: Annotated[str, _text(MAX_EMAIL)]
    locale: Literal["en", "hi", "de"] = "en"
    message: Annotated[str, StringConstraints(max_length=LONGEST_MESSAGE)] = ""


class LinkMailTold(Told):
    """A mail of a payment link; of its address only the beginning and the host are told.

    `left_today` is how many mails of this link can be sent today still, by UTC.
    """

    id: str
    object: Literal["payment_link_mail"] = "payment_link_mail"
    payment_link: str
    to: str
    locale: Literal["en", "hi", "de"]
    status: Literal["waiting", "sent", "failed", "given_up"]
    left_today: int
    livemode: bool
    created: str


class DeactivateRequest(Asked):
    """Nothing: the link is named by its address."""


class LinkQuery(ListQuery):
    """Which payment links."""

    status: Literal["", "active", "paid", "expired", "inactive"] = ""


class LinkPage(Told):
    """A page of payment links."""

    object: Literal["list"] = "list"
    data: list[LinkTold]
    has_more: bool
    next_cursor: str | None
