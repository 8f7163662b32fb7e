from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest
from flask import Blueprint

from app import factory
from app.adapters import db
from app.domain.actors import Actor
from app.domain.permissions import MOVES_MONEY, OF_MERCHANTS, ROLES, RoleName
from app.queries import accounts
from tests.architecture import routes
from tests.architecture.routes import Walk
from tests.services import applying
from tests.tenancy.world import tenants
from tests.views.people import _kept, people
from tests.views.routes import address, for_programs, needed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from flask import Flask
    from werkzeug.routing import Rule

    from tests.tenancy.world import Tenants
    from tests.views.people import People

__all__ = ["_kept", "people", "tenants"]

WALKERS: Final = {
    "admin": 10,
    "operations": 12,
    "finance": 5,
    "globex-owner": 5,
    "partner": 1,
    "nobody": 2,
}
"""Who follows links, and how many pages of one route they open: other rows have other links."""

LEFT_OUT: Final = {
    "HealthView.healthz": "asked by whatever watches the process",
    "HealthView.readyz": "as healthz",
    "PayerView.returned": "the bank's site sends the payer here",
    "DeskView.decide": "stands on the question, which is asked once a way to end it was chosen",
    "PasswordView.reset": "a mail leads here",
    "InvitationView.accept": "as PasswordView.reset",
    "SignUpView.confirm": "as PasswordView.reset",
    "SignUpView.sent": "stands behind the form that was sent",
    "SignUpView.received": "stands behind the address that was proved",
    "WebhooksInView.received": "providers send their messages here",
}
"""Endpoints to which no page leads; nor does one to the API's."""

WRITES_ON_GET: Final = {
    "PayerView.page": "keeps the language in which a payer reads, for the mails to them",
    "PayerView.returned": "uses up the one-time nonce and asks the provider; see its view",
}
"""Endpoints whose GET changes something."""

ODD: Final = ("x", "0", "-1", "9" * 40, "é", "%00", "'", "..%2F..", " ", "a" * 300)

planted = Blueprint("planted", __name__, url_prefix="/planted")


@planted.get("/write")
def write() -> str:
    """Changes something on a GET, and no page leads to it."""
    with db.unit_of_work(Actor.house(None, "planted")) as session:
        for role in accounts.roles(session):
            role.name = f"{role.name}s"
    return "written"


@planted.get("/untyped/<name>")
def untyped(other: str = "") -> str:
    """Has an argument of no kind that nobody takes."""
    return other


@pytest.fixture
def planted_app(web_app: Flask) -> Flask:
    """Return an application with a route as nobody should write it."""
    app = factory.create_app()
    app.register_blueprint(planted)
    return app


def test_every_route_needs_a_permission_or_is_open_on_purpose(web_app: Flask) -> None:
    assert routes.without_permission(web_app) == []


def test_every_argument_of_an_address_is_typed_and_named(web_app: Flask) -> None:
    assert routes.untyped_arguments(web_app) == []


def test_a_planted_route_breaks_the_rules(planted_app: Flask) -> None:
    closed = {found.split()[0] for found in routes.without_permission(planted_app)}
    assert closed == {"planted.write", "planted.untyped"}
    assert routes.untyped_arguments(planted_app) == [
        "/planted/untyped/<name>: name has no converter",
        "/planted/untyped/<name>: name is no parameter",
    ]


def test_a_planted_write_on_a_get_is_found(people: People, planted_app: Flask) -> None:
    walk = Walk(planted_app)
    browser = replace(people, app=planted_app).browser("admin")
    walk.follow(browser, 1)
    assert "planted.write" not in walk.led_to
    assert walk.wrote == {}
    walk.open(browser, "/planted/write")
    assert walk.wrote["planted.write"].startswith("UPDATE")


def test_what_does_not_exist_is_said_to_be_missing(people: People) -> None:
    admin = people.browser("admin")
    movers = {
        RoleName.MERCHANT_OWNER: people.browser("acme-owner"),
        RoleName.FINANCE: people.browser("finance"),
    }
    needs, wrong = needed(people.app), []
    for rule in routes.rules(people.app, "GET"):
        # Whoever hands out rights moves no money, and is not shown the question before it either.
        right, browser = needs.get(rule.endpoint), admin
        if right in MOVES_MONEY | OF_MERCHANTS:
            browser = next(each for role, each in movers.items() if right in ROLES[role])
        for odd in ODD if rule.arguments else ():
            path = address(rule).replace("/x", f"/{odd}").replace("/1", f"/{odd}")
            status = browser.get(path).status_code
            if status not in _refusals(rule):
                wrong.append(f"{path} answered {status}")
    assert wrong == []


def _refusals(rule: Rule) -> set[int]:
    return {400, 401, 404} if for_programs(rule.endpoint) else {400, 404}


def _for_people(found: Iterable[Rule]) -> set[str]:
    return {rule.endpoint for rule in found if not for_programs(rule.endpoint)}


@pytest.mark.timeout(300)
def test_pages_lead_to_every_route_and_opening_them_changes_nothing(tenants: Tenants) -> None:
    app = tenants.people.app
    applying.waiting()
    walk = Walk(app)
    for name, most in WALKERS.items():
        walk.follow(tenants.browser(name), most)
    for rule in routes.rules(app, "GET"):
        if not rule.arguments:
            walk.open(tenants.browser("admin"), rule.rule)
    for path in ("/password/reset/x", "/invitation/x", "/sign-up/confirm/x"):
        walk.open(tenants.browser("nobody"), path)
    assert _for_people(app.url_map.iter_rules()) - walk.led_to == LEFT_OUT.keys()
    assert _for_people(routes.rules(app, "GET")) - walk.opened == {"PayerView.returned"}
    assert walk.wrote == {}
    with tenants.engine.connect() as connection:
        found = (
            "SELECT page_token, return_nonce FROM payment WHERE return_nonce IS NOT NULL"
            " AND closed IS NULL AND captured_minor = 0"
        )
        token, nonce = connection.exec_driver_sql(found).first() or ("", "")
    payer = tenants.browser("nobody")
    payer.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "de"
    walk.open(payer, f"/pay/{token}")
    walk.open(payer, f"/pay/{token}/return?nonce={nonce}")
    assert walk.wrote.keys() == WRITES_ON_GET.keys(), "the exception is still one"
