"""The shapes of what programs are told of objects; amounts are integers in minor units."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Told(BaseModel):
    """What is answered."""

    model_config = ConfigDict(frozen=True)


class PaidBy(Told):
    """By what a payment was last tried; a card by its brand and last four digits."""

    type: str
    name: str | None
    brand: str | None
    last4: str | None


class NextAction(Told):
    """What the payer has to do; `fields` are payload, address, asset, amount or code."""

    type: Literal["redirect", "qr", "upi_intent", "crypto_address", "voucher"]
    url: str | None
    fields: dict[str, str]


class Failure(Told):
    """Why it failed, whose turn it is, and whether to try again."""

    code: str
    provider_code: str | None
    message: str
    who_can_act: str
    retry: str


class Fee(Told):
    """What was kept of captured money; `kind` is processing or tax."""

    kind: Literal["processing", "tax"]
    amount: int
    currency: str


class PaymentTold(Told):
    """A payment as it stands now."""

    id: str
    object: Literal["payment"] = "payment"
    status: str
    amount: int
    currency: str
    amount_authorized: int
    amount_captured: int
    amount_refunded: int
    amount_disputed: int
    capture: str
    reference: str
    description: str
    method: PaidBy | None
    next_action: NextAction | None
    failure: Failure | None
    fees: list[Fee]
    checkout_url: str
    return_url: str | None
    metadata: dict[str, str]
    livemode: bool
    created: str


class Jwk(Told):
    """A public key as RFC 7517 describes it."""

    kty: Literal["RSA"]
    n: str
    e: str
    alg: Literal["RSA-OAEP-256"]
    kid: str


class CardKeyTold(Told):
    """The key to which a card is encrypted for one account."""

    account: str
    object: Literal["card_key"] = "card_key"
    jwk: Jwk


class CardKeys(Told):
    """The keys of all accounts that take encrypted cards, the first in line first."""

    object: Literal["list"] = "list"
    data: list[CardKeyTold]


class RefundTold(Told):
    """A refund as it stands now."""

    id: str
    object: Literal["refund"] = "refund"
    payment: str
    amount: int
    currency: str
    status: Literal["processing", "requires_action", "succeeded", "failed"]
    reason: str | None
    failure: Failure | None
    livemode: bool
    created: str


class PaymentEventTold(Told):
    """Something that happened to a payment.

    `type` is `payment.created`, or a kind of operation and what happened to it: `refund.asked`,
    `purchase.requires_action`, `capture.failed`, `dispute.updated`. `operation` is its id (of a
    refund: the refund's), `status` how it stood then, `description` a sentence for people.
    """

    id: str
    object: Literal["payment_event"] = "payment_event"
    type: str
    payment: str
    operation: str | None
    status: Literal["processing", "requires_action", "succeeded", "failed"] | None
    amount: int | None
    currency: str | None
    description: str | None
    failure: Failure | None
    created: str


class BalanceTransactionTold(Told):
    """What moved one of the merchant's balances; several of them may come of one occasion.

    `account` is one of the balances of `GET /v1/balance`, and its amount is the sum of all that
    stand under it. `available_on` is when the money may be paid out, where that is known.
    """

    id: str
    object: Literal["balance_transaction"] = "balance_transaction"
    type: str
    account: str
    amount: int
    currency: str
    payment: str | None
    available_on: str | None
    livemode: bool
    created: str


class DisputeTold(Told):
    """A dispute as it stands now; `due` is when it must have been answered."""

    id: str
    object: Literal["dispute"] = "dispute"
    payment: str
    amount: int
    currency: str
    stage: str
    status: str
    reason_code: str | None
    reason: str | None
    due: str | None
    closed: str | None
    livemode: bool
    created: str


class UploadChecked(Told):
    """What the check has found, in rows.

    Those that are `valid` become payments, or payment links (`links`), of which `mails` are mailed
    to their payers; those that are `done` were before, `retry` are those whose payment failed
    before, `invalid` those with a fault.
    """

    total: int
    valid: int
    done: int
    retry: int
    invalid: int
    links: int
    mails: int


class UploadTold(Told):
    """A file of rows.

    `checked`, `totals` (of rows that become payments, in minor units by currency) and
    `link_totals` (of those that become payment links) are what the check has found so far, `rows`
    counts them by what they became (null in lists), `failure` says why the file is refused.
    """

    id: str
    object: Literal["bulk_upload"] = "bulk_upload"
    kind: str
    filename: str
    status: str
    decimal_mark: str
    checked: UploadChecked
    totals: dict[str, int]
    link_totals: dict[str, int]
    has_errors: bool
    failure: str | None
    rows: dict[str, int] | None
    livemode: bool
    created: str


class EndpointTold(Told):
    """An address that is told of events; its signing secret is told once, when it is made."""

    id: str
    object: Literal["webhook_endpoint"] = "webhook_endpoint"
    url: str
    description: str
    events: list[str]
    status: Literal["enabled", "disabled"]
    disabled_reason: str | None
    livemode: bool
    created: str


class LinkTold(Told):
    """A payment link as it stands now.

    `amount` is null where the payer enters it, from `amount_least` to `amount_most`.
    `payments_opened`, `payments_paid` and `amount_paid` are of its newest 10,000 payments.
    """

    id: str
    object: Literal["payment_link"] = "payment_link"
    url: str
    status: Literal["active", "paid", "expired", "inactive"]
    kind: Literal["one_off", "reusable"]
    title: str
    description: str
    amount: int | None
    amount_least: int | None
    amount_most: int | None
    currency: str
    max_payments: int | None
    reference: str
    return_url: str | None
    expires_at: str | None
    payments_opened: int
    payments_paid: int
    amount_paid: int
    livemode: bool
    created: str
