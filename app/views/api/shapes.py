"""The shapes of the API's requests and answers; amounts are integers in minor units."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from app.domain.bulk_rows import (
    MAX_CARD_TOKEN,
    MAX_DESCRIPTION,
    MAX_EMAIL,
    MAX_METADATA_VALUE,
    MAX_NAME,
    MAX_PHONE,
    MAX_REFERENCE,
    is_email,
)
from app.domain.ledger.journals import JournalKind
from app.domain.money import MAX_MINOR
from app.domain.payments import DisputeStage, DisputeStatus
from app.services import card_entry
from app.services.told.shapes import (
    BalanceTransactionTold,
    DisputeTold,
    PaymentEventTold,
    PaymentTold,
    RefundTold,
    Told,
)

MOST_METADATA = 50
_PRINTED = r"^[^\x00-\x1f\x7f]*$"


def _email(text: str) -> str:
    if not is_email(text):
        raise ValueError("is no e-mail address")
    return text


def _web_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username is not None:
        raise ValueError("is no address that begins with https:// or http://")
    return text


def _text(longest: int, least: int = 1) -> StringConstraints:
    return StringConstraints(min_length=least, max_length=longest, pattern=_PRINTED)


def _moment(name: str) -> Any:
    return Field(alias=name, json_schema_extra={"format": "date-time"})


Amount = Annotated[int, Field(gt=0, le=MAX_MINOR)]
Text = Annotated[str, StringConstraints(max_length=255, pattern=_PRINTED)]
MetadataName = Annotated[str, _text(40)]
MetadataValue = Annotated[str, _text(MAX_METADATA_VALUE, 0)]
Metadata = Annotated[dict[MetadataName, MetadataValue], Field(max_length=MOST_METADATA)]


Account = Annotated[str, _text(40)]
Jwe = Annotated[str, StringConstraints(max_length=card_entry.LONGEST, pattern=card_entry.COMPACT)]


class Asked(BaseModel):
    """What is sent: exactly these members, of exactly these types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class CardMethod(Asked):
    """A card: by the token that a provider gave for it, or encrypted in the payer's browser.

    `encrypted_cards` are compact JWEs (RSA-OAEP-256, A256GCM) by the connector account to whose key
    each is encrypted.
    """

    type: Literal["card"]
    token: Annotated[str, _text(MAX_CARD_TOKEN)] | None = None
    encrypted_cards: Annotated[dict[Account, Jwe], Field(min_length=1, max_length=8)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.token is None) is (self.encrypted_cards is None):
            raise ValueError("needs either token or encrypted_cards")
        return self


class UpiMethod(Asked):
    """UPI: a code to scan, a link for the phone's app, or a request to the payer's address."""

    type: Literal["upi"]
    flow: Literal["qr", "intent", "collect"] = "qr"
    vpa: Annotated[str, _text(255)] | None = None


class CryptoMethod(Asked):
    """Coins of one asset, such as BTC or USDC@ethereum."""

    type: Literal["crypto"]
    asset: Annotated[str, _text(24)]


class ApmMethod(Asked):
    """An alternative method by its name, such as ideal."""

    type: Literal["apm"]
    name: Annotated[str, _text(32)]


Method = Annotated[CardMethod | UpiMethod | CryptoMethod | ApmMethod, Field(discriminator="type")]


class Customer(Asked):
    """Who pays; kept encrypted. `locale` is the language of mails to them."""

    name: Annotated[str, _text(MAX_NAME)] | None = None
    email: Annotated[str, _text(MAX_EMAIL), AfterValidator(_email)] | None = None
    phone: Annotated[str, _text(MAX_PHONE)] | None = None
    locale: Literal["en", "hi", "de"] | None = None


class PaymentRequest(Asked):
    """A payment to be made; without a method its payer chooses one on the hosted page."""

    amount: Amount
    currency: Annotated[str, _text(24)]
    method: Method | None = None
    reference: Annotated[str, _text(MAX_REFERENCE)]
    capture: Literal["automatic", "manual"] = "automatic"
    customer: Customer = Customer()
    description: Annotated[str, _text(MAX_DESCRIPTION, 0)] = ""
    return_url: Annotated[str, _text(255), AfterValidator(_web_address)] | None = None
    metadata: Metadata = {}


class CaptureRequest(Asked):
    """How much of what is authorized to capture; without an amount all that is left."""

    amount: Amount | None = None


class CancelRequest(Asked):
    """Why a payment is given up."""

    reason: Annotated[str, _text(255)] = "Canceled by the merchant's program"


class RefundRequest(Asked):
    """How much goes back to the payer; without an amount all that is left."""

    amount: Amount | None = None
    reason: Annotated[str, _text(255)] = "Refunded by the merchant's program"


class ListQuery(BaseModel):
    """A page of a list, newest first; moments are RFC 3339."""

    model_config = ConfigDict(extra="forbid")

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    starting_after: Text = ""
    ending_before: Text = ""
    created_gte: Annotated[str, _moment("created[gte]")] = ""
    created_lt: Annotated[str, _moment("created[lt]")] = ""


class PaymentQuery(ListQuery):
    """Which payments."""

    status: Text = ""
    method: Text = ""
    currency: Text = ""
    reference: Text = ""
    customer_email: Text = ""
    amount_gte: Annotated[int | None, Field(alias="amount[gte]", ge=0, le=MAX_MINOR)] = None
    amount_lte: Annotated[int | None, Field(alias="amount[lte]", ge=0, le=MAX_MINOR)] = None


class RefundQuery(ListQuery):
    """Which refunds."""

    currency: Text = ""
    reference: Text = ""


class DisputeQuery(ListQuery):
    """Which disputes; `payment` is the id of a payment."""

    status: DisputeStatus | None = None
    stage: DisputeStage | None = None
    currency: Text = ""
    payment: Text = ""


class BalanceTransactionQuery(ListQuery):
    """Which balance transactions."""

    currency: Text = ""
    type: JournalKind | None = None
    payment: Text = ""


class BalanceTold(Told):
    """What belongs to the merchant in one currency, by where it stands."""

    currency: str
    available: int
    pending: int
    reserve: int
    in_refund: int
    in_payout: int
    disputed: int


class Balances(Told):
    """The merchant's balances, a currency each."""

    object: Literal["balance"] = "balance"
    livemode: bool
    balances: list[BalanceTold]


class BalanceTransactionPage(Told):
    """A page of balance transactions.

    Narrowed by type or time it may hold fewer than `limit`, even none, and go on all the same.
    """

    object: Literal["list"] = "list"
    data: list[BalanceTransactionTold]
    has_more: bool
    next_cursor: str | None


class PaymentPage(Told):
    """A page of payments."""

    object: Literal["list"] = "list"
    data: list[PaymentTold]
    has_more: bool
    next_cursor: str | None


class PaymentEventPage(Told):
    """A page of what happened to a payment."""

    object: Literal["list"] = "list"
    data: list[PaymentEventTold]
    has_more: bool
    next_cursor: str | None


class DisputePage(Told):
    """A page of disputes."""

    object: Literal["list"] = "list"
    data: list[DisputeTold]
    has_more: bool
    next_cursor: str | None


class RefundPage(Told):
    """A page of refunds."""

    object: Literal["list"] = "list"
    data: list[RefundTold]
    has_more: bool
    next_cursor: str | None


class Fault(Told):
    """One place of a request that cannot be used, by JSON pointer."""

    pointer: str
    code: str
    detail: str


class Problem(Told):
    """What went wrong (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    code: str
    request_id: str | None
    errors: list[Fault] = []
