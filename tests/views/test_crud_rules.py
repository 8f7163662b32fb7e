"""What a generated screen must say before it is registered, and its actions and suggestions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select

from app.domain.identifiers import new_id
from app.models import Capability, Merchant
from app.views.crud import NEEDED, RecordView
from app.views.merchants import MerchantsView
from tests.fixtures.application import NOW

if TYPE_CHECKING:
    from flask import Flask

    from tests.views.people import People


def _register(app: Flask, **changes: object) -> RecordView:
    view = type("AnotherView", (MerchantsView,), changes)
    with app.app_context():
        made: RecordView = view()
    return made


@pytest.mark.parametrize("name", NEEDED)
def test_a_screen_that_leaves_something_to_be_guessed_is_refused(web_app: Flask, name: str) -> None:
    with pytest.raises(TypeError, match=name):
        _register(web_app, **{name: None})


def test_a_screen_that_serves_uploads_is_refused(web_app: Flask) -> None:
    with pytest.raises(TypeError, match="any file"):
        _register(web_app, include_route_methods={"list", "download"})


def test_a_screen_whose_permission_is_not_written_down_is_refused(web_app: Flask) -> None:
    with pytest.raises(TypeError, match="not written"):
        _register(web_app, class_permission_name="spaceships")


def test_a_form_over_a_type_that_it_cannot_hold_is_refused(web_app: Flask) -> None:
    with pytest.raises(TypeError, match="no generated form"):
        _register(web_app, add_columns=["created_at"])


def test_no_columns_means_none(web_app: Flask) -> None:
    view = _register(web_app, add_columns=[], edit_columns=[], search_columns=[])
    assert (view.add_columns, view.edit_columns, view.search_columns) == ([], [], [])
    with web_app.test_request_context("/"):
        names = {field.name for field in view.add_form()}
        assert names <= {"csrf_token"}


def test_the_filters_of_a_screen_are_never_kept(web_app: Flask) -> None:
    view = _register(web_app)
    assert view._filters is not view._filters
    with web_app.test_request_context("/"):
        assert view._filters is view._filters


def _ids(people: People, kind: str) -> list[str]:
    with people.engine.connect() as connection:
        found = select(Capability.public_id).where(Capability.kind == kind)
        return list(connection.execute(found.order_by(Capability.id)).scalars())


def test_an_action_is_done_to_rows_that_one_sees(trap: People) -> None:
    one, two = _ids(trap, "card")
    browser = trap.browser("admin")
    assert browser.post(f"/trap/action/collect/{one}").json == [one]
    data = {"action": "collect", "rowid": [one, two]}
    assert browser.post("/trap/action_post", data).json == [one, two]


def test_an_action_on_a_row_that_the_base_filter_hides_is_not_found(trap: People) -> None:
    (seen, _), (hidden, _) = _ids(trap, "card"), _ids(trap, "bulk")
    browser = trap.browser("admin")
    assert browser.post(f"/trap/action/collect/{hidden}").status_code == 404
    data = {"action": "collect", "rowid": [seen, hidden]}
    assert browser.post("/trap/action_post", data).status_code == 404


def test_an_action_on_a_row_of_the_other_book_is_not_found(trap: People) -> None:
    browser = trap.browser("admin")
    browser.post("/book/", {"book": "live"})
    assert browser.post(f"/trap/action/collect/{_ids(trap, 'card')[0]}").status_code == 404


def test_an_action_by_address_alone_is_none(trap: People) -> None:
    one = _ids(trap, "card")[0]
    browser = trap.browser("admin")
    assert browser.get(f"/trap/action/collect/{one}").status_code == 405
    assert browser.get("/trap/action_post").status_code == 405


@pytest.mark.parametrize("path", ["/trap/action/nope/x", "/trap/action/delete_all/x"])
def test_an_unknown_action_is_not_found(trap: People, path: str) -> None:
    browser = trap.browser("admin")
    assert browser.post(path).status_code == 404
    assert browser.post("/trap/action_post", {"action": "nope"}).status_code == 404
    assert browser.post("/trap/action_post").status_code == 404


def test_an_action_needs_its_permission(trap: People) -> None:
    one = _ids(trap, "card")[0]
    browser = trap.browser("auditor")
    assert browser.get("/trap/").status_code == 200
    assert browser.post(f"/trap/action/collect/{one}").status_code == 403
    assert browser.post("/trap/action_post", {"action": "collect"}).status_code == 403


def test_an_action_takes_no_endless_list(trap: People) -> None:
    data = {"action": "collect", "rowid": _ids(trap, "card")[:1] * 101}
    assert trap.browser("admin").post("/trap/action_post", data).status_code == 400


@pytest.fixture
def crowd(people: People) -> People:
    """Make 30 merchants with a name that no page may list."""
    rows = [
        {
            "public_id": new_id("mer", NOW),
            "key": f"canary-{number}",
            "name": f"Canary {number}",
            "country": "IN",
            "default_currency": "INR",
            "timezone": "UTC",
            "status": "active",
            "created_at": NOW,
        }
        for number in range(30)
    ]
    with people.engine.begin() as connection:
        connection.execute(insert(Merchant), rows)
    return people


FORMS = ["/capabilities/add", "/limits/add", "/users/add", "/capabilities/"]


@pytest.mark.parametrize("path", FORMS)
def test_no_form_lists_the_rows_of_another_table(crowd: People, path: str) -> None:
    assert "anary" not in crowd.browser("admin").get(path).text


def test_suggestions_are_few_and_searched(crowd: People) -> None:
    browser = crowd.browser("admin")
    every = browser.get("/capabilities/options/merchant_id").json
    assert every
    assert len(every["options"]) == 20
    found = browser.get("/capabilities/options/merchant_id?q=CANARY 29").json
    assert found == {"options": [{"value": "canary-29", "title": "Canary 29"}]}
    assert browser.get("/capabilities/options/merchant_id?q=%25").json == {"options": []}


@pytest.mark.parametrize("field", ["granted_by", "id", "password", "nope"])
def test_there_are_suggestions_for_keys_of_other_tables_only(people: People, field: str) -> None:
    assert people.browser("admin").get(f"/capabilities/options/{field}").status_code == 404


@pytest.mark.parametrize("username", ["acme-owner", "auditor", "operations"])
def test_suggestions_need_the_right_to_use_them(people: People, username: str) -> None:
    browser = people.browser(username)
    assert browser.get("/capabilities/options/merchant_id").status_code == 403
