"""The public keys of connector accounts, to which a payer's browser encrypts a card.

A key is public and changes rarely: it is kept in memory for a short time, so that a page that many
open asks the provider once a minute.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.errors import UnavailableError, said
from app.providers.transcript import UNREADABLE, json_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.providers.http import HttpCall, ProviderHttp

KEPT_SECONDS: Final = 60.0
AGAIN_SECONDS: Final = 5.0
"""How long a provider that did not tell its key is not asked again."""
MOST_KEPT: Final = 256
ALG: Final = "RSA-OAEP-256"
_TIMEOUT_SECONDS: Final = 3.0
_OK: Final = 200


@dataclass(frozen=True, slots=True)
class CardKey:
    """An RSA public key for RSA-OAEP-256 with A256GCM, in the words of a JWK (RFC 7517)."""

    kid: str
    n: str
    e: str

    def jwk(self) -> dict[str, str]:
        """Return it as a browser imports it."""
        return {"kty": "RSA", "n": self.n, "e": self.e, "alg": ALG, "kid": self.kid}


_lock = threading.Lock()
_kept: dict[str, tuple[float, CardKey | None]] = {}


def fetch(door: ProviderHttp, account: str, call: HttpCall) -> CardKey:
    """Return the key of an account, asked for at most once in `KEPT_SECONDS`.

    `call` asks for a JSON object whose `jwk` is the key. Raises UnavailableError, also for a while
    after the provider did not tell it: a page must not wait for it again and again.
    """
    name = f"{account} {call.url}"
    with _lock:
        at, known = _kept.get(name, (0.0, None))
    age = time.monotonic() - at
    if known is not None and age < KEPT_SECONDS:
        return known
    if at and known is None and age < AGAIN_SECONDS:
        raise UnavailableError(said("The provider did not tell its key a moment ago."))
    try:
        key = _asked(door, call)
    except UnavailableError:
        _keep(name, None)
        raise
    _keep(name, key)
    return key


def forget() -> None:
    """Forget every key, as after a change of accounts."""
    with _lock:
        _kept.clear()


def _keep(name: str, key: CardKey | None) -> None:
    with _lock:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[name] = (time.monotonic(), key)


def _asked(door: ProviderHttp, call: HttpCall) -> CardKey:
    reply = door.send(call, timeout_seconds=_TIMEOUT_SECONDS)
    if reply.status != _OK:
        raise UnavailableError(said("The provider answers {status}.", status=reply.status))
    try:
        return _read(json_object(reply.content)["jwk"])
    except UNREADABLE:
        raise UnavailableError(said("The provider tells no key that can be used.")) from None


def _read(jwk: object) -> CardKey:
    if not isinstance(jwk, dict) or (jwk["kty"], jwk["alg"]) != ("RSA", ALG):
        raise ValueError("this is no key of the kind that is used")
    return CardKey(**{name: _text(jwk, name) for name in ("kid", "n", "e")})


def _text(jwk: Mapping[str, object], name: str) -> str:
    value = jwk[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} is no text")
    return value
