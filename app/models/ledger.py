"""The double-entry ledger: accounts, journals, lines and balances, in two books."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import (
    Code,
    Count,
    Currency,
    Key,
    Line,
    Minor,
    Model,
    Moment,
    PublicId,
    Reference,
    code_type,
    id_type,
)
from app.models.tenancy import AccountOwned, HouseOwned


class LedgerAccount(AccountOwned, Model):
    """An account of one book, currency and owner; house accounts have several shards."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("livemode", "code", "currency", "shard"),
        UniqueConstraint("livemode", "currency", "id"),
        Index("ix_ledger_account_merchant", "merchant_id", "livemode"),
    )

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    code: Mapped[str] = mapped_column(code_type(120))
    type: Mapped[Code]
    currency: Mapped[Currency]
    shard: Mapped[Count]
    created_at: Mapped[Moment]


class LedgerJournal(HouseOwned, Model):
    """A balanced set of lines with one cause; append-only, unique per cause and kind."""

    __tablename__ = "ledger_journal"
    __table_args__ = (
        UniqueConstraint("public_id"),
        UniqueConstraint("livemode", "id"),
        UniqueConstraint("livemode", "cause_type", "cause_id", "kind"),
        Index("ix_ledger_journal_payment", "payment_id", "id"),
    )
    merchant_may_insert = True

    id: Mapped[Key]
    public_id: Mapped[PublicId]
    kind: Mapped[Code]
    cause_type: Mapped[Code]
    cause_id: Mapped[PublicId]
    payment_id: Mapped[int | None] = mapped_column(id_type())
    text: Mapped[Line]
    created_at: Mapped[Moment]


class LedgerLine(AccountOwned, Model):
    """One side of a journal: debit positive, credit negative; append-only."""

    __tablename__ = "ledger_line"
    __table_args__ = (
        ForeignKeyConstraint(
            ["livemode", "journal_id"], ["ledger_journal.livemode", "ledger_journal.id"]
        ),
        ForeignKeyConstraint(
            ["livemode", "currency", "account_id"],
            ["ledger_account.livemode", "ledger_account.currency", "ledger_account.id"],
        ),
        CheckConstraint("amount_minor <> 0", name="amount_not_zero"),
        Index("ix_ledger_line_account", "account_id", "id"),
        Index("ix_ledger_line_journal", "journal_id"),
        Index("ix_ledger_line_payment", "payment_id", "account_id"),
    )

    id: Mapped[Key]
    journal_id: Mapped[Reference]
    account_id: Mapped[Reference]
    kind: Mapped[Code]
    amount_minor: Mapped[Minor]
    currency: Mapped[Currency]
    payment_id: Mapped[int | None] = mapped_column(id_type())
    created_at: Mapped[Moment]

    account: Mapped[LedgerAccount] = relationship(
        LedgerAccount,
        primaryjoin="foreign(LedgerLine.account_id) == LedgerAccount.id",
        viewonly=True,
    )


class LedgerBalance(AccountOwned, Model):
    """The sum of an account's lines, changed in the transaction that adds them."""

    __tablename__ = "ledger_balance"

    account_id: Mapped[int] = mapped_column(
        id_type(), ForeignKey("ledger_account.id"), primary_key=True, autoincrement=False
    )
    currency: Mapped[Currency]
    balance_minor: Mapped[Minor] = mapped_column(default=0)
