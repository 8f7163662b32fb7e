"""Addresses that lead on from a request or back to it."""

from __future__ import annotations

from urllib.parse import SplitResult, urlencode, urlsplit

from flask import request

import config
from app.domain.card_numbers import scrub_text


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


def here() -> str:
    """Return the address of this request, without card numbers that were typed into a filter."""
    path, asked = scrub_text(request.path), arguments()
    return f"{path}?{urlencode(asked)}" if asked else path


def arguments() -> list[tuple[str, str]]:
    """Return the arguments of this request; a card number is repeated in no link."""
    pairs = request.args.items(multi=True)
    return [(scrub_text(name), scrub_text(value)) for name, value in pairs]
