"""Merchants' logos: taken in as a picture of our own making, kept, shown to everybody, dropped."""

from __future__ import annotations

import hashlib
import re
from typing import IO, TYPE_CHECKING, Final

from app.adapters import images, storage
from app.errors import NotFoundError, said

if TYPE_CHECKING:
    from datetime import datetime

TYPE: Final = "image/png"
MOST_BYTES: Final = 1024 * 1024
"""How large a file may be that is sent."""
MOST_PIXELS_A_SIDE: Final = 512
"""How large a logo is kept."""
_FOLDER: Final = "logos/"
_NAME: Final = re.compile(r"[0-9a-f]{40}\.png")


def keep(merchant: str, now: datetime, source: IO[bytes]) -> str:
    """Keep the picture of a file as a merchant's (public id) logo; answers where.

    Its name is a digest of whose it is, what it holds and when it came: nobody guesses it, and no
    two are kept in one place. Raises BadInputError at `logo`.
    """
    content = images.as_png(source.read(MOST_BYTES + 1), MOST_BYTES, MOST_PIXELS_A_SIDE)
    digest = hashlib.sha256(f"{merchant} {now.isoformat()} ".encode() + content).hexdigest()
    place = f"{_FOLDER}{digest[:40]}.png"
    storage.write(place, lambda file: file.write(content))
    return place


def name_of(place: str) -> str:
    """Return the name under which a logo is shown; empty where there is none."""
    return place.removeprefix(_FOLDER)


def named(name: str) -> bytes:
    """Return a logo by the name under which it is shown. Raises NotFoundError."""
    if not _NAME.fullmatch(name):
        raise NotFoundError(said("There is no such logo."))
    with storage.open_read(f"{_FOLDER}{name}") as file:
        return file.read()


def drop(place: str) -> None:
    """Let a logo go; nothing happens where there is none."""
    if place:
        storage.delete(place)
