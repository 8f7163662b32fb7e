"""What waits at the desk and how it may end, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from app.errors import said

if TYPE_CHECKING:
    from collections.abc import Mapping


class CaseKind(StrEnum):
    """Why a person has to decide."""

    UNKNOWN = "unknown"
    LATE = "late"
    SECOND = "second"
    OVER_PAID = "over_paid"
    UNDER_PAID = "under_paid"
    UNMATCHED = "unmatched"
    CONFLICTED = "conflicted"
    NEGATIVE_BALANCE = "negative_balance"


class Ending(StrEnum):
    """How a case may end."""

    SEND_BACK = "send_back"
    CREDIT = "credit"
    ACCEPT = "accept"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    KEEP = "keep"
    SET_APART = "set_apart"
    DISMISS = "dismiss"


BY_ITSELF: Final = "by_itself"
"""The ending of a case whose reason went away before anybody decided."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """One way to end a case: its name on a button, and what will happen then."""

    ending: Ending
    name: str
    consequence: str


_R: Final = MappingProxyType(
    {
        each.ending: each
        for each in (
            Resolution(
                Ending.SEND_BACK,
                said("Send it back to the payer"),
                said("The provider is asked to refund the money; the merchant gets nothing of it."),
            ),
            Resolution(
                Ending.CREDIT,
                said("Credit it to the merchant"),
                said("The money is added to what is available to the merchant, without a fee."),
            ),
            Resolution(
                Ending.ACCEPT,
                said("Accept it as this payment"),
                said("The payment is captured with its fee, as if the money had come in time."),
            ),
            Resolution(
                Ending.SUCCEEDED,
                said("It happened"),
                said("The operation counts as done, with its journals."),
            ),
            Resolution(
                Ending.FAILED,
                said("It did not happen"),
                said(
                    "The operation counts as failed. If the provider reports a success later, "
                    "that money is held apart."
                ),
            ),
            Resolution(
                Ending.KEEP,
                said("The facts stand as they are"),
                said("The mark of the contradiction is taken away; nothing is posted."),
            ),
            Resolution(
                Ending.SET_APART,
                said("This money is not this payment's"),
                said("Its capture is reversed and the money is held apart for another decision."),
            ),
            Resolution(
                Ending.DISMISS,
                said("Nothing has to be done"),
                said("The case is closed with the reason; nothing is posted."),
            ),
        )
    }
)
_MONEY: Final = (_R[Ending.SEND_BACK], _R[Ending.CREDIT])

RESOLUTIONS: Final[Mapping[CaseKind, tuple[Resolution, ...]]] = MappingProxyType(
    {
        CaseKind.UNKNOWN: (_R[Ending.SUCCEEDED], _R[Ending.FAILED]),
        CaseKind.LATE: (*_MONEY, _R[Ending.ACCEPT]),
        CaseKind.SECOND: _MONEY,
        CaseKind.OVER_PAID: _MONEY,
        CaseKind.UNDER_PAID: _MONEY,
        CaseKind.UNMATCHED: (_R[Ending.DISMISS],),
        CaseKind.CONFLICTED: (_R[Ending.KEEP], _R[Ending.SET_APART]),
        CaseKind.NEGATIVE_BALANCE: (_R[Ending.DISMISS],),
    }
)
"""Kind of case → the ways in which a person may end it."""


def resolution(kind: str, ending: str) -> Resolution | None:
    """The way to end a case of `kind` called `ending`; None where that is not one of its ways."""
    if kind not in set(CaseKind):
        return None
    return next((each for each in RESOLUTIONS[CaseKind(kind)] if each.ending == ending), None)
