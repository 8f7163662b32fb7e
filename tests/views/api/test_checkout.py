"""Payments whose payer chooses, and cards that a program had encrypted in the payer's browser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from app.domain.api_keys import Scope
from app.providers import registry
from app.services import execute
from tests.sealing import APPROVED, DECLINED, seal
from tests.services import flows
from tests.views.api.conftest import PAYMENT

if TYPE_CHECKING:
    from tests.infra.sandbox import SandboxServer
    from tests.views.api.conftest import Program, Programs

OPEN: dict[str, Any] = {name: part for name, part in PAYMENT.items() if name != "method"}


def _sealed(shop: Program, number: str = APPROVED) -> dict[str, str]:
    told = shop.get("/card_keys").get_json()
    return {each["account"]: seal(each["jwk"], number) for each in told["data"]}


def _by_card(cards: object, **more: object) -> dict[str, Any]:
    return {**PAYMENT, "method": {"type": "card", "encrypted_cards": cards, **more}}


def test_without_a_method_the_payer_chooses(shop: Program) -> None:
    answer = shop.post("/payments", OPEN, key="open-1")
    told = answer.get_json()
    assert (answer.status_code, told["status"]) == (201, "created")
    assert (told["method"], told["next_action"], told["failure"]) == (None, None, None)
    assert "/pay/" in told["checkout_url"]
    assert shop.get(f"/payments/{told['id']}").get_json() == told
    again = shop.post("/payments", OPEN, key="open-1")
    assert (again.get_json(), again.headers["Idempotent-Replayed"]) == (told, "true")
    given_up = shop.post(f"/payments/{told['id']}/cancel").get_json()
    assert given_up["status"] == "canceled"


def test_an_open_payment_that_nobody_takes_is_refused(
    shop: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "CONNECTORS", {})
    answer = shop.post("/payments", OPEN)
    assert (answer.status_code, answer.get_json()["code"]) == (503, "unavailable")
    assert shop.get("/payments").get_json()["data"] == []


def test_an_encrypted_card_pays_once_for_its_key(
    shop: Program, sandbox_server: SandboxServer
) -> None:
    body = _by_card(_sealed(shop))
    first = shop.post("/payments", body, key="card-1")
    told = first.get_json()
    assert (first.status_code, told["status"]) == (201, "succeeded")
    assert (told["method"]["brand"], told["method"]["last4"]) == ("visa", "4242")
    again = shop.post("/payments", body, key="card-1")
    assert (again.get_json()["id"], again.headers["Idempotent-Replayed"]) == (told["id"], "true")
    other = shop.post("/payments", _by_card(_sealed(shop)), key="card-1")
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_mismatch")
    assert len(sandbox_server.log().of_reference(told["id"], "purchase")) == 1


def test_a_declined_card_is_a_payment_that_failed(shop: Program) -> None:
    told = shop.post("/payments", _by_card(_sealed(shop, DECLINED))).get_json()
    assert (told["status"], told["failure"]["code"]) == ("failed", "card_declined")


@pytest.mark.parametrize(
    "cards, more, pointer",
    [
        ({"ca_other": "a.b.c.d.e"}, {}, "/method/encrypted_cards"),
        ({}, {}, "/method/encrypted_cards"),
        ({"ca_1": "no JWE"}, {}, "/method/encrypted_cards/ca_1"),
        ({"ca_1": "a.b.c.d.e"}, {"token": "tok_approve"}, "/method"),
        (None, {}, "/method"),
    ],
)
def test_a_card_that_cannot_be_used_says_where(
    shop: Program, cards: object, more: dict[str, object], pointer: str
) -> None:
    answer = shop.post("/payments", _by_card(cards, **more))
    told = answer.get_json()
    assert (answer.status_code, told["errors"][0]["pointer"]) == (422, pointer)
    assert shop.get("/payments").get_json()["data"] == []


def test_a_card_in_the_clear_is_refused_and_kept_nowhere(
    shop: Program, capfd: pytest.CaptureFixture[str]
) -> None:
    card = {"number": APPROVED, "exp_month": "7", "exp_year": "2031", "cvc": "123"}
    for body in (_by_card(card), _by_card({"ca_1": APPROVED}), {**OPEN, "card": card}):
        answer = shop.post("/payments", body)
        assert answer.get_json()["code"] == "card_number_refused"
        assert APPROVED not in answer.text
    out = capfd.readouterr()
    assert APPROVED not in out.out + out.err


def test_an_encrypted_card_is_not_taken_while_nobody_can_send_it(
    shop: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(execute, "_SEATS", _Full())
    answer = shop.post("/payments", _by_card(_sealed(shop)))
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    assert shop.get("/payments").get_json()["data"] == []


class _Full:
    def acquire(self, *, blocking: bool) -> bool:
        return blocking


def test_keys_are_told_to_those_who_may_make_payments(programs: Programs) -> None:
    reader = programs.of(programs.world.owner(), frozenset({Scope.PAYMENTS_READ}))
    assert reader.get("/card_keys").status_code == 403
    told = programs.of(programs.world.owner()).get("/card_keys").get_json()
    assert [set(each["jwk"]) for each in told["data"]] == [{"kty", "n", "e", "alg", "kid"}]
    assert flows.balances(programs.world.staff()) == {}
