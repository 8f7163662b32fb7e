"""The written matrix against the live one: every route, every role."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from flask import Flask

from app.domain.permissions import ROLES, Permission, RoleName, from_fab_pair
from app.domain.policies import POLICIES
from app.security.requests import CSRF_EXEMPT, UPLOADS
from app.views import base
from app.views.base import Page
from app.views.crud import RecordView
from tests.views.people import HOUSE, MERCHANTS
from tests.views.routes import CLOSED, OPEN, address, for_programs, methods, needed

if TYPE_CHECKING:
    from tests.views.people import Browser, People

_CRUD: Final = {
    "CapabilitiesView": ("capabilities", "read read read read update - update update"),
    "LimitsView": ("capabilities", "read read read read update update update update"),
    "SettlementSchedulesView": (
        "settlement",
        "read read read read update update update update",
    ),
    "MerchantsView": ("merchants", "read read read read create update - update"),
    "ConnectorAccountsView": ("connectors", "read read read read - - - -"),
    "UsersView": ("users", "read read read read create update delete update"),
}
_VERBS: Final = ("list", "show", "columns", "export", "add", "edit", "delete", "options")
WRITTEN: Final = {
    **{
        f"{view}.{method}": f"{area}:{verb}"
        for view, (area, verbs) in _CRUD.items()
        for method, verb in zip(_VERBS, verbs.split(), strict=True)
        if verb != "-"
    },
    "AccountView.looks": "account:update",
    "AccountView.password": "account:update",
    "AccountView.profile": "account:update",
    **dict.fromkeys(
        (
            f"ApprovalsView.{route}"
            for route in ("approve", "columns", "export", "listed", "reject", "show", "withdraw")
        ),
        "approvals:read",
    ),
    "AdjustmentsView.ask": "ledger:adjust",
    "AdjustmentsView.ask_write_off": "ledger:adjust",
    "AdjustmentsView.new": "ledger:adjust",
    "AdjustmentsView.write_off": "ledger:adjust",
    **dict.fromkeys(
        (f"ApplicationsView.{route}" for route in ("columns", "export", "listed", "show")),
        "applications:read",
    ),
    "ApplicationsView.approve": "applications:decide",
    "ApplicationsView.reject": "applications:decide",
    "ApiKeysView.columns": "keys:read",
    "ApiKeysView.create": "keys:update",
    "ApiKeysView.export": "keys:read",
    "ApiKeysView.listed": "keys:read",
    "ApiKeysView.new": "keys:update",
    "ApiKeysView.revoke": "keys:update",
    "ApiKeysView.roll": "keys:update",
    "ApiKeysView.show": "keys:read",
    **dict.fromkeys(
        (f"PaymentLinksView.{route}" for route in ("columns", "export", "listed", "show")),
        "links:read",
    ),
    **dict.fromkeys(
        (
            f"PaymentLinksView.{route}"
            for route in ("create", "edit", "new", "send", "switch_off", "switch_on", "update")
        ),
        "links:update",
    ),
    **dict.fromkeys(
        (
            f"{view}.{route}"
            for view in ("WebhookDeliveriesView", "WebhookEndpointsView", "WebhookEventsView")
            for route in ("columns", "export", "listed", "show")
        ),
        "webhooks:read",
    ),
    **dict.fromkeys(
        (
            f"WebhookButtonsView.{route}"
            for route in ("delete", "disable", "enable", "resend", "test")
        ),
        "webhooks:update",
    ),
    **dict.fromkeys(
        (
            f"WebhookEndpointsView.{route}"
            for route in ("create", "edit", "new", "rotate", "update")
        ),
        "webhooks:update",
    ),
    "WebhookDeliveriesView.resend": "webhooks:update",
    "SettingsView.show": "settings:read",
    **dict.fromkeys(
        (f"SettingsView.{route}" for route in ("logo", "remove_logo", "update")),
        "settings:update",
    ),
    "AuditView.columns": "audit:read",
    "AuditView.export": "audit:read",
    "AuditView.listed": "audit:read",
    "BalanceView.columns": "ledger:read",
    "BalanceView.export": "ledger:read",
    "BalanceView.listed": "ledger:read",
    "BalanceView.show": "ledger:read",
    "BookView.merchant": "book:switch",
    "BookView.switch": "book:switch",
    "DisputesView.columns": "disputes:read",
    "DisputesView.export": "disputes:read",
    "DisputesView.listed": "disputes:read",
    "DisputesView.show": "disputes:read",
    "DeskView.claim": "desk:resolve",
    "DeskView.columns": "desk:read",
    "DeskView.decide": "desk:resolve",
    "DeskView.export": "desk:read",
    "DeskView.listed": "desk:read",
    "DeskView.question": "desk:resolve",
    "DeskView.release": "desk:resolve",
    "DeskView.show": "desk:read",
    "HomeView.index": "home:read",
    "HomeView.success": "payments:read",
    "HomeView.volume": "payments:read",
    "InboundView.apply_again": "inbound:replay",
    "InboundView.apply_all_again": "inbound:replay",
    "InboundView.columns": "inbound:read",
    "InboundView.export": "inbound:read",
    "InboundView.listed": "inbound:read",
    "InboundView.show": "inbound:read",
    "JobsView.listed": "jobs:read",
    "JobsView.retry": "jobs:retry",
    "LedgerView.account": "ledger:read",
    "LedgerView.accounts": "ledger:read",
    "LedgerView.columns": "ledger:read",
    "LedgerView.export": "ledger:read",
    "LedgerView.journal": "ledger:read",
    "PayersView.columns": "payments:read",
    "PayersView.export": "payments:read",
    "PayersView.listed": "payments:read",
    "PayersView.show": "payments:read",
    "PaymentAgainView.again": "payments:create",
    "PaymentAgainView.form": "payments:create",
    "PaymentCaptureView.capture": "payments:capture",
    "PaymentCaptureView.form": "payments:capture",
    "PaymentClosingView.cancel": "payments:void",
    "PaymentClosingView.cancel_form": "payments:void",
    "PaymentClosingView.void": "payments:void",
    "PaymentClosingView.void_form": "payments:void",
    "PaymentsView.columns": "payments:read",
    "PaymentsView.create": "payments:create",
    "PaymentsView.export": "payments:read",
    "PaymentsView.listed": "payments:read",
    "PaymentsView.look_up": "payments:look_up",
    "PaymentsView.look_up_all": "payments:look_up",
    "PaymentsView.merchants": "merchants:read",
    "PaymentsView.new": "payments:create",
    "PaymentsView.refund": "payments:refund",
    "PaymentsView.refund_form": "payments:refund",
    "PaymentsView.show": "payments:read",
    "PriceListsView.calculator": "prices:read",
    "PriceListsView.change": "prices:update",
    "PriceListsView.change_form": "prices:update",
    "PriceListsView.columns": "prices:read",
    "PriceListsView.create": "prices:update",
    "PriceListsView.discard": "prices:update",
    "PriceListsView.export": "prices:read",
    "PriceListsView.listed": "prices:read",
    "PriceListsView.new": "prices:update",
    "PriceListsView.publish": "prices:update",
    "PriceListsView.show": "prices:read",
    "RefundsView.columns": "payments:read",
    "RefundsView.export": "payments:read",
    "RefundsView.listed": "payments:read",
    "ReleasesView.columns": "ledger:read",
    "ReleasesView.export": "ledger:read",
    "ReleasesView.listed": "ledger:read",
    "RolesView.list": "roles:read",
    "SearchView.search": "home:read",
    "StyleguideView.components": "home:read",
    "UploadsView.cancel": "uploads:create",
    "UploadsView.columns": "uploads:read",
    "UploadsView.confirm": "uploads:confirm",
    "UploadsView.errors": "uploads:read",
    "UploadsView.results": "uploads:read",
    "UploadsView.example": "uploads:create",
    "UploadsView.export": "uploads:read",
    "UploadsView.list": "uploads:read",
    "UploadsView.new": "uploads:create",
    "UploadsView.progress": "uploads:read",
    "UploadsView.show": "uploads:read",
    "NotificationsView.columns": "notifications:read",
    "NotificationsView.export": "notifications:read",
    "NotificationsView.listed": "notifications:read",
    "NotificationsView.send": "notifications:resend",
    "NotificationsView.show": "notifications:read",
    "TeamView.columns": "team:read",
    "TeamView.export": "team:read",
    "TeamView.invite": "team:update",
    "TeamView.listed": "team:read",
    "TeamView.new": "team:update",
    "TeamView.remove": "team:update",
    "TeamView.revoke": "team:update",
    "UsersView.password": "users:reset_password",
}
ACTIONS: Final = {
    "UsersView": {"activate": "users:update", "deactivate": "users:update"},
}
"""What is done to rows of a generated screen; its two routes ask for the action's permission."""

