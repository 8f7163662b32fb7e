"""Cards encrypted as a browser does it, by a library of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from joserfc import jwe
from joserfc.jwk import RSAKey

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

APPROVED = "4242424242424242"
DECLINED = "4000000000000002"


def seal(jwk: Mapping[str, Any], number: str = APPROVED, **more: str) -> str:
    """Return a card as a compact JWE to the public key `jwk`."""
    card = {"number": number, "exp_month": "7", "exp_year": "2031", "cvc": "123", **more}
    header = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": jwk["kid"]}
    parts = {name: jwk[name] for name in ("kty", "n", "e")}
    key, known = RSAKey.import_key(parts), [header["alg"], header["enc"]]
    return jwe.encrypt_compact(header, json.dumps(card), key, algorithms=known)
