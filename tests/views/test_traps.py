"""The traps of the framework, each with the test that springs it on our screens."""

from __future__ import annotations

import importlib.util
from inspect import unwrap
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from sqlalchemy import Engine, event

from app.extensions import metadata
from app.factory import create_app
from app.security.requests import API, CSRF_EXEMPT
from tests.views.routes import address, methods

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.views.people import People

# Row of the trap table → where the attack is performed.
TRAPS: Final = {
    "marshmallow and other pins": "test_traps::test_the_chassis_starts",
    "rounding in edit forms": "test_fields::test_a_decimal_is_shown_and_kept_with_all_its_digits",
    "amounts": "test_crud_writing::test_an_amount_is_kept_exactly_and_shown_exactly",
    "no generated edit of a state": (
        "test_crud_writing::test_only_what_the_service_may_change_has_a_generated_form"
    ),
    "actions ignore base filters": (
        "test_crud_rules::test_an_action_on_a_row_that_the_base_filter_hides_is_not_found"
    ),
    "actions accept GET": "test_crud_rules::test_an_action_by_address_alone_is_none",
    "delete accepts GET": "test_crud_writing::test_a_delete_by_address_alone_is_no_delete",
    "related selects list every row": (
        "test_crud_rules::test_no_form_lists_the_rows_of_another_table"
    ),
    "sorting by hidden columns, page size, bad arguments": (
        "test_crud_reading::test_what_a_list_does_not_offer_is_a_bad_request"
    ),
    "default columns are all columns": (
        "test_crud_rules::test_a_screen_that_leaves_something_to_be_guessed_is_refused"
    ),
    "an empty list means all columns": "test_crud_rules::test_no_columns_means_none",
    "download serves any upload": "test_traps::test_there_is_no_download",
    "bearer token by password only": "test_traps::test_there_is_no_sign_in_for_programs",
    "the framework commits": "test_crud_writing::test_a_create_leaves_one_trace",
    "own API keys and unneeded pages": (
        "test_traps::test_only_these_routes_come_from_the_framework"
    ),
    "roles in the seed": "../services/test_roles::test_the_roles_are_exactly_as_written",
    "no CSRF": "test_traps::test_no_form_works_without_its_token",
    "old sessions": ("accounts/test_own::test_a_new_password_ends_other_sessions_but_this_one"),
    "forged host": "test_traps::test_a_forged_host_is_a_bad_request",
    "next= leads off-site": "accounts/test_sign_in::test_one_is_never_sent_off_site",
    "filters shared by threads": (
        "test_crud_reading::test_filters_of_two_requests_at_once_do_not_mix"
    ),
    "counts and offsets": (
        "test_crud_reading::test_a_long_list_says_so_without_counting_or_skipping"
    ),
    "unstable order": ("test_crud_reading::test_no_row_is_shown_twice_or_left_out_between_pages"),
    "permission checks": "test_crud_reading::test_a_list_costs_at_most_eight_statements",
    "date filters": "test_crud_reading::test_dates_are_whole_days_in_utc",
    "permission sync at the start": "test_traps::test_the_start_sends_no_statement",
    "sequences": "test_traps::test_no_table_has_a_sequence",
    "a menu entry without a page": (
        "test_menu::test_the_menu_shows_what_one_may_see_and_all_of_it_opens"
    ),
}
NOT_OURS: Final = {"static"}
INHERITED: Final[set[str]] = set()


@pytest.mark.parametrize("trap", TRAPS)
def test_every_trap_has_its_test(trap: str) -> None:
    module, _, name = TRAPS[trap].partition("::")
    path = (Path(__file__).parent / f"{module}.py").resolve()
    assert f"\ndef {name}(" in path.read_text()


def test_the_chassis_starts(web_app: Flask) -> None:
    assert web_app.extensions["appbuilder"].version == "5.3.0"
    assert importlib.util.find_spec("marshmallow") is not None


def _module(function: Callable[..., object]) -> str:
    owner = getattr(function, "__self__", None)
    return unwrap(function).__module__ if owner is None else type(owner).__module__


