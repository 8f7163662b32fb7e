"""Alembic's environment: one metadata, plain types, every constraint named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from alembic import context
from sqlalchemy import create_engine
from sqlalchemy.types import TypeDecorator

import config
from app import models
from app.extensions import metadata

if TYPE_CHECKING:
    from alembic.autogenerate.api import AutogenContext

LOCK_TIMEOUT_SECONDS = 10


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write plain types, so that no migration imports the application."""
    if kind == "type" and isinstance(item, TypeDecorator) and item.__module__.startswith("app."):
        if type(item).__name__ == "UtcDateTime":
            autogen.imports.add("from sqlalchemy.dialects import mysql")
            return "sa.DateTime().with_variant(mysql.DATETIME(fsp=6), 'mysql')"
        return "sa.LargeBinary()"
    return False


def run() -> None:
    """Run the migrations on the connection handed in, or on the migrator's URL."""
    connection = context.config.attributes.get("connection")
    if connection is None:
        with create_engine(config.get().migrator).connect() as opened:
            migrate(opened)
    else:
        migrate(connection)


def migrate(connection: Any) -> None:
    """Migrate; waits for locks at most LOCK_TIMEOUT_SECONDS, so that traffic is not held up."""
    sqlite = connection.dialect.name == "sqlite"
    if not sqlite:
        connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {LOCK_TIMEOUT_SECONDS}")
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        render_item=render_item,
        compare_type=True,
        include_object=context.config.attributes.get("include_object"),
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()


TABLES = models.APPEND_ONLY  # the import fills the metadata
run()
