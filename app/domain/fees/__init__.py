"""Fees: rules and their versions, the exact computation, and how it explains itself."""

from app.domain.fees.breakdown import FeeBreakdown
from app.domain.fees.computing import (
    Placed,
    Returned,
    Shares,
    compute,
    returned,
    tax_on,
)
from app.domain.fees.rules import BASIS_POINTS, FeeRule, Rates, Terms, Tier, choose
from app.domain.fees.versions import RETURNS, ListTerms, check_list, check_moment

__all__ = [
    "BASIS_POINTS",
    "RETURNS",
    "FeeBreakdown",
    "FeeRule",
    "ListTerms",
    "Placed",
    "Rates",
    "Returned",
    "Shares",
    "Terms",
    "Tier",
    "check_list",
    "check_moment",
    "choose",
    "compute",
    "returned",
    "tax_on",
]
