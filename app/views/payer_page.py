"""What the payer's page shows: how the payment stands, and what its payer has to do now.

Whoever holds the token sees whom they pay, how much, and how; nothing of the merchant's business
and nothing of another payer.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog
from flask_babel import gettext

import config
from app.domain.failures import FailureCode, describe
from app.domain.methods import crypto, upi
from app.domain.operations import OperationKind, OperationState
from app.errors import BadInputError
from app.queries import methods as rows
from app.queries import operations
from app.services import methods, open_payments
from app.views import face, qr, words
from app.views.locales import translate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from markupsafe import Markup
    from sqlalchemy.orm import Session

    from app.models import CryptoQuote, Operation, Payment
    from app.views.face import Face

log = structlog.get_logger()

_TAKES: Final = frozenset({OperationKind.PURCHASE, OperationKind.AUTHORIZE})
SYMBOLS: Final = {
    "paid": "check-circle",
    "reserved": "lock",
    "failed": "x-lg",
    "ended": "slash-circle",
    "returned": "arrow-return-left",
    "waiting": "hourglass-split",
}


@dataclass(frozen=True, slots=True)
class Coins:
    """What is to be sent and what has come, as decimal text of the asset."""

    asset: str
    address: str
    amount: str
    expected: str
    received: str = ""
    has_come: bool = False
    confirmations: int = 0
    confirmations_needed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the payer has to do; `kind` names its template below `payer/`, empty for nothing.

    `code` is the drawing to scan, `link` what a phone opens, `text` what is copied or read out.
    """

    kind: str = ""
    url: str = ""
    link: str = ""
    text: str = ""
    code: Markup | None = None
    coins: Coins | None = None


NOTHING: Final = Step()


@dataclass(frozen=True, slots=True)
class PayerPage:
    """Everything that the template shows; `version` changes whenever that does.

    `may_choose`: the payer may choose how to pay. `failure` is why the last try did not pay.
    """

    payment: Payment
    face: Face
    state: str
    symbol: str
    told: str
    step: Step
    deadline: datetime | None
    is_over: bool
    version: str
    may_choose: bool = False
    failure: str = ""

    @property
    def merchant(self) -> str:
        """Who is paid, as payers know them."""
        return self.face.name


def address(token: str) -> str:
    """Return the address of a payer's page, to be given to the payer."""
    return f"{config.get().public_url}/pay/{token}"


def build(session: Session, now: datetime, payment: Payment) -> PayerPage:
    """Read what the page shows."""
    state = words.payer_state(payment.status)
    asked = operations.of_payment(session, payment.id)
    step, deadline = NOTHING, None
    if state == "waiting":
        step, deadline = _step(session, payment, asked)
    # What has come in time is only waited for: there is nothing more to be late with.
    waits = step.kind != "confirming"
    is_over = waits and deadline is not None and crypto.is_over(now, deadline)
    shown = replace(NOTHING, coins=step.coins) if is_over else step
    return PayerPage(
        payment=payment,
        face=face.of(operations.merchant_of(session, payment.merchant_id)),
        state=state,
        symbol=SYMBOLS[state],
        told=words.for_payer(payment.status),
        step=shown,
        deadline=deadline,
        is_over=is_over,
        version=_version(payment.status, shown, is_over=is_over, tries=len(asked)),
        may_choose=state == "waiting" and open_payments.is_open(now, payment, asked),
        failure=_failure(payment),
    )


def _failure(payment: Payment) -> str:
    """Return why the last try of an open payment did not pay, in its payer's words."""
    if not payment.may_try_again or payment.failure_code not in set(FailureCode):
        return ""
    return translate(describe(FailureCode(payment.failure_code)).for_payer)


def _step(
    session: Session, payment: Payment, asked: Sequence[Operation]
) -> tuple[Step, datetime | None]:
    """Return what has to be done, and until when."""
    takes = [operation for operation in asked if operation.kind in _TAKES]
    if not takes or (payment.may_try_again and takes[-1].state == OperationState.FAILED):
        # Nothing to be done but to choose how to pay, which an open payment has its own time for.
        return NOTHING, payment.expires_at if payment.may_try_again else None
    quote = rows.quote_of_attempt(session, takes[-1].attempt_id)
    if quote is not None:
        return _coins_step(quote, payment), quote.expires_at
    step = _action_step(takes[-1], payment) or _request_step(session, takes)
    return step, _until(session, payment, takes[-1]) if step.kind else None


