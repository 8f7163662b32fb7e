"""The door to the keys: encryption of columns and blind indexes, by a local key ring.

The ring is a JSON file of mode 0600. Each ciphertext names its key, so that keys can be rotated,
and is bound to its place by AES-GCM's additional data (NIST SP 800-38D).
"""

from __future__ import annotations

import base64
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

import config
from app.errors import ConfigurationError, PayAgencyError, said

_VERSION = 1
_NONCE_BYTES = 12


class UnreadableError(PayAgencyError):
    """A ciphertext cannot be read: another place, a missing key or a changed byte."""

    code = "unreadable"
    title = said("Encrypted value cannot be read")


@dataclass(frozen=True, slots=True, repr=False)
class KeyRing:
    """Keys by number; `current` encrypts, all decrypt, `index` makes blind indexes."""

    current: int
    keys: dict[int, bytes]
    index: bytes


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(
        {
            "current": 1,
            "keys": {"1": base64.b64encode(secrets.token_bytes(32)).decode()},
            "index": base64.b64encode(secrets.token_bytes(32)).decode(),
        }
    )
    partial = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(partial, path)
    except FileExistsError:
        return
    finally:
        partial.unlink()


@lru_cache(maxsize=4)
def ring(url: str) -> KeyRing:
    """Load the key ring of this URL; makes one outside production when there is none."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        message = f"KEYS_URL: {parts.scheme}:// is not supported. Use file:///path/keys.json."
        raise ConfigurationError([message])
    path = Path(parts.path)
    if not path.exists():
        if config.get().environment == "production":
            raise ConfigurationError([f"KEYS_URL: {path} does not exist. Restore the key ring."])
        _create(path)
    if path.stat().st_mode & 0o077:
        raise ConfigurationError([f"KEYS_URL: {path} can be read by others. Run chmod 600."])
    stored = json.loads(path.read_text())
    return KeyRing(
        current=int(stored["current"]),
        keys={int(name): base64.b64decode(key) for name, key in stored["keys"].items()},
        index=base64.b64decode(stored["index"]),
    )


def encrypt(text: str, place: str) -> bytes:
    """Encrypt `text` for `place`: version byte, key number (4 bytes), nonce, ciphertext and tag."""
    keys = ring(config.get().keys)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    head = bytes([_VERSION]) + keys.current.to_bytes(4, "big")
    sealed = AESGCM(keys.keys[keys.current]).encrypt(nonce, text.encode(), head + place.encode())
    return head + nonce + sealed


def decrypt(data: bytes, place: str) -> str:
    """Decrypt what `encrypt` made for the same place; raises UnreadableError."""
    head, nonce, sealed = data[:5], data[5 : 5 + _NONCE_BYTES], data[5 + _NONCE_BYTES :]
    key = ring(config.get().keys).keys.get(int.from_bytes(head[1:], "big"))
    if key is None or not head or head[0] != _VERSION:
        raise UnreadableError(said("The key of an encrypted value is not in the key ring."))
    try:
        return AESGCM(key).decrypt(nonce, sealed, head + place.encode()).decode()
    except InvalidTag as error:
        raise UnreadableError(said("An encrypted value was changed or moved.")) from error


def blind_index(text: str, place: str) -> bytes:
    """Return 32 bytes that let equal values be found without being read (HMAC-SHA-256)."""
    normal = text.strip().casefold()
    key = ring(config.get().keys).index
    return hmac.digest(key, f"{place}\0{normal}".encode(), "sha256")
