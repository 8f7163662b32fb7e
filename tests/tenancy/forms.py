"""The forms that pages show: where they are sent and which fields they have."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

_IGNORED: Final = frozenset({"submit", "button", "image", "reset"})


@dataclass(slots=True)
class Form:
    """A form; `fields` are name → (type, first value)."""

    method: str
    path: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            path = urlsplit(found.get("action", "")).path or urlsplit(self.page).path
            self.forms.append(Form(found.get("method", "get").upper(), path))
        if not self.forms:
            return
        fields = self.forms[-1].fields
        if tag == "option" and self._select and not fields[self._select][1]:
            fields[self._select] = ("select", found.get("value", ""))
        name, kind = found.get("name", ""), found.get("type", "text")
        if tag in {"input", "textarea", "select"} and name and kind not in _IGNORED:
            fields.setdefault(name, (kind, found.get("value", "")))
            self._select = name if tag == "select" else ""


def read(page: str, html: str) -> list[Form]:
    """Return the forms of the page at this address."""
    reader = _Reader(page)
    reader.feed(html)
    return reader.forms
