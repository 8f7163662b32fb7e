"""The shape of an e-mail address."""

from __future__ import annotations

import re
from typing import Final

MAX_EMAIL: Final = 254
_EMAIL: Final = re.compile(
    r"[^@\s<>()\[\]\\,;:\"]{1,64}@[^@\s<>()\[\]\\,;:\".]+(?:\.[^@\s<>()\[\]\\,;:\".]+)+"
)


def is_email(text: str) -> bool:
    """Tell whether a text has the shape of an e-mail address."""
    return _EMAIL.fullmatch(text) is not None
