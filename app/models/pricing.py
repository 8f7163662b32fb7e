"""Price lists of merchants: versions by the moment from which they count."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import (
    Code,
    Count,
    Currency,
    Key,
    Line,
    LongText,
    Minor,
    Model,
    Moment,
    PublicId,
    Reference,
    code_type,
)
from app.models.tenancy import MerchantOwned


class PriceList(MerchantOwned, Model):
    """What a merchant pays from `effective_from` on, in one currency, until the next version.

    `state`: draft or published; a published list is never changed. A draft without `effective_from`
    counts from its publication. Rates are in basis points, the agent's share in basis points of the
    fee, the tax in basis points of the fee.
    """

    __tablename__ = "price_list"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("merchant_id", "livemode", "id"),
        UniqueConstraint("merchant_id", "livemode", "currency", "effective_from"),
        CheckConstraint("tax_bps BETWEEN 0 AND 10000", name="tax_range"),
        CheckConstraint("agent_bps BETWEEN 0 AND 10000", name="agent_range"),
        CheckConstraint(
            "refund_fee_minor >= 0 AND chargeback_fee_minor >= 0", name="fees_not_negative"
        ),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    currency: Mapped[Currency]
    effective_from: Mapped[Moment | None]
    state: Mapped[Code]
    tax_bps: Mapped[Count] = mapped_column(default=0)
    agent: Mapped[str] = mapped_column(code_type(40), default="")
    agent_bps: Mapped[Count] = mapped_column(default=0)
    refund_fee_minor: Mapped[Minor] = mapped_column(default=0)
    chargeback_fee_minor: Mapped[Minor] = mapped_column(default=0)
    returns_fee: Mapped[Code] = mapped_column(default="none")
    note: Mapped[Line] = mapped_column(default="")
    created_by: Mapped[Line]
    created_at: Mapped[Moment]
    published_at: Mapped[Moment | None]


class PriceRule(MerchantOwned, Model):
    """One line of a price list: the fee of a method, and of a brand where one is named.

    `tiers` is a JSON list of {"from_minor", "percent_bps", "fixed_minor"} by the captured volume
    of the calendar month; empty where the price does not depend on it. `minimum_minor` and
    `maximum_minor` (the cap) bound the fee.
    """

    __tablename__ = "price_rule"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("merchant_id", "livemode", "price_list_id", "method", "brand"),
        ForeignKeyConstraint(
            ["merchant_id", "livemode", "price_list_id"],
            ["price_list.merchant_id", "price_list.livemode", "price_list.id"],
        ),
        CheckConstraint("percent_bps BETWEEN 0 AND 10000 AND fixed_minor >= 0", name="range"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    price_list_id: Mapped[Reference]
    method: Mapped[Code]
    brand: Mapped[Code] = mapped_column(default="")
    percent_bps: Mapped[Count]
    fixed_minor: Mapped[Minor]
    minimum_minor: Mapped[Minor | None]
    maximum_minor: Mapped[Minor | None]
    tiers: Mapped[LongText] = mapped_column(default="[]")
