"""What every command stands on: an error is one clear line and exit code 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from app.adapters.db import translate
from app.domain.actors import Actor
from app.errors import PayAgencyError

if TYPE_CHECKING:
    from collections.abc import Callable

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


class Commands(AppGroup):
    """A group whose commands run within the application and fail in plain words."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command."""
        return shown(lambda: super(Commands, self).invoke(ctx))
