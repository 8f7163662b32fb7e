"""What every command stands on: an error is one clear line and exit code 1."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from app.adapters.db import reading, translate
from app.domain.actors import Actor
from app.errors import BadInputError, NotFoundError, PayAgencyError
from app.queries import actors

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.models import Merchant

_Result = TypeVar("_Result")

COMMAND_LINE = Actor.house(None, "command line")


def sentence(error: Exception) -> str:
    """Return what went wrong in words for the person at the terminal."""
    if isinstance(error, PayAgencyError):
        return f"{error.title}: {error.detail}"
    if isinstance(error, DBAPIError):
        known = translate(error)
        return f"{known.title}: {known.detail}" if known else f"The database says: {error.orig}"
    return f"{type(error).__name__}: {error}"


def shown(call: Callable[[], _Result]) -> _Result:
    """Call, and turn an expected error into one line on standard error and exit code 1."""
    try:
        return call()
    except (PayAgencyError, DBAPIError) as error:
        click.echo(sentence(error), err=True)
        raise SystemExit(1) from error


def merchant_named(name: str) -> Merchant:
    """Return a merchant by its short name or id. Raises NotFoundError."""
    with reading(COMMAND_LINE) as session:
        found = actors.merchant_by_key(session, name)
    if found is None:
        raise NotFoundError(f"There is no merchant {name}. Create it first.")
    return found


def acting_for(owner: Merchant, *, live: bool) -> Actor:
    """Return who acts for a merchant from the command line."""
    return Actor.system(owner.id, live, COMMAND_LINE.label)


def moment(text: str, option: str) -> datetime:
    """Return a moment that was given, in UTC; one without a zone is in UTC.

    Raises BadInputError that names the option.
    """
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInputError(option, "is no moment.", "Write it as 2027-03-31T23:59:59Z.") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


class Commands(AppGroup):
    """A group whose commands run within the application and fail in plain words."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        return shown(lambda: super(Commands, self).invoke(ctx))
