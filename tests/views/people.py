"""The people of the demo, and a browser for each; shared by every test of screens."""

from __future__ import annotations

import secrets
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event, func, insert, select

from app.adapters import db, passwords
from app.domain.actors import Actor
from app.domain.permissions import RoleName
from app.extensions import db as database
from app.extensions import metadata
from app.models import AuditEntry
from app.queries import accounts as users
from app.queries import actors
from app.security.manager import STAMP
from app.services import accounts
from app.services.roles import sync_roles
from tests.fixtures.application import NOW, empty

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy import Engine
    from werkzeug.test import TestResponse

    from app.models.accounts import User
    from app.security.manager import SecurityManager
    from tests.fixtures.application import World

__all__ = ["PASSWORD", "Browser", "People", "people", "statements"]

HOUSE_ACTOR: Final = Actor.house(None, "seed")
PASSWORD: Final = "payagency-demo-2026"
HOUSE: Final = {
    "admin": RoleName.ADMIN,
    "operations": RoleName.OPERATIONS,
    "finance": RoleName.FINANCE,
    "compliance": RoleName.COMPLIANCE,
    "auditor": RoleName.AUDITOR,
}
MERCHANTS: Final = {
    "acme-owner": (RoleName.MERCHANT_OWNER, "acme"),
    "acme-clerk": (RoleName.MERCHANT_CLERK, "acme"),
    "globex-owner": (RoleName.MERCHANT_OWNER, "globex"),
}
RIGHTS: Final = (
    "ab_permission",
    "ab_view_menu",
    "ab_permission_view",
    "ab_role",
    "ab_permission_view_role",
    "ab_user",
    "ab_user_role",
)


@dataclass(slots=True)
class Browser:
    """A client with its cookies; `post` sends the token that a page would."""

    client: FlaskClient

    def get(self, path: str, headers: dict[str, str] | None = None) -> TestResponse:
        """Ask for a page."""
        return self.client.get(path, headers=headers)

    def post(
        self, path: str, data: dict[str, Any] | None = None, *, follow_redirects: bool = False
    ) -> TestResponse:
        """Send a form with its token."""
        sent = {**(data or {}), "csrf_token": self.token()}
        return self.client.post(path, data=sent, follow_redirects=follow_redirects)

    def token(self) -> str:
        """Return the token that a page of this session would carry."""
        with self.client.session_transaction() as cookie:
            raw = cookie.setdefault("csrf_token", secrets.token_hex(20))
        key = self.client.application.secret_key
        return str(URLSafeTimedSerializer(str(key), salt="wtf-csrf-token").dumps(raw))


@dataclass(frozen=True, slots=True)
class People:
    """Everybody of HOUSE and MERCHANTS, on an otherwise empty database."""

    app: Flask
    world: World
    ids: dict[str, int]
    engine: Engine

    @property
    def manager(self) -> SecurityManager:
        """Return the security manager."""
        found: SecurityManager = self.app.extensions["appbuilder"].sm
        return found

    def nobody(self) -> Browser:
        """Return a browser that is not signed in."""
        return Browser(self.app.test_client())

    def browser(self, username: str) -> Browser:
        """Return a browser in which this user is signed in, without the cost of the hash."""
        client = self.app.test_client()
        with self.app.app_context(), db.reading(None) as session:
            user = actors.user_by_name(session, username)
        assert user is not None
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = str(user.id), True
            cookie[STAMP] = passwords.stamp(user.password)
        return Browser(client)

    def audit(self) -> list[tuple[str, str]]:
        """Return (action, sentence) of every entry, oldest first."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(AuditEntry.action, AuditEntry.sentence).order_by(AuditEntry.id)
            )
            return [(action, sentence) for action, sentence in rows]

    def count(self, model: type[Any]) -> int:
        """Count the rows of a table, of all merchants and books."""
        with self.engine.connect() as connection:
            return int(connection.execute(select(func.count()).select_from(model)).scalar_one())

    def user(self, username: str) -> User:
        """Return a user as it stands in the database."""
        with self.app.app_context(), db.reading(None) as session:
            found = users.user(session, self.ids[username])
        assert found is not None
        return found


@pytest.fixture(scope="session")
def _kept() -> dict[str, list[dict[str, Any]]]:
    """Hold what the services made the first time, by table."""
    return {}


@pytest.fixture
def people(
    world: World,
    web_app: Flask,
    migrator_engine: Engine,
    _kept: dict[str, list[dict[str, Any]]],
) -> People:
    """Make roles and people through the services, once a test process; then put them back."""
    if not _kept:
        _make(world)
        with migrator_engine.connect() as connection:
            for name in RIGHTS:
                found = connection.execute(metadata.tables[name].select()).mappings()
                _kept[name] = [dict(row) for row in found]
        empty(migrator_engine, {"audit_entry", "membership", *RIGHTS})
    ids = {row["username"]: row["id"] for row in _kept["ab_user"]}
    members = [
        {"user_id": ids[name], "merchant_id": getattr(world, key), "created_at": NOW}
        for name, (_, key) in MERCHANTS.items()
    ]
    with migrator_engine.begin() as connection:
        for name, rows in {**_kept, "membership": members}.items():
            connection.execute(insert(metadata.tables[name]), rows)
    return People(web_app, world, ids, migrator_engine)


def _make(world: World) -> None:
    every = {name: (role, []) for name, role in HOUSE.items()} | {
        name: (role, [getattr(world, key)]) for name, (role, key) in MERCHANTS.items()
    }
    stored = passwords.digest(PASSWORD)
    with pytest.MonkeyPatch.context() as patch, db.unit_of_work(HOUSE_ACTOR) as session:
        patch.setattr(passwords, "digest", lambda _password: stored)
        sync_roles(session, NOW)
        for name, (role, merchant_ids) in every.items():
            accounts.create_user(
                session,
                NOW,
                username=name,
                first_name=name.title(),
                last_name="Person",
                email=f"{name}@example.com",
                password=PASSWORD,
                role=role,
                merchant_ids=merchant_ids,
            )


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """Collect the statements that the application sends to its database meanwhile."""
    found: list[str] = []

    def heard(*arguments: object) -> None:
        found.append(str(arguments[2]))

    with app.app_context():
        engine = database.engine
    event.listen(engine, "before_cursor_execute", heard)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", heard)
