"""Keys are asked for rarely, kept for a short time, and never believed when they are strange."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from app.errors import UnavailableError
from app.providers import card_keys
from app.providers.http import HttpCall, HttpReply, ProviderHttp

if TYPE_CHECKING:
    from collections.abc import Iterator

JWK = {"kty": "RSA", "alg": "RSA-OAEP-256", "kid": "k", "n": "n", "e": "AQAB"}
CALL = HttpCall(method="GET", url="https://provider.example/v1/card-key")


@dataclass
class Door(ProviderHttp):
    content: object = field(default_factory=lambda: {"jwk": JWK})
    status: int = 200
    asked: int = 0

    def send(self, call: HttpCall, *, timeout_seconds: float) -> HttpReply:
        assert (call, timeout_seconds) == (CALL, 3.0)
        self.asked += 1
        return HttpReply(self.status, json.dumps(self.content).encode())


@pytest.fixture(autouse=True)
def _forgetful() -> Iterator[None]:
    card_keys.forget()
    yield
    card_keys.forget()


def test_a_key_is_asked_for_once_an_account_until_it_is_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    door = Door()
    found = {card_keys.fetch(door, account, CALL).kid for account in ("a", "a", "b", "a")}
    assert (found, door.asked) == ({"k"}, 2)
    monkeypatch.setattr(card_keys, "KEPT_SECONDS", 0)
    card_keys.fetch(door, "a", CALL)
    assert door.asked == 3


def test_so_many_keys_are_kept_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(card_keys, "MOST_KEPT", 2)
    door = Door()
    for account in ("a", "b", "c", "c", "a"):
        card_keys.fetch(door, account, CALL)
    assert door.asked == 4


@pytest.mark.parametrize(
    "content", [[], {}, {"jwk": []}, {"jwk": {**JWK, "kty": "EC"}}, {"jwk": {**JWK, "n": 1}}]
)
def test_what_is_no_key_is_not_used(content: object) -> None:
    with pytest.raises(UnavailableError):
        card_keys.fetch(Door(content), "a", CALL)


def test_who_refuses_is_not_asked_again_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door(status=503)
    for reason in ("503", "a moment ago"):
        with pytest.raises(UnavailableError, match=reason):
            card_keys.fetch(door, "a", CALL)
    assert door.asked == 1
    door.status = 200
    monkeypatch.setattr(card_keys, "AGAIN_SECONDS", 0)
    assert card_keys.fetch(door, "a", CALL).kid == "k"
