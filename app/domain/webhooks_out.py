"""What merchants' programs are told of by themselves, when it is sent again, and to whom.

Messages follow Standard Webhooks 1.0. They come at least once and in no promised order: each
carries the version of its object, so that a program can tell the newer of two.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from app.domain.card_numbers import refuse
from app.domain.payments import PaymentStatus
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

WAITS_SECONDS: Final = (0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
"""How long is waited before each attempt; after the last one a message is given up."""
MOST_ATTEMPTS: Final = len(WAITS_SECONDS)
FAILING_LASTS: Final = timedelta(days=5)
"""An endpoint that has answered nothing well for so long is disabled."""
OVERLAPS: Final = (timedelta(0), timedelta(hours=24), timedelta(days=7))
"""How long the former secret may sign beside the one that follows it."""
MOST_ENDPOINTS: Final = 20
"""How many endpoints a merchant may have at a time in one book."""
MOST_RESENT: Final = 10_000
LONGEST_URL: Final = 500
LONGEST_DESCRIPTION: Final = 200
EVERYTHING: Final = "*"

_SECRET_BYTES: Final = 32
_SECRET: Final = re.compile(r"whsec_[0-9A-Za-z+/]{43}=")
_HTTPS_PORT: Final = 443
_USUAL_PORTS: Final = MappingProxyType({"https": _HTTPS_PORT, "http": 80})
_LEAST_FREE_PORT: Final = 1024
_GOOD: Final = 200
_REDIRECTED: Final = 300
_GONE: Final = 410
_ASK_LATER: Final = frozenset({429, 503})
_PLAIN: Final = re.compile(rf"[\x21-\x5b\x5d-\x7e]{{1,{LONGEST_URL}}}")
"""Visible ASCII but the backslash, which readers of addresses take differently."""


class EventType(StrEnum):
    """What happened, in the words that programs choose by."""

    PAYMENT_CREATED = "payment.created"
    PAYMENT_REQUIRES_ACTION = "payment.requires_action"
    PAYMENT_PROCESSING = "payment.processing"
    PAYMENT_AUTHORIZED = "payment.authorized"
    PAYMENT_PARTIALLY_CAPTURED = "payment.partially_captured"
    PAYMENT_SUCCEEDED = "payment.succeeded"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_BLOCKED = "payment.blocked"
    PAYMENT_IN_REVIEW = "payment.in_review"
    PAYMENT_CANCELED = "payment.canceled"
    PAYMENT_EXPIRED = "payment.expired"
    PAYMENT_PARTIALLY_REFUNDED = "payment.partially_refunded"
    PAYMENT_REFUNDED = "payment.refunded"
    PAYMENT_CHARGED_BACK = "payment.charged_back"
    REFUND_CREATED = "refund.created"
    REFUND_REQUIRES_ACTION = "refund.requires_action"
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"
    DISPUTE_OPENED = "dispute.opened"
    DISPUTE_UPDATED = "dispute.updated"
    DISPUTE_CLOSED = "dispute.closed"
    BULK_UPLOAD_COMPLETED = "bulk_upload.completed"
    TEST = "webhook_endpoint.test"


CHOICES: Final = tuple(each for each in EventType if each is not EventType.TEST)
"""What an endpoint may choose from; a test is sent to the endpoint that asked for it."""


class EndpointState(StrEnum):
    """Whether messages are sent to an endpoint."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class DeliveryState(StrEnum):
    """Where the delivery of one event to one endpoint stands."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


class Verdict(StrEnum):
    """What an answer to an attempt means."""

    DELIVERED = "delivered"
    GONE = "gone"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a payment stands as merchants are told; amounts in its currency's minor units."""

    status: str
    captured_minor: int
    refunded_minor: int
    charged_back_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEndpoint:
    """What an endpoint shall be; `events` are types and patterns as `check_filter` answers them."""

    url: str
    events: tuple[str, ...]
    description: str = ""


def of_payment(before: Standing, after: Standing) -> EventType | None:
    """Return what a change of a payment is told as; None where nothing is told.

    A dispute is told by `dispute.*`: neither that it began nor that all is as before it.
    """
    if before == after or after.status == PaymentStatus.DISPUTED:
        return None
    is_as_before = replace(before, status=after.status) == after
    if (
        before.status == PaymentStatus.DISPUTED
        and is_as_before
        and after.status != PaymentStatus.IN_REVIEW
    ):
        return None
    return EventType(f"payment.{after.status}")


def takes(patterns: Iterable[str], kind: str) -> bool:
    """Tell whether an endpoint with these types and patterns is told of an event."""
    family = f"{kind.partition('.')[0]}.*"
    return bool({EVERYTHING, family, kind}.intersection(patterns))


def written(patterns: Iterable[str]) -> str:
    """Return types and patterns as they are kept: with blanks between."""
    return " ".join(patterns)


