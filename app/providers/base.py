"""The contract of a connector: what it is asked, what it tells, and what the base does for all.

A connector turns one `ProviderRequest` into one HTTP call (`build`) and one answer into a `Reading`
(`read`), by a mapping table. Timing, transcript, scrubbing and the meaning of a missing answer are
the base's. No connector knows a session, compares an amount, or decides what happens next.
"""

from __future__ import annotations

import base64
import secrets
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, ClassVar, Literal
from urllib.parse import urlsplit

from app.domain.failures import FailureCode
from app.errors import ConfigurationError, PayAgencyError
from app.providers.http import DOOR, HttpCall, HttpReply, NoAnswerError, NotSentError, ProviderHttp
from app.providers.transcript import Mask, json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

_LONGEST_ID = 255
_SHORTEST_TOKEN = 16
_LAST_FOUR = 4
_LONGEST_CODE = 100
_LONGEST_TEXT = 500

LookUp = Literal["by_key", "by_reference", "by_id"]


class Verb(StrEnum):
    """What a provider can be asked for."""

    PURCHASE = "purchase"
    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    LOOK_UP = "look_up"


class Outcome(StrEnum):
    """What one call told about the operation.

    NOT_SENT: this call never left the machine, or was refused unprocessed by the provider's own
    documentation; it says nothing of an earlier call with the same key. UNKNOWN: the call may have
    been carried out. NOT_FOUND: only of LOOK_UP; the provider knows no such object (yet).
    """

    SUCCESS = "success"
    PENDING = "pending"
    ACTION = "action"
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_SENT = "not_sent"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Whether a call may be repeated with its key, and for how many seconds after the first."""

    kind: Literal["key", "none"]
    ttl_seconds: int


@dataclass(frozen=True, slots=True)
class VerbCapability:
    """What may be done when a call of this verb got no answer."""

    idempotency: Idempotency
    lookup: frozenset[LookUp]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connector can do.

    `currencies` None means every ISO 4217 currency; `exponents` lists only deviations from ISO
    4217; `card_entry` is how card data may reach the provider; `one_time_tokens` says that a card
    token is used up by its first call and must not be stored.
    """

    methods: frozenset[str]
    currencies: frozenset[str] | None
    verbs: Mapping[Verb, VerbCapability]
    card_entry: frozenset[Literal["token", "jwe", "redirect"]]
    one_time_tokens: bool = False
    exponents: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ConnectorConfig:
    """One connector account: where it is and how to sign in. `account` is its public id."""

    connector: str
    account: str
    base_url: str
    credentials: Mapping[str, str] = field(repr=False)

    def address(self, path: str) -> str:
        """Join the base URL and `path`, which starts with a slash; ConfigurationError if unusable.

        Parts of `path` that come from outside must be quoted by the caller.
        """
        if not _is_web_address(self.base_url):
            raise ConfigurationError([f"{self.account}: base_url is no http or https address."])
        return self.base_url.rstrip("/") + path

    def credential(self, name: str) -> str:
        """Read one credential; ConfigurationError names it when it is missing."""
        value = self.credentials.get(name, "")
        if not value:
            raise ConfigurationError(
                [f"{self.account}: {name} is missing. Set it on the connector account."]
            )
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRequest:
    """One thing asked of a provider.

    `key` is the operation's own idempotency key; `amount_minor` counts minor units of `currency`;
    `reference` and `operation` are our public ids of payment and operation; `parent_reference` is
    the provider's id of the charge that a capture, void or refund belongs to. For LOOK_UP, `key`
    and `looked_up_verb` are those of the operation looked up, and `provider_reference` is the
    provider's id of it where one is known.
    """

    verb: Verb
    key: str
    amount_minor: int
    currency: str
    reference: str
    operation: str
    parent_reference: str | None = None
    card_token: str | None = field(default=None, repr=False)
    return_url: str | None = None
    description: str = ""
    reason: str | None = None
    provider_reference: str | None = None
    looked_up_verb: Verb | None = None


@dataclass(frozen=True, slots=True)
class NextAction:
    """What the payer must do; ValueError for an address that a browser should not be sent to."""

    type: Literal["redirect"]
    url: str

    def __post_init__(self) -> None:
        """Refuse anything but an absolute http(s) address."""
        if not _is_web_address(self.url):
            raise ValueError("the address of the next action is no http(s) address")


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the provider says of the card; the fingerprint counts within the connector account."""

    brand: str
    last4: str
    fingerprint: str

    def __post_init__(self) -> None:
        """Refuse more digits than four: they would be a card number."""
        if len(self.last4) > _LAST_FOUR:
            raise ValueError("last4 holds more than four characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """The transcript of one call: scrubbed of card numbers, secrets and the account's credentials.

    `url` has no query; `status` is None when no whole answer came; `error` then says why.
    """

    verb: Verb
    method: str
    url: str
    status: int | None
    duration_ms: int
    request_masked: Mapping[str, object]
    response_masked: Mapping[str, object] | None
    error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What an answer says, raw: amount, currency and reference are the provider's own.

    `failure_code` is ours; `provider_code` and
    `provider_text` are the provider's words.
    """

    outcome: Outcome
    provider_reference: str | None = None
    amount_minor: int | None = None
    currency: str | None = None
    reference: str | None = None
    action: NextAction | None = None
    failure_code: FailureCode | None = None
    provider_code: str | None = None
    provider_text: str | None = None
    card: CardFacts | None = None

    def __post_init__(self) -> None:
        """Refuse with ValueError what no column holds, while the answer can still be doubted."""
        if self.amount_minor is not None and not 0 <= self.amount_minor < 2**63:
            raise ValueError("the amount is out of range")
        for text in (self.provider_reference, self.currency, self.reference):
            if text is not None and (len(text) > _LONGEST_ID or not text.isprintable()):
                raise ValueError("an id or code is too long or cannot be printed")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer(Reading):
    """A reading with its transcript. `event_id` names this piece of evidence once and for all."""

    call: CallRecord
    event_id: str


