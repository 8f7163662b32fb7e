from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from tests.sandbox.conftest import Shop

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

REAL_NUMBER = "4111111111111111"


def test_the_same_key_and_body_gets_the_same_answer(shop: Shop) -> None:
    first = shop.charge("k1")
    again = shop.charge("k1")
    assert again.get_json() == first.get_json()
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert len(shop.effects()) == 1
    assert [call["replayed"] for call in shop.log()["calls"]] == [False, True]


@pytest.mark.parametrize("other", [{"amount_minor": 1051}, {"source": {"token": "tok_decline"}}])
def test_the_same_key_with_another_body_is_refused(shop: Shop, other: dict[str, Any]) -> None:
    shop.charge("k1")
    refused = shop.charge("k1", **other)
    assert (refused.status_code, refused.get_json()["error"]["code"]) == (
        409,
        "idempotency_mismatch",
    )
    assert len(shop.effects()) == 1


def test_twenty_calls_at_once_with_one_key_have_one_effect(client: FlaskClient) -> None:
    def call(_number: int) -> tuple[int, Any]:
        answer = Shop(client.application.test_client()).charge("k1")
        return answer.status_code, answer.get_json()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(call, range(20)))
    assert {status for status, _ in answers} == {200}
    assert len({body["id"] for _, body in answers}) == 1
    assert len(Shop(client).effects()) == 1


def test_a_key_belongs_to_its_account(client: FlaskClient) -> None:
    mine, yours = Shop(client, "sk_mine"), Shop(client, "sk_yours")
    charge = mine.charge("k1").get_json()["id"]
    assert yours.get("/v1/by-key/k1").status_code == 404
    assert yours.get(f"/v1/charges/{charge}").status_code == 404
    assert yours.get("/v1/charges?reference=pay_1").get_json() == {"data": []}
    assert yours.post(f"/v1/charges/{charge}/refunds", "r", amount_minor=1).status_code == 404
    assert yours.charge("k1").get_json()["id"] != charge


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_minor": 0},
        {"amount_minor": -1},
        {"amount_minor": 10.5},
        {"amount_minor": "1050"},
        {"amount_minor": True},
        {"amount_minor": 2**63},
        {"currency": "eur"},
        {"currency": None},
        {"reference": ""},
        {"reference": "x" * 256},
        {"capture": "yes"},
        {"source": "tok_approve"},
        {"source": {"token": "tok_approve", "cvc": "123"}},
        {"source": {"number": "4242424242424242", "exp_month": 13, "exp_year": 2031, "cvc": "1"}},
        {"source": {"number": "4242424242424242", "exp_month": 1, "exp_year": 2031, "cvc": "1"}},
        {"metadata": {"operation": 7}},
        {"metadata": []},
        {"return_url": "javascript:alert(1)"},
        {"return_url": "https://user:secret@shop.example/"},
        {"return_url": "https://[::1/"},
        {"return_url": "//shop.example/"},
        {"return_url": "https://shop.example/\r\nX: 1"},
        {"surprise": 1},
    ],
)
def test_a_wrong_field_is_named_and_leaves_the_key_free(shop: Shop, wrong: dict[str, Any]) -> None:
    refused = shop.charge("k1", **wrong)
    assert refused.status_code == 422
    assert next(iter(wrong)) in refused.get_json()["error"]["message"]
    assert shop.effects() == []
    assert shop.charge("k1").get_json()["status"] == "succeeded"


@pytest.mark.parametrize(
    "headers, body, status",
    [
        ({}, "{}", 401),
        ({"Authorization": "Basic c2s6"}, "{}", 401),
        ({"Authorization": "Bearer sk"}, "{}", 400),
        ({"Authorization": "Bearer sk", "Idempotency-Key": "x" * 256}, "{}", 400),
        ({"Authorization": "Bearer sk", "Idempotency-Key": "k"}, "no json", 400),
        ({"Authorization": "Bearer sk", "Idempotency-Key": "k"}, "[]", 400),
        ({"Authorization": "Bearer sk", "Idempotency-Key": "k"}, " " * 70_000, 413),
    ],
)
def test_a_call_that_cannot_be_read_is_refused_and_logged(
    shop: Shop, headers: dict[str, str], body: str, status: int
) -> None:
    answer = shop.client.post("/v1/charges", data=body, headers=headers)
    assert answer.status_code == status
    assert [call["status"] for call in shop.log()["calls"]] == [status]


@pytest.mark.parametrize(
    "body",
    [
        {"source": {"number": REAL_NUMBER, "exp_month": 1, "exp_year": 2031, "cvc": "987"}},
        {"source": {"token": REAL_NUMBER}},
        {"reference": REAL_NUMBER},
        {"metadata": {"note": "4111-1111-1111-1111"}},
        {"metadata": {REAL_NUMBER: "x"}},
    ],
)
def test_no_card_number_reaches_the_disk(
    shop: Shop, store_file: Path, body: dict[str, Any]
) -> None:
    shop.charge("k1", **body)
    shop.charge(REAL_NUMBER)
    shop.get(f"/v1/by-key/{REAL_NUMBER}")
    files = b"".join(file.read_bytes() for file in store_file.parent.iterdir())
    assert b"charge.create" in files
    assert REAL_NUMBER.encode() not in files.replace(b"-", b"")
    assert b"987" not in files
    assert b"sk_sandbox_shop" not in files


def test_the_number_of_a_test_card_is_kept_as_last_four_only(shop: Shop, store_file: Path) -> None:
    source = {"number": "4000000000000259", "exp_month": 1, "exp_year": 2031, "cvc": "986"}
    assert shop.charge("k1", source=source).get_json()["status"] == "succeeded"
    files = b"".join(file.read_bytes() for file in store_file.parent.iterdir())
    assert b"ends in 0259" in files
    assert b"4000000000000259" not in files
