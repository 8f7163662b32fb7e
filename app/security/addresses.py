"""Addresses that a request names as the place to go on to."""

from __future__ import annotations

from urllib.parse import urlsplit

import config


def local(text: str) -> str | None:
    """Return the path and query of an address of our own; None for any other."""
    if not text.isprintable() or "\\" in text or text.startswith("//"):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    ours = not parts.scheme and not parts.netloc
    if parts.scheme in {"http", "https"} and parts.hostname in config.get().hosts:
        ours = True
    if not ours or not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")
