"""What a provider tells: the outcome of a call, what the payer must do, and facts of the method."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from app.domain.failure_codes import FailureCode
    from app.providers.capabilities import Verb

_LONGEST_ID = 255
_LONGEST_EVENT_ID = 120
_LONGEST_KIND = 64
_LAST_FOUR = 4
_LONGEST_FIELD = 2_000
_DECIMAL = re.compile(r"[0-9]{1,20}(\.[0-9]{1,18})?", re.ASCII)


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


ActionType = Literal["redirect", "qr", "upi_intent", "crypto_address", "voucher"]
ACTION_FIELDS: Mapping[ActionType, tuple[str, ...]] = {
    "redirect": (),
    "qr": ("payload",),
    "upi_intent": ("payload",),
    "crypto_address": ("address", "asset", "amount"),
    "voucher": ("code",),
}
"""What each action cannot do without."""


@dataclass(frozen=True, slots=True)
class NextAction:
    """What the payer must do; ValueError for what a browser should not be handed.

    redirect: go to `url`. qr and upi_intent: `fields["payload"]` is the text of the code, or the
    link of the phone's app (`upi://pay?…`). crypto_address: `fields` has address, asset, amount
    (decimal text of the asset). voucher: `fields["code"]`, and `url` where there is a page of it.
    """

    type: ActionType
    url: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse an address that is not http(s), and anything missing or not to be shown."""
        if not all(_READABLE[name](self.fields.get(name, "")) for name in ACTION_FIELDS[self.type]):
            raise ValueError("the next action lacks a part, or one of it is none")
        if (self.url or self.type == "redirect") and not is_web_address(self.url):
            raise ValueError("the address of the next action is no http(s) address")
        for text in self.fields.values():
            _short(text, _LONGEST_FIELD)


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
class CryptoFacts:
    """What the payer was asked to send and what has arrived, in the asset's smallest units.

    `late_units` is the part of `received_units` that came after `expires_at`; `rate` is the price
    of one whole unit of the asset in the payment's currency, as decimal text.
    """

    asset: str
    decimals: int
    expected_units: int
    received_units: int
    late_units: int
    rate: str
    address: str
    confirmations: int
    confirmations_needed: int
    chain_reference: str
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFacts:
    """What a provider tells of a dispute, in our words.

    `stage`: inquiry, chargeback, pre_arbitration, arbitration. `status`: open, under_review, won,
    lost, accepted, expired. `withdrawn`: it has taken the money already.
    """

    stage: str
    status: str
    withdrawn: bool
    reason_code: str | None = None
    reason_text: str | None = None
    due_at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse with ValueError what no column holds."""
        if self.due_at is not None and self.due_at.tzinfo is None:
            raise ValueError("the day of the answer has no time zone")
        _short(self.reason_code or "", _LONGEST_KIND)
        _short(self.reason_text or "", _LONGEST_ID)


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

    `failure_code` is ours; `provider_code` and `provider_text` are the provider's words.
    `received_minor` is what has arrived so far, in minor units of `currency`, where the payer
    decides how much is sent. `method_facts` are texts about the method (an RRN, a masked VPA).
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
    received_minor: int | None = None
    method_facts: Mapping[str, str] = field(default_factory=dict)
    crypto: CryptoFacts | None = None
    dispute: DisputeFacts | None = None

    def __post_init__(self) -> None:
        """Refuse with ValueError what no column holds, while the answer can still be doubted."""
        for amount in (self.amount_minor, self.received_minor):
            if amount is not None and not 0 <= amount < 2**63:
                raise ValueError("the amount is out of range")
        facts = (*self.method_facts, *self.method_facts.values())
        for text in (self.provider_reference, self.currency, self.reference, *facts):
            _short(text or "", _LONGEST_ID)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer(Reading):
    """A reading with its transcript. `event_id` names this piece of evidence once and for all."""

    call: CallRecord
    event_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderEvent:
    """One message of a provider about one object, as its webhook carries it.

    `event_id` is the provider's own, the same in every copy. `verb` says what kind of object it is
    (a refund, a dispute); None for a kind that moves no money. It is matched to an operation by
    `provider_reference`, else by `operation`, our id that the provider keeps in its metadata;
    `parent_reference` is the charge that a dispute, refund or capture belongs to.
    """

    event_id: str
    kind: str
    verb: Verb | None
    provider_reference: str | None = None
    operation: str | None = None
    parent_reference: str | None = None
    reading: Reading | None = None

    def __post_init__(self) -> None:
        """Refuse with ValueError what no column holds, and an event without a name."""
        if not self.event_id or not self.kind:
            raise ValueError("an event without an id or a kind")
        _short(self.event_id, _LONGEST_EVENT_ID)
        _short(self.kind, _LONGEST_KIND)
        for text in (self.provider_reference, self.operation, self.parent_reference):
            _short(text or "", _LONGEST_ID)


def is_decimal(text: str) -> bool:
    return _DECIMAL.fullmatch(text) is not None


_READABLE: Mapping[str, Callable[[str], bool]] = {
    "payload": lambda text: text.startswith("upi://pay?"),
    "address": bool,
    "asset": bool,
    "amount": is_decimal,
    "code": bool,
}


def _short(text: str, longest: int) -> None:
    if len(text) > longest or not text.isprintable():
        raise ValueError("an id, code or text is too long or cannot be printed")


def is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and text.isprintable()
