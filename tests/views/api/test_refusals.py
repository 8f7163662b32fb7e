"""What the API refuses: at its place, for its reason, with nothing stored and nothing repeated."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import config
from app.adapters import db
from app.models import IdempotencyKey, Payment
from tests.views.api.conftest import PAYMENT

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.views.api.conftest import Program, Programs

CARD = "4111 1111 1111 1111"

BODIES = (
    ("", 422, "invalid_request", "/amount"),
    ("[]", 400, "invalid_json", None),
    ('{"amount": 1', 400, "invalid_json", None),
    ('{"amount": 1, "amount": 2}', 400, "invalid_json", None),
    ('{"amount": NaN}', 400, "invalid_json", None),
    ('{"a": ' * 50 + "1" + "}" * 50, 400, "invalid_json", None),
    ('{"a": ' * 30_000 + "1" + "}" * 30_000, 400, "invalid_json", None),
    (json.dumps(PAYMENT).replace("order-17", "\\ud800"), 422, "bad_input", "/reference"),
)
CHANGES: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"amount": "6000"}, "int_type", "/amount"),
    ({"amount": 60.5}, "int_type", "/amount"),
    ({"amount": 0}, "greater_than", "/amount"),
    ({"amount": -5}, "greater_than", "/amount"),
    ({"amount": 2**63}, "less_than_equal", "/amount"),
    ({"amount": True}, "int_type", "/amount"),
    ({"currency": "XYZ"}, "unknown_currency", "/currency"),
    ({"surprise": 1}, "extra_forbidden", "/surprise"),
    ({"method": {"type": "barter"}}, "union_tag_invalid", "/method"),
    ({"method": {"type": "card"}}, "value_error", "/method"),
    ({"reference": "a\u0000b"}, "string_pattern_mismatch", "/reference"),
    ({"reference": "x" * 65}, "string_too_long", "/reference"),
    ({"customer": {"email": "nobody"}}, "value_error", "/customer/email"),
    ({"return_url": "javascript:alert(1)"}, "value_error", "/return_url"),
    ({"return_url": "https://user:secret@shop.example/"}, "value_error", "/return_url"),
    ({"metadata": {str(n): "x" for n in range(10_000)}}, "too_long", "/metadata"),
    ({"metadata": {"a": 1}}, "string_type", "/metadata/a"),
    ({"metadata": {"note": f"card {CARD}"}}, "card_number_refused", "/metadata/note"),
    ({"customer": {"name": CARD}}, "card_number_refused", "/customer/name"),
    ({"method": {"type": "card", "token": CARD}}, "card_number_refused", "/method/token"),
)


def _send(shop: Program, body: str, **headers: str) -> TestResponse:
    return shop.client.post(
        "/v1/payments",
        data=body.encode("utf-8", "surrogatepass"),
        headers={
            "Content-Type": "application/json",
            "Idempotency-Key": "k",
            **shop.headers,
            **headers,
        },
    )


def _nothing_was_kept(programs: Programs) -> None:
    with db.reading(programs.world.staff()) as session:
        assert session.query(Payment).count() == session.query(IdempotencyKey).count() == 0


def _told(answer: TestResponse, status: int, code: str, pointer: str | None) -> None:
    told = answer.get_json()
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), told
    assert (told["status"], told["instance"]) == (status, "/v1/payments")
    assert told["request_id"] == answer.headers["Request-Id"]
    if pointer is None:
        assert (told["code"], "errors" in told) == (code, False)
    else:
        places = {each["pointer"]: each["code"] for each in told["errors"]}
        assert pointer in places, told
        assert code in {told["code"], places[pointer]}


def test_bodies_that_cannot_be_read_are_refused(
    shop: Program, programs: Programs, subtests: pytest.Subtests
) -> None:
    for body, status, code, pointer in BODIES:
        with subtests.test(body[:40]):
            _told(_send(shop, body), status, code, pointer)
    _nothing_was_kept(programs)


def test_each_wrong_value_is_refused_at_its_place(
    shop: Program, programs: Programs, subtests: pytest.Subtests
) -> None:
    for change, code, pointer in CHANGES:
        with subtests.test(str(change)[:60]):
            answer = _send(shop, json.dumps({**PAYMENT, **change}))
            _told(answer, 422, code, pointer)
            assert "4111" not in answer.text
            assert "secret" not in answer.text
    _nothing_was_kept(programs)


def test_other_kinds_of_bodies_are_refused(shop: Program, programs: Programs) -> None:
    body = json.dumps(PAYMENT)
    for kind in ("text/plain", "application/json; charset=utf-16"):
        assert _send(shop, body, **{"Content-Type": kind}).status_code == 415
    assert _send(shop, " " * 1_100_000).status_code == 413
    wrong = shop.client.put("/v1/payments", headers=shop.headers)
    assert (wrong.status_code, "POST" in wrong.get_json()["detail"]) == (405, True)
    unknown = shop.get("/nothing")
    assert (unknown.status_code, unknown.mimetype) == (404, "application/problem+json")
    _nothing_was_kept(programs)


def test_only_a_key_that_works_lets_anybody_in(shop: Program, programs: Programs) -> None:
    client = shop.client
    for sent in ({}, {"Authorization": "Bearer sk_test_x"}, {"Authorization": "Basic eDp5"}):
        answer = client.get("/v1/payments", headers=sent)
        assert (answer.status_code, answer.get_json()["code"]) == (401, "unauthenticated")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    cookie = programs.people.browser("acme-owner").client
    assert cookie.get("/v1/payments").status_code == 401


def test_a_query_that_means_nothing_is_refused(shop: Program) -> None:
    for query in (
        {"limit": "0"},
        {"limit": "ten"},
        {"page": "2"},
        {"created[gte]": "yesterday"},
        {"created[lt]": "2026-03-01T12:00:00"},
        {"starting_after": "pay_x", "ending_before": "pay_y"},
    ):
        assert shop.get("/payments", **query).status_code == 422, query
    assert shop.get("/payments", starting_after="pay_nothing").status_code == 404


@pytest.mark.usefixtures("redis_server")
def test_a_key_that_asks_too_often_waits(
    shop: Program, programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = config.get().model_copy(update={"payagency_api_per_minute": 4})
    monkeypatch.setattr(config, "get", lambda: settings)
    first = shop.get("/payments")
    assert first.headers["RateLimit-Policy"] == '"key";q=4;w=60'
    assert first.headers["RateLimit"].startswith('"key";r=3;t=')
    answers = [shop.get("/payments") for _ in range(6)]
    assert [each.status_code for each in answers] == [200] * 3 + [429] * 3
    refused = answers[-1]
    assert refused.get_json()["code"] == "too_many_requests"
    assert 1 <= int(refused.headers["Retry-After"]) <= 120
    assert refused.headers["RateLimit"].startswith('"key";r=0;t=')
    assert programs.of(programs.world.owner()).get("/payments").status_code == 200
