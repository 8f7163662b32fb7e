"""How many mails merchants have had sent to strangers, day by day."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Code, Count, Key, Model, code_type
from app.models.tenancy import MerchantOwned


class MailAllowance(MerchantOwned, Model):
    """What a merchant has used of the mails of a kind that it may have sent on a day of UTC."""

    __tablename__ = "mail_allowance"
    __table_args__ = (
        UniqueConstraint("merchant_id", "livemode", "kind", "day"),
        CheckConstraint("used >= 0", name="used_not_negative"),
    )

    id: Mapped[Key]
    kind: Mapped[Code]
    day: Mapped[str] = mapped_column(code_type(10))
    used: Mapped[Count] = mapped_column(default=0)