def _until(session: Session, payment: Payment, operation: Operation) -> datetime | None:
    """Return when a step is over: with the payment, or before by what its method allows."""
    if not payment.may_try_again:
        return payment.expires_at
    attempt = operations.attempt_of(session, operation)
    row = methods.row_of(attempt.method, attempt.method_name)
    if row is None or row.expires_seconds is None:
        return payment.expires_at
    own = attempt.created_at + timedelta(seconds=row.expires_seconds)
    return own if payment.expires_at is None else min(own, payment.expires_at)


def _action_step(operation: Operation, payment: Payment) -> Step | None:
    if operation.state != OperationState.ACTION or not operation.next_action:
        return None
    action = json.loads(operation.next_action)
    read = _ACTIONS.get(action["type"])
    return read(action["url"], action["fields"], payment) if read else None


def _redirect(url: str, _fields: Mapping[str, str], _payment: Payment) -> Step:
    return Step(kind="redirect", url=url)


def _scan(_url: str, fields: Mapping[str, str], payment: Payment) -> Step:
    """Show a code only where it asks for this payment's amount: an app believes what it reads."""
    link = fields.get("payload", "")
    try:
        asked = upi.read_link(link)
    except BadInputError:
        asked = None
    if asked is None or asked.amount_minor not in {None, payment.amount_minor}:
        log.warning("payload_not_shown", payment=payment.public_id)
        return NOTHING
    label = gettext("QR code to pay %(payee)s with a UPI app", payee=asked.name or asked.payee)
    return Step(kind="scan", link=link, text=asked.payee, code=qr.draw(link, label))


def _address(_url: str, fields: Mapping[str, str], _payment: Payment) -> Step:
    """Show an address of which the provider has told no quote: nobody counts what arrives there."""
    coins = Coins(
        asset=fields.get("asset", ""),
        address=fields.get("address", ""),
        amount=fields.get("amount", ""),
        expected=fields.get("amount", ""),
    )
    return _to_send(coins)


def _voucher(url: str, fields: Mapping[str, str], _payment: Payment) -> Step:
    return Step(kind="voucher", url=url, text=fields.get("code", ""))


_ACTIONS: Final[Mapping[str, Callable[[str, Mapping[str, str], Payment], Step]]] = {
    "redirect": _redirect,
    "qr": _scan,
    "upi_intent": _scan,
    "crypto_address": _address,
    "voucher": _voucher,
}


def _request_step(session: Session, takes: Sequence[Operation]) -> Step:
    """Say where a request waits that was sent to the payer's own address."""
    if takes[-1].state != OperationState.PENDING:
        return NOTHING
    vpa = methods.details_of(operations.attempt_of(session, takes[-1])).get("vpa")
    return Step(kind="request", text=upi.mask_vpa(vpa)) if vpa else NOTHING


def _coins_step(quote: CryptoQuote, payment: Payment) -> Step:
    row = methods.row_of(payment.method, quote.asset)
    stands = crypto.standing(
        quote.expected_units,
        quote.received_units,
        quote.late_units,
        row.tolerance_bps if row else 0,
    )
    is_short = stands.verdict is crypto.Received.UNDER
    coins = Coins(
        asset=quote.asset,
        address=quote.address,
        amount=crypto.to_text(stands.missing_units, quote.decimals),
        expected=crypto.to_text(quote.expected_units, quote.decimals),
        received=crypto.to_text(quote.received_units, quote.decimals),
        has_come=quote.received_units > 0,
        confirmations=min(quote.confirmations, quote.confirmations_needed),
        confirmations_needed=quote.confirmations_needed,
    )
    return _to_send(coins) if is_short else Step(kind="confirming", coins=coins)


def _to_send(coins: Coins) -> Step:
    label = gettext("QR code of the address to send %(asset)s to", asset=coins.asset)
    link = crypto.payment_uri(coins.asset, coins.address, coins.amount)
    return Step(kind="crypto", coins=coins, text=coins.address, code=qr.draw(link, label))


def _version(status: str, step: Step, *, is_over: bool, tries: int) -> str:
    """Return a mark of what is shown that tells nothing of it."""
    seen = "|".join([status, step.kind, step.url, step.link, step.text, repr(step.coins)])
    return hashlib.sha256(f"{seen}|{is_over}|{tries}".encode()).hexdigest()[:16]