def test_only_these_routes_come_from_the_framework(web_app: Flask) -> None:
    foreign = {
        endpoint
        for endpoint, function in web_app.view_functions.items()
        if not _module(function).startswith("app.views.")
    }
    assert foreign == NOT_OURS
    inherited = {
        endpoint.partition(".")[2]
        for endpoint, function in web_app.view_functions.items()
        if unwrap(function).__module__.startswith("flask_appbuilder.")
    }
    assert inherited == INHERITED


GONE = [
    "/static/appbuilder/css/bootstrap.min.css",
    "/api/v1/security/login",
    "/api/v1/security/refresh",
    "/api/v1/security/users/",
    "/api/v1/security/api_keys/",
    "/api/v1/menu/",
    "/api/v1/_openapi",
    "/swagger/v1",
    "/register/form",
    "/registeruser/list/",
    "/groups/list/",
    "/permissions/list/",
    "/viewmenus/list/",
    "/permissionviews/list/",
    "/userstatschartview/chart/",
    "/users/userinfo/",
    "/resetpassword/form",
    "/resetmypassword/form",
    "/userinfoeditview/form",
    "/lang/en",
    "/back",
    "/users/download/config.py",
    "/merchants/download/config.py",
    "/roles/add",
    "/roles/edit/1",
    "/roles/delete/1",
    "/payments/edit/1",
]


@pytest.mark.parametrize("path", GONE)
def test_a_page_that_nobody_needs_is_not_there(people: People, path: str) -> None:
    browser = people.browser("admin")
    assert browser.get(path).status_code == 404
    assert browser.post(path).status_code in {404, 405}


def test_there_is_no_download(web_app: Flask) -> None:
    rules = [rule.rule for rule in web_app.url_map.iter_rules()]
    assert rules
    assert not [rule for rule in rules if "download" in rule]


def test_there_is_no_sign_in_for_programs(people: People) -> None:
    body = {"username": "admin", "password": "payagency-demo-2026", "provider": "db"}
    browser = people.nobody()
    headers = {"X-CSRFToken": browser.token()}
    answer = browser.client.post("/api/v1/security/login", json=body, headers=headers)
    assert answer.status_code == 404
    assert people.manager.jwt_manager is None


def test_no_form_works_without_its_token(people: People) -> None:
    traces, wrong = people.audit(), []
    for client in (people.browser("admin").client, people.nobody().client):
        for rule in people.app.url_map.iter_rules():
            exempt = rule.endpoint in CSRF_EXEMPT or rule.endpoint.startswith(API)
            if "POST" in methods(rule) and not exempt:
                answer = client.post(address(rule))
                wrong += [rule.rule] if answer.status_code != 400 else []
    assert wrong == []
    assert people.audit() == traces


def test_a_token_of_another_session_is_none(people: People) -> None:
    token = people.browser("operations").token()
    data = {"csrf_token": token, "book": "live"}
    assert people.browser("admin").client.post("/book/", data=data).status_code == 400


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:80", ""])
@pytest.mark.parametrize("path", ["/", "/login/", "/healthz", "/users/"])
def test_a_forged_host_is_a_bad_request(people: People, host: str, path: str) -> None:
    answer = people.browser("admin").get(path, headers={"Host": host} if host else {"Host": " "})
    assert answer.status_code == 400
    assert "evil" not in answer.text
    assert "Location" not in answer.headers


def test_the_start_sends_no_statement(environment: Path) -> None:
    assert environment
    heard: list[str] = []

    def listen(*arguments: object) -> None:
        heard.append(str(arguments[2]))

    event.listen(Engine, "before_cursor_execute", listen)
    try:
        create_app()
    finally:
        event.remove(Engine, "before_cursor_execute", listen)
    assert heard == []


def test_no_table_has_a_sequence() -> None:
    defaults = [
        column.default
        for table in metadata.tables.values()
        for column in table.columns
        if column.default is not None
    ]
    assert defaults
    assert not [default for default in defaults if default.is_sequence]
