"""The key ring: made once, readable by its owner only, rotated by adding a key."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

import config
from app.adapters import crypto
from app.adapters.crypto import UnreadableError
from app.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Keep the key ring in a folder of this test."""
    path = tmp_path / "keys.json"
    monkeypatch.setenv("KEYS_URL", f"file://{path}")
    config.get.cache_clear()
    crypto.ring.cache_clear()
    yield path
    monkeypatch.undo()
    config.get.cache_clear()
    crypto.ring.cache_clear()


def test_the_ring_is_made_once_and_for_its_owner_only(keys: Path) -> None:
    sealed = crypto.encrypt("secret", "a.b")
    assert keys.stat().st_mode & 0o777 == 0o600
    crypto.ring.cache_clear()
    assert crypto.decrypt(sealed, "a.b") == "secret"
    assert [path.name for path in keys.parent.iterdir()] == ["keys.json"]


def test_a_ring_that_others_can_read_is_refused(keys: Path) -> None:
    crypto.encrypt("secret", "a.b")
    keys.chmod(0o644)
    crypto.ring.cache_clear()
    with pytest.raises(ConfigurationError, match="chmod 600"):
        crypto.encrypt("secret", "a.b")


def test_a_new_key_encrypts_and_the_old_one_still_reads(keys: Path) -> None:
    sealed = crypto.encrypt("secret", "a.b")
    stored = json.loads(keys.read_text())
    stored["keys"]["2"] = base64.b64encode(bytes(range(32))).decode()
    stored["current"] = 2
    keys.write_text(json.dumps(stored))
    crypto.ring.cache_clear()
    assert crypto.decrypt(sealed, "a.b") == "secret"
    assert crypto.encrypt("secret", "a.b")[1:5] == (2).to_bytes(4, "big")


def test_a_lost_key_is_said_plainly(keys: Path) -> None:
    sealed = crypto.encrypt("secret", "a.b")
    keys.unlink()
    crypto.ring.cache_clear()
    with pytest.raises(UnreadableError):
        crypto.decrypt(sealed, "a.b")
    with pytest.raises(UnreadableError, match="not in the key ring"):
        crypto.decrypt(sealed[:1] + (9).to_bytes(4, "big") + sealed[5:], "a.b")


@pytest.mark.usefixtures("keys")
def test_production_never_makes_a_new_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    production = config.get().model_copy(update={"environment": "production"})
    monkeypatch.setattr(config, "get", lambda: production)
    with pytest.raises(ConfigurationError, match="Restore the key ring"):
        crypto.ring(production.keys)


@pytest.mark.usefixtures("keys")
def test_an_unknown_kind_of_key_store_is_a_configuration_fault() -> None:
    with pytest.raises(ConfigurationError, match="vault:// is not supported"):
        crypto.ring("vault://keys")
