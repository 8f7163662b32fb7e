"""The description of the API: checked in, noted when it changes, and true of a live server."""

from __future__ import annotations

import re
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import positive_data_acceptance
from werkzeug.serving import make_server

from app.adapters import rates
from app.domain.api_keys import API_VERSION
from scripts import openapi
from tests.conftest import SCALE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from schemathesis.schemas import APIOperation

    from tests.views.api.conftest import Program

EXCLUDED: Final[list[Any]] = [positive_data_acceptance]
"""What a merchant may do, and what is still possible, no shape can say."""
EXAMPLES: Final = 15 if SCALE == "small" else 300


def test_the_description_is_checked_in_and_its_change_is_noted(web_app: Flask) -> None:
    found = openapi.text(web_app)
    assert openapi.WRITTEN.read_text() == found, "make openapi"
    notes = openapi.VERSIONS.read_text()
    newest = re.search(r"^## (\S+)\n+- `(\w+)`", notes, re.MULTILINE)
    assert newest is not None
    assert newest.groups() == (API_VERSION, openapi.digest(found)), "say what changed"


@pytest.fixture
def live(shop: Program, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Yield the address of a running server whose keys may ask as often as they like."""
    monkeypatch.setattr(rates, "hit", lambda *_: None)
    server = make_server("127.0.0.1", 0, shop.client.application, threaded=True)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.mark.timeout(600)
def test_a_live_server_answers_as_described(live: str, shop: Program) -> None:
    schema = schemathesis.openapi.from_url(f"{live}/v1/openapi.json")
    asked = {
        _ask_much(found.ok(), shop)
        for found in schema.get_all_operations()
        if isinstance(found, Ok)
    }
    assert asked == {
        f"{method.upper()} {path}"
        for path, each in schema.raw_schema["paths"].items()
        for method in each
    }


def _ask_much(operation: APIOperation[Any, Any, Any, Any], shop: Program) -> str:
    @settings(
        max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None
    )
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=shop.headers, excluded_checks=EXCLUDED)

    ask()
    return operation.label
