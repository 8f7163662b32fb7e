"""The key pair to which browsers encrypt cards: kept beside the store, so that a restart keeps it.

A card comes as a compact JWE (RFC 7516) of a JSON object with `number`, `exp_month`, `exp_year` and
`cvc`, with RSA-OAEP-256 and A256GCM. What is decrypted lives as long as its call.
"""

from __future__ import annotations

import base64
import json
import os
import threading
from typing import TYPE_CHECKING, Any, Final

from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from sandbox.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

ALG: Final = "RSA-OAEP-256"
ENC: Final = "A256GCM"
FIELDS: Final = frozenset(("number", "exp_month", "exp_year", "cvc"))
_BITS: Final = 2048
_LONGEST: Final = 4096


class CardKey:
    """One key pair, made when it is first asked for."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._key: RSAKey | None = None

    def public(self) -> dict[str, Any]:
        """Return the public half as a JWK; `kid` names it."""
        return {
            **self._pair().as_dict(private=False),
            "kid": self._pair().thumbprint(),
            "use": "enc",
            "alg": ALG,
        }

    def opened(self, body: Mapping[str, object]) -> Mapping[str, object]:
        """Return the body of a call for a charge with its card decrypted, if it has such a one."""
        source = body.get("source")
        if not isinstance(source, dict) or set(source) != {"encrypted"}:
            return body
        return {**body, "source": self._card(source["encrypted"])}

    def _card(self, sealed: object) -> dict[str, object]:
        if not isinstance(sealed, str) or len(sealed) > _LONGEST:
            raise _unreadable()
        if _named(sealed) != self._pair().thumbprint():
            raise ApiError(
                422, "stale_card_key", "source.encrypted: is encrypted to another key than ours."
            )
        try:
            told = jwe.decrypt_compact(sealed, self._pair(), algorithms=[ALG, ENC]).plaintext
            card = json.loads(told or b"")
        except (JoseError, ValueError, TypeError, KeyError):
            raise _unreadable() from None
        if not isinstance(card, dict) or not set(card) >= FIELDS:
            raise _unreadable()
        return {name: card[name] for name in FIELDS}

    def _pair(self) -> RSAKey:
        with self._lock:
            if self._key is None:
                self._key = _read(self._file) or _made(self._file)
            return self._key


def _named(sealed: str) -> object:
    """Return the key that a JWE says it is encrypted to; it proves nothing."""
    head = sealed.partition(".")[0]
    try:
        header = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))
    except (ValueError, RecursionError):
        raise _unreadable() from None
    if not isinstance(header, dict):
        raise _unreadable()
    return header.get("kid")


def _read(file: Path) -> RSAKey | None:
    return RSAKey.import_key(json.loads(file.read_text())) if file.exists() else None


def _made(file: Path) -> RSAKey:
    key = RSAKey.generate_key(_BITS)
    beside = file.with_name(f"{file.name}.new")
    opened = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "w") as content:
        json.dump(key.as_dict(private=True), content)
    beside.replace(file)
    return key


def _unreadable() -> ApiError:
    return ApiError(422, "card_unreadable", "source.encrypted: is no card encrypted to our key.")
