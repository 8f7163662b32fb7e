"""What stands in a page, as a reader sees it."""

from __future__ import annotations

import re
from html import unescape


def column(page: str, name: str) -> list[str]:
    """Return the texts of a column of a list, row by row."""
    cells = re.findall(rf'<td class="col-{name}[^>]*>(.*?)</td>', page, re.DOTALL)
    return [text(cell) for cell in cells]


def text(html: str) -> str:
    """Return a piece of a page without its elements, its blanks made one."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())
