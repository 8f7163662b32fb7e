from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    Numeric,
    String,
    Table,
)

from tests.architecture import tables

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.sql.schema import SchemaItem

    Rule = Callable[[MetaData], list[str]]

PLANTED: dict[Rule, Callable[[], list[SchemaItem]]] = {
    tables.amounts_without_bigint: lambda: [Column("fee_minor", Integer), Column("currency")],
    tables.amounts_without_currency: lambda: [Column("fee_minor", BigInteger)],
    tables.inexact_columns: lambda: [Column("rate", Numeric(12, 4))],
    tables.naive_times: lambda: [Column("paid_at", DateTime)],
    tables.unnamed_constraints: lambda: [Column("n", Integer), CheckConstraint("n > 0")],
    tables.reserved_columns: lambda: [Column("rank", Integer)],
    tables.merchant_without_book: lambda: [Column("merchant_id", BigInteger)],
}
# Who belongs to which merchant, and what a merchant came by, is the same in both books.
IN_BOTH_BOOKS = {"membership", "merchant_application"}


def planted(*parts: SchemaItem) -> MetaData:
    metadata = MetaData(naming_convention={"pk": "pk_%(table_name)s"})
    Table("planted", metadata, Column("id", BigInteger, primary_key=True), *parts)
    return metadata


def test_there_are_tables_to_look_at() -> None:
    assert len(tables.ours(tables.live_metadata())) >= 10


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_the_tables_keep_the_rule(rule: Rule) -> None:
    assert sorted(set(rule(tables.live_metadata())) - IN_BOTH_BOOKS) == []


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_a_planted_violation_is_found(rule: Rule) -> None:
    assert len(rule(planted(*PLANTED[rule]()))) == 1


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_a_clean_table_is_left_alone(rule: Rule) -> None:
    clean = planted(Column("fee_minor", BigInteger), Column("fee_currency", String(24)))
    assert rule(clean) == []


def test_the_parents_currency_counts() -> None:
    metadata = planted(Column("currency", String(24)))
    key = ForeignKey("planted.id", name="fk_row_planted")
    Table("row", metadata, Column("planted_id", BigInteger, key), Column("n_minor", BigInteger))
    assert tables.amounts_without_currency(metadata) == []
