"""The demo's people at their screens: signed in without a password, on the database of a test."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import TYPE_CHECKING, Final

import pytest

from app.adapters import db, passwords
from app.domain.actors import Actor
from app.domain.permissions import RoleName
from app.models import Membership
from app.models.accounts import User
from app.queries import accounts
from app.services.roles import sync_roles
from tests.fixtures.application import NOW

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.fixtures.application import World

PEOPLE: Final = {
    "operations": RoleName.OPERATIONS,
    "finance": RoleName.FINANCE,
    "auditor": RoleName.AUDITOR,
    "acme-owner": RoleName.MERCHANT_OWNER,
    "acme-clerk": RoleName.MERCHANT_CLERK,
    "globex-owner": RoleName.MERCHANT_OWNER,
}
NO_PASSWORD: Final = "nobody signs in with it"
_HIDDEN = re.compile(r'name="(csrf_token|form_key)" value="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at a browser."""

    client: FlaskClient

    def get(self, address: str, status: int = 200) -> str:
        """Open a page; answers its text, entities resolved."""
        answer = self.client.get(address)
        assert answer.status_code == status, answer.text
        return unescape(answer.text)

    def form(self, address: str) -> dict[str, str]:
        """Return the hidden fields of the (last) form of a page."""
        return dict(_HIDDEN.findall(self.client.get(address).text))

    def post(self, address: str, fields: dict[str, str]) -> TestResponse:
        """Send a form."""
        return self.client.post(address, data=fields)

    def csrf(self, address: str = "/account/") -> dict[str, str]:
        """Return the token of this person's session."""
        return {"csrf_token": self.form(address)["csrf_token"]}


@dataclass(frozen=True, slots=True)
class Desk:
    """The application with its people."""

    app: Flask
    world: World
    users: dict[str, int] = field(default_factory=dict)

    def person(self, name: str) -> Person:
        """Sit down as somebody."""
        client = self.app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = str(self.users[name])
            cookie["_fresh"] = True
            cookie["stamp"] = passwords.stamp(NO_PASSWORD)
        return Person(client)

    def nobody(self) -> Person:
        """Sit down without signing in."""
        return Person(self.app.test_client())


@pytest.fixture
def desk(world: World, web_app: Flask) -> Desk:
    """Return the screens with the people of PEOPLE, on the merchants of `world`."""
    with db.unit_of_work(Actor.house(None, "test")) as session:
        sync_roles(session, NOW)
        users = {}
        for name, role in PEOPLE.items():
            user = User(
                username=name,
                first_name=name,
                last_name="Test",
                email=f"{name}@example.com",
                password=NO_PASSWORD,
                active=True,
                login_count=0,
                fail_login_count=0,
                created_on=NOW.replace(tzinfo=None),
                changed_on=NOW.replace(tzinfo=None),
            )
            user.roles = [accounts.role(session, role)]
            session.add(user)
            session.flush()
            users[name] = user.id
            merchant = {"acme": world.acme, "globex": world.globex}.get(name.partition("-")[0])
            if merchant is not None:
                session.add(Membership(user_id=user.id, merchant_id=merchant, created_at=NOW))
    return Desk(web_app, world, users)


@pytest.fixture
def paying_desk(desk: Desk, sandbox_world: World) -> Desk:
    """Return the screens with the sandbox provider behind them."""
    assert sandbox_world is desk.world
    return desk