BY_ACTION: Final = {f"{view}.{route}" for view in ACTIONS for route in ("action", "action_post")}
EVERYBODY: Final = dict(HOUSE) | {name: role for name, (role, _) in MERCHANTS.items()}


def test_every_route_needs_exactly_what_is_written_here(web_app: Flask) -> None:
    found = {name: str(found) for name, found in needed(web_app).items() if not for_programs(name)}
    assert {name: found.pop(name) for name in BY_ACTION} == dict.fromkeys(BY_ACTION, CLOSED)
    assert found == WRITTEN


def test_every_action_needs_exactly_what_is_written_here(web_app: Flask) -> None:
    found = {
        view.name: {
            name: str(
                from_fab_pair(view.get_action_permission_name(name), view.class_permission_name)
            )
            for name in view.actions
        }
        for view in web_app.extensions["appbuilder"].baseviews
        if isinstance(view, RecordView) and view.actions
    }
    assert found == ACTIONS


def test_open_routes_are_few_and_known(web_app: Flask) -> None:
    known = {
        rule.endpoint for rule in web_app.url_map.iter_rules() if not for_programs(rule.endpoint)
    }
    assert known - WRITTEN.keys() - BY_ACTION == OPEN
    by_mail = {"PasswordView.forgot", "PasswordView.reset", "InvitationView.accept"}
    with_token = {
        "BrandView.logo",
        "BrandView.style",
        "LinkPageView.page",
        "LinkPageView.pay",
        "PayerView.page",
        "PayerView.start",
        "PayerView.state",
        "v1.openapi",
        "v1.docs",
    }
    sign_up = {f"SignUpView.{route}" for route in ("apply", "confirm", "received", "sent")}
    assert base.OPEN_ROUTES - by_mail - with_token - sign_up == CSRF_EXEMPT
    assert {rule.endpoint for rule in web_app.url_map.iter_rules()} >= UPLOADS