_TOO_MANY_REQUESTS = 429
_ERRORS_BEGIN = 400
_SERVER_ERRORS_BEGIN = 500
_OK_BEGINS = 200
_OK_ENDS = 300
_UNREADABLE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    PayAgencyError,
    RecursionError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class _Attempt:
    reading: Reading
    call: HttpCall | None = None
    reply: HttpReply | None = None
    error: PayAgencyError | None = None


def _private_parts(url: str) -> list[str]:
    """Return what makes the payer's page reachable: long path segments and the query's values."""
    parts = urlsplit(url)
    values = [value for _, _, value in (pair.partition("=") for pair in parts.query.split("&"))]
    return [part for part in (*parts.path.split("/"), *values) if len(part) >= _SHORTEST_TOKEN]


class Connector(ABC):
    """One way to one provider: a mapping table and a few verbs; stateless and shared by threads."""

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    door: ProviderHttp = DOOR

    @abstractmethod
    def build(self, config: ConnectorConfig, request: ProviderRequest) -> HttpCall:
        """Put the request into the provider's words.

        Raises ConfigurationError or BadInputError when it cannot; nothing has been sent then.
        """

    @abstractmethod
    def read(self, request: ProviderRequest, status: int, body: Mapping[str, object]) -> Reading:
        """Read a JSON answer with a status of 2xx or 4xx (429 is the base's).

        Anything unexpected may raise LookupError, TypeError or ValueError: it becomes UNKNOWN.
        """

    def run(
        self, config: ConnectorConfig, request: ProviderRequest, *, timeout_seconds: float
    ) -> ProviderAnswer:
        """Call the provider once and tell what came of it, within `timeout_seconds`.

        Never raises for anything that a provider, the network or the configuration does: a call
        that could not be made is NOT_SENT, one without a usable answer UNKNOWN (domain rule: a
        timeout or 5xx is never `failed`).
        """
        started = time.monotonic()
        attempt = self._attempt(config, request, timeout_seconds)
        duration_ms = round((time.monotonic() - started) * 1000)
        call, reply, error = attempt.call, attempt.reply, attempt.error
        hidden = [request.card_token or "", *_private_parts(request.return_url or "")]
        mask = Mask([*config.credentials.values(), *hidden])
        record = CallRecord(
            verb=request.verb,
            method=call.method if call else "",
            url=mask.url(call.url) if call else "",
            status=reply.status if reply else None,
            duration_ms=duration_ms,
            request_masked=mask.request(call, request.key),
            response_masked=mask.response(reply),
            error=mask.text(error.detail) if error else None,
        )
        return _answer(attempt.reading, record, mask)

    def _attempt(
        self, config: ConnectorConfig, request: ProviderRequest, timeout_seconds: float
    ) -> _Attempt:
        try:
            call = self.build(config, request)
        except PayAgencyError as error:
            return _Attempt(_not_sent(FailureCode.CONFIGURATION_ERROR), error=error)
        try:
            reply = self.door.send(call, timeout_seconds=timeout_seconds)
        except NotSentError as error:
            return _Attempt(_not_sent(FailureCode.PROVIDER_UNAVAILABLE), call, error=error)
        except NoAnswerError as error:
            return _Attempt(Reading(outcome=Outcome.UNKNOWN), call, error=error)
        return _Attempt(self._judge(request, reply), call, reply)

    def _judge(self, request: ProviderRequest, reply: HttpReply) -> Reading:
        """Read the answer, or say why it proves nothing."""
        code = f"http_{reply.status}"
        text = reply.content[: 4 * _LONGEST_TEXT].decode(errors="replace")
        unknown = Reading(outcome=Outcome.UNKNOWN, provider_code=code, provider_text=text)
        if reply.status == _TOO_MANY_REQUESTS:
            return replace(unknown, outcome=Outcome.NOT_SENT, failure_code=FailureCode.RATE_LIMITED)
        ok = _OK_BEGINS <= reply.status < _OK_ENDS
        if not ok and not _ERRORS_BEGIN <= reply.status < _SERVER_ERRORS_BEGIN:
            return unknown
        try:
            reading = self.read(request, reply.status, json_object(reply.content))
        except _UNREADABLE:
            return unknown
        if request.verb is Verb.LOOK_UP and not ok and reading.outcome is not Outcome.NOT_FOUND:
            return replace(reading, outcome=Outcome.UNKNOWN)  # a refused question is no answer
        return reading


def _not_sent(failure_code: FailureCode) -> Reading:
    return Reading(outcome=Outcome.NOT_SENT, failure_code=failure_code)


def _answer(reading: Reading, record: CallRecord, mask: Mask) -> ProviderAnswer:
    parts = {part.name: getattr(reading, part.name) for part in fields(reading)}
    for name, longest in (("provider_code", _LONGEST_CODE), ("provider_text", _LONGEST_TEXT)):
        if parts[name] is not None:
            parts[name] = mask.text(parts[name])[:longest]
    return ProviderAnswer(**parts, call=record, event_id=_event_id())


def _event_id() -> str:
    """Name a call in letters: 128 bits in hexadecimal may look like a card number to `scrub`."""
    return f"call_{base64.b32encode(secrets.token_bytes(16)).decode().rstrip('=').lower()}"


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and text.isprintable()
