"""The door to the schema: upgrade, where it stands, and the rights of the application's user."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.engine import Connection

FOLDER = Path(__file__).resolve().parents[2] / "migrations"


def configuration() -> Config:
    """Return Alembic's configuration of this project."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    return settings


def head() -> str:
    """Return the newest revision that this code knows."""
    return ScriptDirectory.from_config(configuration()).get_current_head() or ""


def current(connection: Connection) -> str:
    """Return the revision that the database is at; empty for a new one."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def is_newer(revision: str) -> bool:
    """Tell whether a revision is of a later release: this code does not know it.

    Migrations work with the previous release's code, so a newer database is no fault.
    """
    known = {
        script.revision for script in ScriptDirectory.from_config(configuration()).walk_revisions()
    }
    return bool(revision) and revision not in known


def upgrade(url: str) -> None:
    """Bring the database at `url` to the newest revision."""
    engine = create_engine(url)
    settings = configuration()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")
    engine.dispose()


def grants(
    database: str, user: str, tables: Iterable[str], append_only: Iterable[str]
) -> list[str]:
    """Return one GRANT a table: rights add up, so none is given on the whole database."""
    closed = set(append_only)
    return [
        f"GRANT {'SELECT, INSERT' if table in closed else 'SELECT, INSERT, UPDATE, DELETE'} "
        f"ON `{database}`.`{table}` TO {user}"
        for table in sorted(tables)
    ]


def _account(url: str) -> str:
    """Ask the server which account a URL signs in as: `user@host`, the host as it was granted."""
    engine = create_engine(make_url(url).set(database=""))
    with engine.connect() as connection:
        account = str(connection.exec_driver_sql("SELECT CURRENT_USER()").scalar_one())
    engine.dispose()
    return account


def grant(url: str, app_url: str, tables: Iterable[str], append_only: Iterable[str]) -> int:
    """Give the application's user its rights, as the migrator; answers how many were given.

    Nothing is done on SQLite, or where both URLs name the same user.
    """
    migrator, application = make_url(url), make_url(app_url)
    if migrator.get_backend_name() == "sqlite" or migrator.username == application.username:
        return 0
    name, _, host = _account(app_url).rpartition("@")
    user = f"'{name}'@'{host}'"
    statements = grants(migrator.database or "", user, tables, append_only)
    engine = create_engine(url)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()
    return len(statements)
