"""Form fields that lose nothing: exact decimals, amounts in major units, keys of other tables."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask_babel import gettext, lazy_gettext
from wtforms import BooleanField, DecimalField, IntegerField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from app.domain.currencies import parse_currency
from app.errors import BadInputError
from app.reports import formats
from app.views.amounts import plain_percent, read_amount, read_percent
from app.views.forms import sentence
from app.views.locales import reader
from app.views.suggestions import SUGGESTED

if TYPE_CHECKING:
    from wtforms import Field

    from app.queries.interface import RecordInterface
    from app.views.suggestions import Choices


class ExactDecimalField(DecimalField):
    """A decimal that is shown and kept with all its digits."""

    def __init__(self, *arguments: Any, **names: Any) -> None:
        """Switch the rounding off."""
        super().__init__(*arguments, **{**names, "places": None})

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return format(self.data, "f") if isinstance(self.data, Decimal) else ""


class MoneyField(StringField):
    """An amount typed in major units; `kept` is in minor units of the row's currency."""

    kept: int | None = None
    suffix = ""
    """The unit, where the currency stays as it is."""

    def pre_validate(self, form: Any) -> None:
        """Read the amount exactly, in the currency of the form or of the row that is edited."""
        if not self.data:
            return
        typed = form["currency"].data if "currency" in form else form.item.currency
        try:
            currency = parse_currency(str(typed or ""))
            money = read_amount(self.data, currency, place=self.name, allow_zero=True)
        except BadInputError as error:
            raise ValidationError(sentence(error)) from error
        self.kept = money.amount_minor


class PercentField(StringField):
    """A percentage with at most two decimals; `kept` is in basis points."""

    kept: int | None = None
    suffix = "%"

    def process_data(self, value: int | None) -> None:
        """Show basis points as a percentage, without decimals that say nothing."""
        self.data = None if value is None else plain_percent(value)

    def pre_validate(self, form: Any) -> None:
        """Read it exactly, with the reader's decimal mark."""
        del form
        if not self.data:
            return
        try:
            self.kept = read_percent(self.data, self.name)
        except BadInputError as error:
            raise ValidationError(sentence(error)) from error


class SuggestedField(StringField):
    """A code that is one of many, found by typing."""


class RelatedField(SuggestedField):
    """The key of another table, typed by name; suggestions come from a scoped query."""

    kept: int | list[int] | None = None

    def __init__(self, *arguments: Any, datamodel: RecordInterface, **names: Any) -> None:
        """Remember the table whose column this is."""
        super().__init__(*arguments, **names)
        self.datamodel = datamodel

    def pre_validate(self, form: Any) -> None:
        """Look the row up through the guard: what is not seen does not exist."""
        del form
        if not self.data:
            return
        try:
            self.kept = self.datamodel.resolve(self.short_name, self.data.strip())
        except BadInputError as error:
            raise ValidationError(sentence(error)) from error


class RelatedListField(RelatedField):
    """Several keys of another table, typed by name with commas between."""

    def pre_validate(self, form: Any) -> None:
        """Look each row up through the guard."""
        del form
        names = [name.strip() for name in (self.data or "").split(",") if name.strip()]
        try:
            self.kept = [self.datamodel.resolve(self.short_name, name) for name in names]
        except BadInputError as error:
            raise ValidationError(sentence(error)) from error


def choice(label: str, choices: Choices, description: str = "") -> SelectField:
    """Return a field that takes one of a few written values, none of them by default."""

    def offered() -> Any:
        return [("", gettext("Choose one")), *choices()]

    return SelectField(label, [required()], description=description, choices=offered)


def required() -> InputRequired:
    """Return the check that something was typed."""
    return InputRequired(lazy_gettext("This cannot be left empty."))


def kept(field: Any) -> Any:
    """Return what a field's value becomes in its column."""
    return field.kept if hasattr(field, "kept") else field.data


def field_for(datamodel: RecordInterface, name: str, label: str, description: str) -> Field:
    """Return the field of a column; raises TypeError for a type that no form may hold."""
    checks: list[Any] = [Optional() if datamodel.is_nullable(name) else required()]
    if name in datamodel.related:
        return RelatedField(label, checks, description=description, datamodel=datamodel)
    if name in datamodel.money:
        return MoneyField(label, checks, description=description)
    if datamodel.is_boolean(name):
        return BooleanField(label, description=description)
    if datamodel.is_numeric(name):
        return ExactDecimalField(label, checks, description=description)
    if datamodel.is_integer(name):
        return IntegerField(label, checks, description=description)
    if datamodel.is_string(name):
        longest = datamodel.get_max_length(name)
        checks += [Length(max=longest)] if longest > 0 else []
        kind = SuggestedField if name in SUGGESTED else StringField
        return kind(label, checks, description=description)
    message = f"{datamodel.model_name}.{name} has a type that no generated form may hold"
    raise TypeError(message)


def shown(datamodel: RecordInterface, item: Any, name: str) -> Any:
    """Return what the form shows for a column of a row."""
    value = getattr(item, name)
    if name in datamodel.related:
        return datamodel.named(name, value)
    if name in datamodel.money:
        currency = getattr(item, datamodel.money[name])
        return formats.plain_amount(value, currency, reader().formats)
    return value