def check_filter(texts: Iterable[str]) -> tuple[str, ...]:
    """Return types and patterns, each once, in their own order; `*` stands for all of them.

    Raises BadInputError at `events` for what is no type, `payment.*` or `*`, and for none.
    """
    wanted = set(texts)
    families = dict.fromkeys(f"{kind.partition('.')[0]}.*" for kind in CHOICES)
    known = (EVERYTHING, *families, *CHOICES)
    unknown = sorted(wanted - {str(each) for each in known})
    if unknown:
        raise BadInputError(
            "events",
            said("{event} is none that there is.", event=unknown[0][:40]),
            said("Choose from the list, or write payment.* for all of a kind."),
        )
    if not wanted:
        raise BadInputError(
            "events", said("is empty."), said("Choose at least one event, or * for all.")
        )
    return (EVERYTHING,) if EVERYTHING in wanted else tuple(str(e) for e in known if e in wanted)


def check_url(text: str) -> str:
    """Return an endpoint's address without blanks around it; whither it leads is not checked here.

    https, or http where what it leads to is allowed; on port 443 or above 1023. Raises
    BadInputError at `url`, and CardNumberRefusedError.
    """
    url = text.strip()
    refuse(url, "url")
    if not _PLAIN.fullmatch(url):
        raise _bad_url(
            said("is empty, longer than {count} characters or not ASCII.", count=LONGEST_URL)
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _bad_url(said("is no web address.")) from None
    if parts.scheme not in _USUAL_PORTS or not parts.hostname or parts.fragment:
        raise _bad_url(said("is no web address."))
    if "@" in parts.netloc:
        raise _bad_url(said("has a name or password in it."))
    if port is None:
        port = _USUAL_PORTS[parts.scheme]
    if port != _HTTPS_PORT and port < _LEAST_FREE_PORT:
        raise _bad_url(said("has a port that is neither 443 nor above 1023."))
    return url


def check(wanted: NewEndpoint) -> NewEndpoint:
    """Return what an endpoint shall be. Raises BadInputError at `url`, `events`, `description`."""
    description = " ".join(wanted.description.split())
    refuse(description, "description")
    refuse_secret(description, "description")
    refuse_secret(wanted.url, "url")
    if len(description) > LONGEST_DESCRIPTION:
        raise BadInputError(
            "description", said("is longer than {count} characters.", count=LONGEST_DESCRIPTION)
        )
    return NewEndpoint(
        url=check_url(wanted.url), events=check_filter(wanted.events), description=description
    )


def check_overlap(overlap: timedelta) -> None:
    """Refuse another overlap than those that are offered: BadInputError at `overlap`."""
    if overlap not in OVERLAPS:
        raise BadInputError(
            "overlap",
            said("is none of those that are offered."),
            said("Choose now, 24 hours or 7 days."),
        )


def new_secret(*, randomness: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Return a new signing secret: 32 random bytes in base64 behind `whsec_`."""
    return f"whsec_{base64.b64encode(randomness(_SECRET_BYTES)).decode()}"


def refuse_secret(text: str, place: str) -> None:
    """Raise BadInputError at `place` where a signing secret stands in a text that is shown."""
    if _SECRET.search(text):
        raise BadInputError(place, said("contains a signing secret."), said("Take it out."))


def judge(status: int | None) -> Verdict:
    """Return what the status of an answer means; None where none came."""
    if status is not None and _GOOD <= status < _REDIRECTED:
        return Verdict.DELIVERED
    return Verdict.GONE if status == _GONE else Verdict.AGAIN


def next_wait(
    attempts: int, status: int | None = None, asked_seconds: int | None = None
) -> int | None:
    """Return how many seconds after the n-th failed attempt the next one begins; None for never.

    Whoever answers 429 or 503 may ask for a longer wait (`asked_seconds`), as long at most as the
    one that would come after it.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    wait = WAITS_SECONDS[attempts]
    if status not in _ASK_LATER or asked_seconds is None:
        return wait
    return max(wait, min(asked_seconds, WAITS_SECONDS[min(attempts + 1, MOST_ATTEMPTS - 1)]))


def retry_after(text: str, now: datetime) -> int | None:
    """Return the seconds that a header Retry-After asks for; None where it cannot be read."""
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), WAITS_SECONDS[-1])
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    if at.tzinfo is None:
        return None
    return max(0, int((at - now).total_seconds()))


def secrets_at(
    secret: str, former: str | None, former_until: datetime | None, now: datetime
) -> Sequence[str]:
    """Return the secrets that sign at a moment: the present one, and the former one while it may.

    A program that knows either of them accepts the message.
    """
    if former is None or former_until is None or former_until <= now:
        return (secret,)
    return (secret, former)


def _bad_url(reason: str) -> BadInputError:
    return BadInputError("url", reason, said("Write it like https://shop.example/webhooks."))
