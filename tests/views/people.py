"""The people of the demo, and a browser for each; shared by every test of screens."""

from __future__ import annotations

import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from sqlalchemy import event, func, select

from app.adapters import db, passwords
from app.domain.actors import Actor
from app.domain.permissions import RoleName
from app.extensions import db as database
from app.models import AuditEntry
from app.queries import accounts as users
from app.queries import actors
from app.security.manager import STAMP
from app.services import accounts
from app.services.roles import sync_roles
from tests.fixtures.application import NOW

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
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


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
        """Return the token of this session."""
        page = self.client.get("/account/", follow_redirects=True).text
        found = _TOKEN.search(page)
        assert found, page
        return found[1]


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
def _digest() -> str:
    return passwords.digest(PASSWORD)


@pytest.fixture
def people(
    world: World,
    web_app: Flask,
    migrator_engine: Engine,
    _digest: str,
    monkeypatch: pytest.MonkeyPatch,
) -> People:
    """Make roles and people through the services."""
    with monkeypatch.context() as patch:
        patch.setattr(passwords, "digest", lambda _password: _digest)
        with db.unit_of_work(Actor.house(None, "seed")) as session:
            sync_roles(session, NOW)
        with db.unit_of_work(Actor.house(None, "seed")) as session:
            every = {name: (role, []) for name, role in HOUSE.items()} | {
                name: (role, [getattr(world, key)]) for name, (role, key) in MERCHANTS.items()
            }
            ids = {
                name: accounts.create_user(
                    session,
                    NOW,
                    username=name,
                    first_name=name.title(),
                    last_name="Person",
                    email=f"{name}@example.com",
                    password=PASSWORD,
                    role=role,
                    merchant_ids=merchant_ids,
                ).id
                for name, (role, merchant_ids) in every.items()
            }
    return People(web_app, world, ids, migrator_engine)


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
