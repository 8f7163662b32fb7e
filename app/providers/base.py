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
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from app.domain.failures import FailureCode
from app.errors import PayAgencyError, UnavailableError, said
from app.providers.capabilities import (
    Capabilities,
    Idempotency,
    LookUp,
    Verb,
    VerbCapability,
)
from app.providers.facts import (
    CallRecord,
    CardFacts,
    CryptoFacts,
    DisputeFacts,
    NextAction,
    Outcome,
    ProviderAnswer,
    ProviderEvent,
    Reading,
)
from app.providers.http import DOOR, HttpCall, HttpReply, NoAnswerError, NotSentError, ProviderHttp
from app.providers.request import ConnectorConfig, ProviderRequest
from app.providers.transcript import UNREADABLE, Mask, json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.providers.card_keys import CardKey
    from app.providers.webhooks import WebhookReader

__all__ = [
    "CallRecord",
    "Capabilities",
    "CardFacts",
    "Connector",
    "ConnectorConfig",
    "CryptoFacts",
    "DisputeFacts",
    "Idempotency",
    "LookUp",
    "NextAction",
    "Outcome",
    "ProviderAnswer",
    "ProviderEvent",
    "ProviderRequest",
    "Reading",
    "Verb",
    "VerbCapability",
]

_SHORTEST_TOKEN = 16
_LONGEST_CODE = 100
_LONGEST_TEXT = 500


_TOO_MANY_REQUESTS = 429
_ERRORS_BEGIN = 400
_SERVER_ERRORS_BEGIN = 500
_OK_BEGINS = 200
_OK_ENDS = 300
_REGISTER_SECONDS = 5.0


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
    webhooks: ClassVar[WebhookReader | None] = None
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

    def register(
        self, config: ConnectorConfig, url: str, *, timeout_seconds: float = _REGISTER_SECONDS
    ) -> bool:
        """Have the provider send its messages to `url`; False where it has no door for that.

        May be done again at any time. Raises ConfigurationError for what the account lacks and
        UnavailableError where the provider did not take it.
        """
        call = self.webhooks.registration(config, url) if self.webhooks else None
        if call is None:
            return False
        reply = self.door.send(call, timeout_seconds=timeout_seconds)
        if not _OK_BEGINS <= reply.status < _OK_ENDS:
            raise UnavailableError(said("The provider answers {status}.", status=reply.status))
        return True

    def card_key(self, _config: ConnectorConfig) -> CardKey | None:
        """Return the public key to which a card is encrypted for this account; None without one.

        Raises ConfigurationError for what the account lacks and UnavailableError where the provider
        does not tell it.
        """
        return None

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
        hidden = [
            request.card_token or "",
            request.encrypted_card or "",
            *request.details.values(),
            *_private_parts(request.return_url or ""),
        ]
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
        except UNREADABLE:
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
    facts = parts["method_facts"].items()
    parts["method_facts"] = {name: mask.text(text)[:_LONGEST_CODE] for name, text in facts}
    return ProviderAnswer(**parts, call=record, event_id=_event_id())


def _event_id() -> str:
    """Name a call in letters: 128 bits in hexadecimal may look like a card number to `scrub`."""
    return f"call_{base64.b32encode(secrets.token_bytes(16)).decode().rstrip('=').lower()}"
