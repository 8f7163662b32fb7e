"""`flask payagency …`, and the program that starts the processes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def register(app: Flask) -> None:
    """Add the commands to the application.

    They are loaded here and not above: the supervisor lives in this package too, and starts
    without the application that they need.
    """
    app.cli.add_command(import_module("app.cli.commands").payagency)
