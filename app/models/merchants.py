"""Merchants, who acts for them, and what they have been granted."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import (
    Code,
    Count,
    Currency,
    EncryptedText,
    Flag,
    Key,
    Line,
    Minor,
    Model,
    Moment,
    Name,
    PublicId,
    code_type,
    id_type,
)
from app.models.tenancy import HouseOwned, MembershipLike, MerchantItself, MerchantOwned


class Merchant(MerchantItself, Model):
    """A business that takes payments through us; one row for both books.

    `mcc` is its ISO 18245 category, `verified` whether the networks know it as verified, and
    `late_money` what happens to money that comes for a payment that is over: accept or refund.
    `receipts` is whether payers who gave an address are sent a receipt.

    Payers see `shown_name` (or the name), the logo that is kept at `logo_at`, `colour` (`#rrggbb`)
    and whom they may ask. They go on to `return_url` where nothing else was said, and only to
    `return_hosts`, one a line, where there are any. `upload_mails` is whether people are told of
    files that were worked off. Texts are empty where a merchant does without.
    """

    merchant_may_change = frozenset(
        {
            *("shown_name", "colour", "logo_at", "support_email", "support_url"),
            *("return_url", "return_hosts", "late_money", "receipts", "upload_mails"),
        }
    )

    __tablename__ = "merchant"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("key"),
        Index("ix_merchant_name", "name"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    key: Mapped[str] = mapped_column(code_type(40))
    name: Mapped[Name]
    country: Mapped[str] = mapped_column(code_type(2))
    default_currency: Mapped[Currency]
    timezone: Mapped[str] = mapped_column(code_type(40))
    status: Mapped[Code]
    mcc: Mapped[str] = mapped_column(code_type(4), default="", server_default="")
    verified: Mapped[Flag] = mapped_column(default=False, server_default=false())
    late_money: Mapped[str] = mapped_column(
        code_type(16), default="accept", server_default="accept"
    )
    receipts: Mapped[Flag] = mapped_column(default=True, server_default=true())
    shown_name: Mapped[Name] = mapped_column(default="", server_default="")
    colour: Mapped[str] = mapped_column(code_type(7), default="", server_default="")
    logo_at: Mapped[str] = mapped_column(code_type(160), default="", server_default="")
    support_email: Mapped[Line] = mapped_column(default="", server_default="")
    support_url: Mapped[Line] = mapped_column(default="", server_default="")
    return_url: Mapped[Line] = mapped_column(default="", server_default="")
    return_hosts: Mapped[str] = mapped_column(code_type(2000), default="", server_default="")
    upload_mails: Mapped[Flag] = mapped_column(default=True, server_default=true())
    created_at: Mapped[Moment]

    def __str__(self) -> str:
        """Return the name shown in selects."""
        return self.name

    @property
    def name_for_payers(self) -> str:
        """The name under which payers know it."""
        return self.shown_name or self.name


class Membership(MembershipLike, Model):
    """A user who acts for a merchant."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("user_id", "merchant_id"),)

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(Integer, ForeignKey("ab_user.id", ondelete="CASCADE"))
    merchant_id: Mapped[int] = mapped_column(id_type(), ForeignKey("merchant.id"))
    created_at: Mapped[Moment]

    merchant: Mapped[Merchant] = relationship(Merchant)


class Capability(MerchantOwned, Model):
    """What a merchant may do in a book: card, upi, crypto, apm, payouts or bulk."""

    __tablename__ = "capability"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("merchant_id", "livemode", "kind"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[Code]
    granted_by: Mapped[Name]
    granted_at: Mapped[Moment]


class AmountLimit(MerchantOwned, Model):
    """The largest single payment by method and currency; none means no limit of ours."""

    __tablename__ = "amount_limit"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("merchant_id", "livemode", "kind", "currency"),
        CheckConstraint("max_minor > 0", name="max_positive"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[Code]
    currency: Mapped[Currency]
    max_minor: Mapped[Minor]
    created_at: Mapped[Moment]


class Price(MerchantOwned, Model):
    """What the previous release takes fees by; price lists (`models/pricing.py`) count now."""

    __tablename__ = "price"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("merchant_id", "livemode", "method", "currency"),
        CheckConstraint("percent_bps BETWEEN 0 AND 10000 AND fixed_minor >= 0", name="range"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    method: Mapped[Code]
    currency: Mapped[Currency]
    percent_bps: Mapped[Count]
    fixed_minor: Mapped[Minor]
    created_at: Mapped[Moment]


class ConnectorAccount(HouseOwned, Model):
    """Our account with a provider: address and credentials, shared or of one merchant."""

    __tablename__ = "connector_account"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("id", "livemode"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    connector: Mapped[Code]
    name: Mapped[Name]
    base_url: Mapped[Line]
    credentials: Mapped[str] = mapped_column(EncryptedText("connector_account.credentials"))
    enabled: Mapped[Flag]
    created_at: Mapped[Moment]
