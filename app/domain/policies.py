"""What needs a second person, as data: who asks, who decides, from which amount on, how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from app.domain.currencies import exponent
from app.domain.permissions import MERCHANT_ROLES, ROLES, Permission
from app.errors import said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from app.domain.money import Money

ELSE_FROM_MAJOR: Final = 1_000
"""From so many major units on where a tier does not name the currency."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A command that one person asks for and another decides.

    `title` says what it is, `lasts` how long a request waits before it lapses. `from_minor` is
    currency (of a token, without its chain) → the amount in minor units from which on a second
    person is needed; without a tier, one always is.
    """

    command: str
    title: str
    maker: Permission
    checker: Permission
    lasts: timedelta
    from_minor: Mapping[str, int] | None = None


_P = Permission
_WEEK: Final = timedelta(days=7)
REFUND, ADJUST, WRITE_OFF = "payments.refund", "ledger.adjust", "ledger.write_off"
RESOLVE, END_UNKNOWN = "desk.resolve", "operation.end_unknown"
PUBLISH, LIMIT = "prices.publish", "limits.change"

# About a thousand euros each; the coins move, and are meant low rather than high.
_REFUNDS_FROM: Final = MappingProxyType(
    {
        "EUR": 1_000_00,
        "USD": 1_000_00,
        "GBP": 1_000_00,
        "CHF": 1_000_00,
        "INR": 100_000_00,
        "JPY": 150_000,
        "BTC": 1_000_000,
        "ETH": 300_000_000,
    }
)

POLICIES: Mapping[str, Policy] = MappingProxyType(
    {
        policy.command: policy
        for policy in (
            Policy(
                REFUND,
                said("Refund over the limit"),
                _P.PAYMENTS_REFUND,
                _P.REFUNDS_APPROVE,
                _WEEK,
                _REFUNDS_FROM,
            ),
            Policy(
                ADJUST,
                said("Manual adjustment of the ledger"),
                _P.LEDGER_ADJUST,
                _P.LEDGER_APPROVE,
                _WEEK,
            ),
            Policy(
                WRITE_OFF,
                said("Write-off"),
                _P.LEDGER_ADJUST,
                _P.LEDGER_APPROVE,
                _WEEK,
            ),
            Policy(
                RESOLVE,
                said("End of a case at the desk"),
                _P.DESK_RESOLVE,
                _P.DESK_APPROVE,
                _WEEK,
            ),
            Policy(
                END_UNKNOWN,
                said("End of an unknown outcome by hand"),
                _P.DESK_RESOLVE,
                _P.DESK_APPROVE,
                _WEEK,
            ),
            Policy(
                PUBLISH,
                said("Publication of a price list"),
                _P.PRICES_UPDATE,
                _P.PRICES_APPROVE,
                _WEEK,
            ),
            Policy(
                LIMIT,
                said("Change of a limit"),
                _P.CAPABILITIES_UPDATE,
                _P.CAPABILITIES_APPROVE,
                _WEEK,
            ),
        )
    }
)
"""Command → its policy; what is not in it needs no second person."""


def needs_second(command: str, amount: Money | None) -> bool:
    """Whether this command needs a second person.

    Below the tier of its currency it does not; one that has a tier and no amount does. A currency
    that its tier does not name counts from ELSE_FROM_MAJOR major units on.
    """
    policy = POLICIES.get(command)
    if policy is None:
        return False
    if policy.from_minor is None or amount is None:
        return True
    coin, _, _chain = amount.currency.partition("@")
    otherwise: int = ELSE_FROM_MAJOR * 10 ** exponent(amount.currency)
    return amount.amount_minor >= policy.from_minor.get(coin, otherwise)


def decided_by(permissions: AbstractSet[Permission]) -> frozenset[str]:
    """Return the commands that somebody with these permissions may decide on."""
    return frozenset(each.command for each in POLICIES.values() if each.checker in permissions)


def known_to(permissions: AbstractSet[Permission]) -> frozenset[str]:
    """Return the commands of which a merchant's person with these permissions sees the requests.

    What only the house asks for stays with the house, even where it is about the merchant.
    """
    return frozenset(
        each.command
        for each in POLICIES.values()
        if {each.maker, each.checker} & permissions and is_open_to_merchants(each.command)
    )


def is_open_to_merchants(command: str) -> bool:
    """Whether a role of merchants may ask for this command."""
    return any(POLICIES[command].maker in ROLES[role] for role in MERCHANT_ROLES)
