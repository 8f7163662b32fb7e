"""What a payment method can do, as a row of data: nothing is decided by a method's name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Family: TypeAlias = Literal["card", "upi", "crypto", "apm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodRow:
    """One method as one connector offers it.

    `name` tells the methods of a family apart and is empty where there is only one (card); `title`
    is its proper name. `currencies` and `countries` None mean any. Limits are in minor units by
    currency. `expires_seconds` is how long the payer has. `late_days`: money may still come so long
    after the method failed or expired, and the provider is asked about it. `delayed`: paid, it may
    stay pending for days. `may_fail_after`: a success can be taken back (a returned bank debit, a
    reorganised chain). `payer_sets_amount`: the payer decides how much is sent; within
    `tolerance_bps` of the amount it counts as paid. `decimals` of a crypto asset. `details` are the
    names of what the payer or the merchant has to give for it besides, such as `vpa`.
    """

    family: Family
    name: str
    title: str
    currencies: frozenset[str] | None = None
    countries: frozenset[str] | None = None
    minimum_minor: Mapping[str, int] = field(default_factory=dict)
    maximum_minor: Mapping[str, int] = field(default_factory=dict)
    manual_capture: bool = False
    refundable: bool = True
    partial_refund: bool = True
    expires_seconds: int | None = None
    delayed: bool = False
    late_days: int = 0
    may_fail_after: bool = False
    chargeback: bool = False
    payer_sets_amount: bool = False
    tolerance_bps: int = 0
    decimals: int | None = None
    details: tuple[str, ...] = ()
