"""Cards that come encrypted to the sandbox's key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import RSAKey

from sandbox.card_keys import CardKey
from tests.sealing import APPROVED, DECLINED, seal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.conftest import Place, Shop


@pytest.fixture
def jwk(shop: Shop) -> dict[str, Any]:
    return dict(shop.get("/v1/card-key").get_json()["jwk"])


def test_a_sealed_card_is_charged_and_only_what_may_be_shown_is_kept(
    place: Place, shop: Shop, jwk: dict[str, Any]
) -> None:
    assert not {"d", "p", "q"} & set(jwk)
    made = shop.charge("k1", source={"encrypted": seal(jwk, holder="A. Payer")}).get_json()
    assert (made["status"], made["card"]["last4"]) == ("succeeded", "4242")
    assert made["card"]["fingerprint"] == shop.charge("k2").get_json()["card"]["fingerprint"]
    kept = place.store.path.read_bytes() + b"".join(
        file.read_bytes() for file in place.store.path.parent.glob("*-wal")
    )
    assert APPROVED.encode() not in kept
    assert b'"cvc"' not in kept
    assert b"A. Payer" not in kept


def test_the_same_sealed_card_is_the_same_call_and_another_is_not(
    shop: Shop, jwk: dict[str, Any]
) -> None:
    first = {"encrypted": seal(jwk, DECLINED)}
    assert shop.charge("k1", source=first).get_json()["failure"]["code"] == "card_declined"
    assert shop.charge("k1", source=first).headers["Idempotent-Replayed"] == "true"
    assert shop.charge("k1", source={"encrypted": seal(jwk, DECLINED)}).status_code == 409


def test_what_is_sealed_to_another_key_or_broken_is_refused_and_frees_its_key(
    shop: Shop, jwk: dict[str, Any]
) -> None:
    other = RSAKey.generate_key(2048)
    stale = {**other.as_dict(private=False), "kid": other.thumbprint()}
    whole = seal(jwk)
    cut = f"{whole[:-8]}AAAAAAAA"
    sources = {
        seal(stale): "stale_card_key",
        seal({**stale, "kid": jwk["kid"]}): "card_unreadable",
        cut: "card_unreadable",
        "a.b.c.d.e": "card_unreadable",
        "x" * 5000: "card_unreadable",
        seal(jwk, "5555555555554444"): "not_a_test_card",
    }
    for sealed, code in sources.items():
        answer = shop.charge("k1", source={"encrypted": sealed})
        assert (answer.status_code, answer.get_json()["error"]["code"]) == (422, code)
    assert shop.charge("k1", source={"encrypted": whole}).get_json()["status"] == "succeeded"


def test_the_key_outlives_the_process_and_is_read_by_nobody_else(tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    first = CardKey(file).public()
    assert CardKey(file).public() == first
    assert file.stat().st_mode & 0o077 == 0


def test_the_key_is_told_to_accounts_only(place: Place) -> None:
    assert place.client.get("/v1/card-key").status_code == 401
