"""The door to password hashing: scrypt, in the format that Flask-AppBuilder stores."""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache

from werkzeug.security import check_password_hash, generate_password_hash


def digest(password: str) -> str:
    """Hash a password with a salt of its own."""
    return generate_password_hash(password, method="scrypt")


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return digest(secrets.token_urlsafe(32))


def matches(stored: str | None, password: str) -> bool:
    """Answer whether it is the password; without a stored hash it takes as long and is False."""
    found = check_password_hash(stored or _nobodys(), password)
    return found and bool(stored)


def stamp(stored: str | None) -> str:
    """Return what a session remembers of the hash, so that a new password ends old sessions."""
    return hashlib.sha256((stored or "").encode()).hexdigest()[:32]
