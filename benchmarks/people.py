"""Who looks at the data set: one of the house, the smallest merchant and the largest one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.adapters import clock, db, passwords
from app.domain.actors import Actor
from app.domain.permissions import RoleName
from app.queries import actors
from app.security.manager import STAMP
from app.services import accounts
from app.services.roles import sync_roles
from benchmarks.rows import LARGEST, SMALLEST

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient

READERS: Final = {
    "staff": (RoleName.OPERATIONS, []),
    "smallest": (RoleName.MERCHANT_OWNER, [SMALLEST]),
    "largest": (RoleName.MERCHANT_OWNER, [LARGEST]),
}
PASSWORD: Final = "nobody signs in with this one"


def keep(app: Flask) -> None:
    """Make the roles and the people, unless they are there."""
    now = clock.now()
    with app.app_context(), db.unit_of_work(Actor.house(None, "bench")) as session:
        sync_roles(session, now)
        for name, (role, merchant_ids) in READERS.items():
            if actors.user_by_name(session, name) is None:
                accounts.create_user(
                    session,
                    now,
                    username=name,
                    first_name=name.title(),
                    last_name="Reader",
                    email=f"{name}@example.com",
                    password=PASSWORD,
                    role=role,
                    merchant_ids=merchant_ids,
                )


def clients(app: Flask) -> dict[str, FlaskClient]:
    """Return a signed-in client for each of them."""
    signed_in = {}
    for name in READERS:
        with app.app_context(), db.reading(None) as session:
            user = actors.user_by_name(session, name)
        assert user is not None
        client = signed_in[name] = app.test_client()
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = str(user.id), True
            cookie[STAMP] = passwords.stamp(user.password)
    return signed_in
