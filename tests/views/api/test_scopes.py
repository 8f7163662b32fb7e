"""The written matrix of scopes against the live one: every route of the API, every scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.domain.api_keys import Scope
from app.views.api import bodies
from app.views.base import CHECKS_ITSELF
from tests.views.routes import address, for_programs, methods

if TYPE_CHECKING:
    from flask import Flask

    from tests.views.api.conftest import Programs

WRITTEN: Final = {
    "v1.cancel_bulk_upload": Scope.UPLOADS_WRITE,
    "v1.cancel_payment": Scope.PAYMENTS_WRITE,
    "v1.capture_payment": Scope.PAYMENTS_WRITE,
    "v1.create_payment_link": Scope.LINKS_WRITE,
    "v1.confirm_bulk_upload": Scope.UPLOADS_WRITE,
    "v1.create_bulk_upload": Scope.UPLOADS_WRITE,
    "v1.create_payment": Scope.PAYMENTS_WRITE,
    "v1.create_webhook_endpoint": Scope.WEBHOOKS_WRITE,
    "v1.delete_webhook_endpoint": Scope.WEBHOOKS_WRITE,
    "v1.get_balance": Scope.BALANCE_READ,
    "v1.get_balance_transaction": Scope.BALANCE_READ,
    "v1.get_bulk_upload": Scope.UPLOADS_READ,
    "v1.get_bulk_upload_errors": Scope.UPLOADS_READ,
    "v1.get_dispute": Scope.DISPUTES_READ,
    "v1.get_event": Scope.WEBHOOKS_READ,
    "v1.deactivate_payment_link": Scope.LINKS_WRITE,
    "v1.get_payment_link": Scope.LINKS_READ,
    "v1.get_payment": Scope.PAYMENTS_READ,
    "v1.get_refund": Scope.REFUNDS_READ,
    "v1.get_webhook_endpoint": Scope.WEBHOOKS_READ,
    "v1.list_card_keys": Scope.PAYMENTS_WRITE,
    "v1.list_balance_transactions": Scope.BALANCE_READ,
    "v1.list_bulk_uploads": Scope.UPLOADS_READ,
    "v1.list_disputes": Scope.DISPUTES_READ,
    "v1.list_events": Scope.WEBHOOKS_READ,
    "v1.list_payment_links": Scope.LINKS_READ,
    "v1.list_payment_events": Scope.PAYMENTS_READ,
    "v1.list_payments": Scope.PAYMENTS_READ,
    "v1.list_refunds": Scope.REFUNDS_READ,
    "v1.list_webhook_endpoints": Scope.WEBHOOKS_READ,
    "v1.refund_payment": Scope.REFUNDS_WRITE,
    "v1.resend_event": Scope.WEBHOOKS_WRITE,
    "v1.send_payment_link": Scope.LINKS_WRITE,
}


def test_every_route_needs_exactly_the_scope_that_is_written_here(web_app: Flask) -> None:
    found = {
        rule.endpoint: getattr(web_app.view_functions[rule.endpoint], CHECKS_ITSELF, None)
        for rule in web_app.url_map.iter_rules()
        if for_programs(rule.endpoint)
    }
    assert found == WRITTEN
    assert set(WRITTEN.values()) == set(Scope), "a scope opens nothing"


def test_a_key_reaches_the_routes_of_its_scope_and_no_other(programs: Programs) -> None:
    wrong: list[str] = []
    for scope in sorted(set(WRITTEN.values())):
        program = programs.of(programs.world.owner(), frozenset({scope}))
        for rule in programs.people.app.url_map.iter_rules():
            for method in methods(rule) if rule.endpoint in WRITTEN else ():
                post = program.send if rule.endpoint in bodies.FORMS else program.post
                ask = program.get if method == "GET" else post
                status = ask(address(rule).removeprefix("/v1")).status_code
                if (status == 403) is (WRITTEN[rule.endpoint] is scope) or status >= 500:
                    wrong.append(f"{scope}: {method} {rule.rule} answered {status}")
    assert wrong == []


def test_whoever_has_no_key_reaches_nothing(programs: Programs) -> None:
    app = programs.people.app
    for client in (app.test_client(), programs.people.browser("admin").client):
        for rule in app.url_map.iter_rules():
            for method in methods(rule) if rule.endpoint in WRITTEN else ():
                answer = client.open(address(rule), method=method)
                assert answer.status_code == 401, rule
                assert answer.mimetype == "application/problem+json"
