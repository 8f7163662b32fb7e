"""The chart of accounts: what each account is, whose it is, and the code of its row."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

from app.errors import PayAgencyError, said

if TYPE_CHECKING:
    from collections.abc import Mapping


class AccountType(StrEnum):
    """What a balance means; a position is one leg of an exchange of currencies."""

    ASSET = "asset"
    LIABILITY = "liability"
    REVENUE = "revenue"
    EXPENSE = "expense"
    POSITION = "position"


class AccountOwner(StrEnum):
    """Whom an account is kept for; it decides whose id stands in the row's code."""

    MERCHANT = "merchant"
    CONNECTOR = "connector"
    AGENT = "agent"
    HOUSE = "house"


class AccountUnknownError(PayAgencyError):
    """No account of this code stands in the chart."""

    code = "account_unknown"
    title = said("Unknown ledger account")


class AccountOwnerMissingError(PayAgencyError):
    """The account belongs to somebody who was not named."""

    code = "account_owner_missing"
    title = said("Whose ledger account?")


@dataclass(frozen=True, slots=True, order=True)
class AccountRef:
    """An account of the chart, before it is known whose; each exists per book and currency."""

    code: str
    owner: AccountOwner


MERCHANT_PENDING: Final = AccountRef("merchant:pending", AccountOwner.MERCHANT)
MERCHANT_AVAILABLE: Final = AccountRef("merchant:available", AccountOwner.MERCHANT)
MERCHANT_RESERVE: Final = AccountRef("merchant:reserve", AccountOwner.MERCHANT)
MERCHANT_DISPUTED: Final = AccountRef("merchant:disputed", AccountOwner.MERCHANT)
MERCHANT_IN_REFUND: Final = AccountRef("merchant:in_refund", AccountOwner.MERCHANT)
MERCHANT_IN_PAYOUT: Final = AccountRef("merchant:in_payout", AccountOwner.MERCHANT)
PROVIDER_RECEIVABLE: Final = AccountRef("provider:receivable", AccountOwner.CONNECTOR)
PROVIDER_DISPUTED: Final = AccountRef("provider:disputed", AccountOwner.CONNECTOR)
SUSPENSE: Final = AccountRef("suspense", AccountOwner.CONNECTOR)
AGENT_COMMISSION: Final = AccountRef("agent:commission", AccountOwner.AGENT)
REVENUE_MDR: Final = AccountRef("revenue:mdr", AccountOwner.HOUSE)
REVENUE_FIXED: Final = AccountRef("revenue:fixed", AccountOwner.HOUSE)
REVENUE_REFUND_FEE: Final = AccountRef("revenue:refund_fee", AccountOwner.HOUSE)
REVENUE_CHARGEBACK_FEE: Final = AccountRef("revenue:chargeback_fee", AccountOwner.HOUSE)
EXPENSE_PROVIDER_FEE: Final = AccountRef("expense:provider_fee", AccountOwner.HOUSE)
EXPENSE_NETWORK_FEE: Final = AccountRef("expense:network_fee", AccountOwner.HOUSE)
EXPENSE_CHARGEBACK_LOSS: Final = AccountRef("expense:chargeback_loss", AccountOwner.HOUSE)
TAX: Final = AccountRef("tax:fee", AccountOwner.HOUSE)
"""The tax on our fees, owed to the state."""

SHARDS: Final = 16
"""How many rows a shared account is spread over, so that it does not serialise its writers."""

_TYPES: Final[Mapping[str, AccountType]] = MappingProxyType(
    {
        "provider": AccountType.ASSET,
        "bank": AccountType.ASSET,
        "wallet": AccountType.ASSET,
        "merchant": AccountType.LIABILITY,
        "agent": AccountType.LIABILITY,
        "tax": AccountType.LIABILITY,
        # Money that is not known to be anybody's yet is owed to somebody.
        "suspense": AccountType.LIABILITY,
        "revenue": AccountType.REVENUE,
        "expense": AccountType.EXPENSE,
        "fx": AccountType.POSITION,
    },
)
_CREDIT_NORMAL: Final = frozenset({AccountType.LIABILITY, AccountType.REVENUE})


def account_type(ref: AccountRef) -> AccountType:
    """What a balance of the account means; raises AccountUnknownError."""
    head = ref.code.partition(":")[0]
    if head not in _TYPES:
        raise AccountUnknownError(
            said("No ledger account is called {account}.", account=ref.code), code=ref.code
        )
    return _TYPES[head]


def normal_sign(kind: AccountType) -> Literal[1, -1]:
    """What a balance (debits positive) is multiplied with so that it usually shows positive."""
    return -1 if kind in _CREDIT_NORMAL else 1


def is_sharded(ref: AccountRef) -> bool:
    """Whether the account's balance is the sum of SHARDS rows: all that many payments share."""
    return ref.owner in {AccountOwner.HOUSE, AccountOwner.CONNECTOR}


def qualify(
    ref: AccountRef,
    *,
    merchant: str | None = None,
    connector_account: str | None = None,
    agent: str | None = None,
) -> str:
    """The code of the concrete row, such as "merchant:mer_x:pending" or "revenue:mdr".

    The ids are public ones. Raises AccountOwnerMissingError where the owner's id is not given.
    """
    if ref.owner == AccountOwner.HOUSE:
        return ref.code
    owner_id = {
        AccountOwner.MERCHANT: merchant,
        AccountOwner.CONNECTOR: connector_account,
        AccountOwner.AGENT: agent,
    }[ref.owner]
    if not owner_id:
        raise AccountOwnerMissingError(
            said(
                "{account} is kept per {owner}, and none was named.",
                account=ref.code,
                owner=ref.owner,
            ),
            code=ref.code,
        )
    head, _, tail = ref.code.partition(":")
    return f"{head}:{owner_id}:{tail}" if tail else f"{head}:{owner_id}"
