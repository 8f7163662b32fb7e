"""The page of the API and the description that it draws."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.views.api.conftest import PAYMENT

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.views.api.conftest import Program
    from tests.views.people import People

_LOADED: Final = re.compile(r'<(?:script|link|img)[^>]*?(?:src|href)="([^"]*)"')


@pytest.fixture
def stranger(people: People) -> FlaskClient:
    """Return somebody who is not signed in and has no key."""
    return people.app.test_client()


@pytest.fixture
def page(stranger: FlaskClient) -> TestResponse:
    return stranger.get("/v1/docs")


@pytest.fixture
def description(stranger: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = stranger.get("/v1/openapi.json").get_json()
    return found


def test_everybody_may_read_the_page_in_their_language(
    page: TestResponse, stranger: FlaskClient
) -> None:
    assert (page.status_code, page.mimetype) == (200, "text/html")
    for part in ('<html lang="en"', "<h1>", "<noscript>", 'href="/v1/openapi.json"', "sk_live_"):
        assert part in page.text, part
    german = stranger.get("/v1/docs", headers={"Accept-Language": "de"})
    assert '<html lang="de"' in german.text


def test_the_page_runs_only_our_scripts_under_the_policy_of_every_page(page: TestResponse) -> None:
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    nonces = re.findall(r"script-src 'nonce-([^']+)';", policy)
    scripts = re.findall(r"<script([^>]*)>([^<]*)</script>", page.text)
    assert len(scripts) == page.text.count("<script") == 3
    assert [inline for _, inline in scripts if inline.strip()] == []
    assert all(f'nonce="{nonces[0]}"' in given for given, _ in scripts)
    assert " style=" not in page.text


def test_the_page_loads_nothing_from_elsewhere(page: TestResponse) -> None:
    loaded = _LOADED.findall(page.text)
    assert any("vendor/swagger-ui-bundle.js" in each for each in loaded)
    assert [each for each in loaded if not each.startswith("/static/")] == []


def test_each_post_names_the_key_that_it_refuses_to_do_without(
    description: dict[str, Any], shop: Program
) -> None:
    payment = shop.paid(capture="manual")["id"]
    bodies = {
        "/v1/payments": PAYMENT,
        "/v1/payment_links": {"title": "T", "amount": 5, "currency": "EUR", "reference": "r"},
        "/v1/payment_links/{link_id}/send": {"to": "jo@example.com"},
        "/v1/webhook_endpoints": {"url": "http://127.0.0.1:9999/hook"},
        "/v1/events/{event_id}/resend": {"webhook_endpoint": "we_x"},
    }
    posts = {path: ways["post"] for path, ways in description["paths"].items() if "post" in ways}
    assert posts.keys() >= bodies.keys()
    for path, operation in posts.items():
        assert {"$ref": "#/components/parameters/IdempotencyKey"} in operation["parameters"], path
        place = re.sub(r"{\w+}", payment, path.removeprefix("/v1"))
        is_form = "multipart/form-data" in operation["requestBody"]["content"]
        file = {"file": (io.BytesIO(b"reference"), "a.csv"), "kind": "payments"}
        refused = (
            shop.send(place, key="", **file)
            if is_form
            else shop.post(place, bodies.get(path, {}), key="")
        )
        assert refused.get_json()["code"] == "idempotency_key_missing", path
    assert description["components"]["parameters"]["IdempotencyKey"]["required"] is True


@pytest.mark.usefixtures("redis_server")
def test_the_headers_that_are_described_are_sent(
    description: dict[str, Any], shop: Program
) -> None:
    described = description["paths"]["/v1/payments"]["post"]["responses"]
    for key, status in (("a", "201"), ("a", "201"), ("", "400")):
        answer = shop.post("/payments", PAYMENT, key=key)
        assert answer.status_code == int(status)
        assert answer.mimetype in described[status]["content"]
        sent = set(described[status]["headers"]) - {"Idempotent-Replayed"}
        assert sent == {"Request-Id", "PayAgency-Version", "RateLimit"}
        assert sent <= {name for name, _ in answer.headers}
    assert "Idempotent-Replayed" in described["201"]["headers"]
    without = shop.client.get("/v1/balance")
    stated = description["paths"]["/v1/balance"]["get"]["responses"]["401"]
    assert (list(stated["content"]), list(stated["headers"])) == (
        [without.mimetype],
        ["Request-Id"],
    )


def test_the_example_of_a_payment_is_taken_as_it_stands(
    description: dict[str, Any], shop: Program
) -> None:
    body = description["paths"]["/v1/payments"]["post"]["requestBody"]["content"]
    assert shop.paid(**body["application/json"]["example"])["status"] == "succeeded"


def test_every_reference_of_the_description_leads_somewhere(description: dict[str, Any]) -> None:
    wanted = set(re.findall(r"'\$ref': '#/components/(\w+)/(\w+)'", str(description)))
    assert ("headers", "RequestId") in wanted
    assert [each for each in wanted if each[1] not in description["components"][each[0]]] == []