def test_every_permission_opens_something_or_is_looked_at_by_a_service() -> None:
    beyond_routes = {Permission.PAYMENTS_READ_CALLS, *(each.checker for each in POLICIES.values())}
    assert {Permission(each) for each in WRITTEN.values()} | beyond_routes == set(Permission)


def test_a_route_without_a_permission_is_found() -> None:
    class Forgotten(Page):
        """A screen on which nobody wrote what it needs."""

        def shown(self) -> str:
            return "secret"

    app = Flask("forgotten")
    app.add_url_rule("/forgotten", "Forgotten.shown", Forgotten().shown)
    assert needed(app) == {"Forgotten.shown": CLOSED}


def _ask(browser: Browser, method: str, path: str) -> int:
    if method == "GET":
        return browser.get(path).status_code
    return browser.post(path).status_code


@pytest.mark.parametrize("username", EVERYBODY)
def test_a_role_reaches_its_routes_and_no_other(people: People, username: str) -> None:
    browser, permissions = people.browser(username), ROLES[EVERYBODY[username]]
    wrong: list[str] = []
    for rule in people.app.url_map.iter_rules():
        for method in methods(rule) if rule.endpoint in WRITTEN else ():
            status = _ask(browser, method, address(rule))
            allowed = Permission(WRITTEN[rule.endpoint]) in permissions
            if (status == 403) is allowed or status >= 500:
                wrong.append(f"{method} {rule.rule} answered {status}")
    assert wrong == []


def test_nobody_reaches_nothing(people: People) -> None:
    browser = people.nobody()
    token = browser.token()
    wrong: list[str] = []
    for rule in people.app.url_map.iter_rules():
        for method in methods(rule) if rule.endpoint in WRITTEN else ():
            answer = browser.client.open(
                address(rule), method=method, data={"csrf_token": token} if method == "POST" else {}
            )
            if answer.status_code != 302 or "/login/" not in answer.location:
                wrong.append(f"{method} {rule.rule} answered {answer.status}")
    assert wrong == []


def test_each_role_has_somebody_in_these_tests() -> None:
    assert set(EVERYBODY.values()) == set(RoleName)
