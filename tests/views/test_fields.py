from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, Numeric
from sqlalchemy.orm import DeclarativeBase
from werkzeug.datastructures import MultiDict
from wtforms import Form, StringField

from app.queries.interface import RecordInterface
from app.views.fields import ExactDecimalField, MoneyField, field_for, kept

if TYPE_CHECKING:
    from decimal import Decimal


class Base(DeclarativeBase):
    """Tables of these tests only."""


class Rate(Base):
    """A table with a column that the framework's own form would round."""

    __tablename__ = "rate"
    id = Column(Integer, primary_key=True)
    value = Column(Numeric(30, 12), nullable=False)


class DecimalForm(Form):
    """One exact decimal."""

    value = ExactDecimalField()


class MoneyForm(Form):
    """An amount with its currency."""

    currency = StringField()
    amount = MoneyField()


class Holder:
    """A row that is edited."""

    currency = "KWD"


class EditForm(Form):
    """An amount of a row whose currency stays."""

    amount = MoneyField()
    item = Holder()


@given(st.decimals(allow_nan=False, allow_infinity=False, places=12))
def test_a_decimal_is_shown_and_kept_with_all_its_digits(value: Decimal) -> None:
    shown = DecimalForm(data={"value": value}).value._value()
    sent = DecimalForm(MultiDict({"value": shown}))
    assert sent.validate()
    assert sent.value.data == value


def test_a_numeric_column_gets_the_exact_field() -> None:
    form = type("Form", (Form,), {"value": field_for(RecordInterface(Rate), "value", "Value", "")})
    assert isinstance(form()["value"], ExactDecimalField)


def test_what_was_typed_is_shown_again() -> None:
    form = DecimalForm(MultiDict({"value": "1.2x"}))
    assert not form.validate()
    assert form.value._value() == "1.2x"
    assert DecimalForm().value._value() == ""


@pytest.mark.parametrize(
    "text,currency,minor",
    [("10.50", "EUR", 1050), ("0.30", "usd", 30), ("7", "JPY", 7), ("0", "INR", 0)],
)
def test_an_amount_is_kept_in_minor_units(text: str, currency: str, minor: int) -> None:
    form = MoneyForm(MultiDict({"amount": text, "currency": currency}))
    assert form.validate()
    assert kept(form.amount) == minor


@pytest.mark.parametrize(
    "text,currency", [("10.505", "EUR"), ("1e3", "EUR"), ("1,000", "EUR"), ("5", ""), ("-1", "EUR")]
)
def test_an_amount_that_is_not_exact_is_refused(text: str, currency: str) -> None:
    form = MoneyForm(MultiDict({"amount": text, "currency": currency}))
    assert not form.validate()
    assert form.amount.errors


def test_the_currency_of_the_row_counts_where_the_form_has_none() -> None:
    form = EditForm(MultiDict({"amount": "1.005"}))
    assert form.validate()
    assert kept(form.amount) == 1005


def test_an_empty_amount_is_nothing() -> None:
    form = MoneyForm(MultiDict({"amount": "", "currency": "EUR"}))
    assert form.validate()
    assert kept(form.amount) is None
