"""The forms that pages show: where they are sent and which fields they have."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlsplit

_FIELDS: Final = frozenset({"input", "textarea", "select"})
_IGNORED: Final = frozenset({"submit", "button", "image", "reset"})


@dataclass(slots=True)
class Form:
    """A form; `fields` are name → (type, first value), also those that name it from elsewhere."""

    method: str
    path: str
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)
    id: str = ""
    asks: bool = False
    """Whether a field must be filled in, unlike in a form of filters."""


def _typed(found: dict[str, str]) -> tuple[str, str]:
    return found.get("type", "text"), found.get("value", "")


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self.elsewhere: dict[str, dict[str, tuple[str, str]]] = {}
        self.sent_to: list[tuple[str, str]] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form(found)
        elif "form" in found:
            self._elsewhere(found)
        elif self.forms:
            self._part(tag, found)

    def _form(self, found: dict[str, str]) -> None:
        path = urlsplit(found.get("action", "")).path or urlsplit(self.page).path
        method = found.get("method", "get").upper()
        self.forms.append(Form(method, path, id=found.get("id", "")))

    def _part(self, tag: str, found: dict[str, str]) -> None:
        if "formaction" in found:
            whole, path = self.forms[-1], urlsplit(found["formaction"]).path
            self.forms.insert(-1, Form(whole.method, path, whole.fields))
        elif tag == "option":
            self._option(found.get("value", ""))
        elif tag in _FIELDS and found.get("type") not in _IGNORED:
            self._field(tag, found.get("name", ""), found)

    def _elsewhere(self, found: dict[str, str]) -> None:
        if "formaction" in found:
            self.sent_to.append((found["form"], urlsplit(found["formaction"]).path))
        value = found.get("type", "text"), found.get("value", "")
        if found.get("name"):
            self.elsewhere.setdefault(found["form"], {}).setdefault(found["name"], value)

    def _field(self, tag: str, name: str, found: dict[str, str]) -> None:
        if name:
            self.forms[-1].fields.setdefault(name, _typed(found))
            self.forms[-1].asks |= "required" in found
        self._select = name if tag == "select" else ""

    def _option(self, value: str) -> None:
        """Take the first option that is not empty."""
        if self._select and not self.forms[-1].fields[self._select][1]:
            self.forms[-1].fields[self._select] = ("select", value)


def read(page: str, html: str) -> list[Form]:
    """Return the forms of the page at this address."""
    reader = _Reader(page)
    reader.feed(html)
    for form in reader.forms:
        form.fields.update(reader.elsewhere.get(form.id, {}))
    for id_, path in reader.sent_to:
        wholes = [form for form in reader.forms if form.id == id_]
        reader.forms += [Form(whole.method, path, whole.fields) for whole in wholes]
    return reader.forms
