"""Addresses that a request names as the place to go on to."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

import config


def local(text: str) -> str | None:
    """Return the path and query of an address of our own; None for any other."""
    if not text.isprintable() or "\\" in text or text.startswith("//"):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if not _ours(parts) or not parts.path.startswith("/") or parts.path.startswith("//"):
        return None
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _ours(parts: SplitResult) -> bool:
    if parts.scheme in {"http", "https"}:
        return parts.hostname in config.get().hosts
    return not parts.scheme and not parts.netloc
