"""What staff and the merchant's own people find: which ids open a route, which forms there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from werkzeug.exceptions import HTTPException

from tests.tenancy import forms
from tests.tenancy.crawler import CANARY_WORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flask import Flask
    from werkzeug.routing import Rule

    from tests.tenancy.knowledge import Rows, Value
    from tests.views.people import Browser

    Fields = dict[str, tuple[str, str]]

_MOST_IDS: Final = 12
_MOST_PAGES: Final = 8
_REFUSED: Final = 400


@dataclass
class Scouted:
    """What there is to be found by those who may.

    `places` is rule → column whose values open it, `forms` is endpoint → fields of its form, and
    `told` are the canaries that the pages held.
    """

    places: dict[str, str] = field(default_factory=dict)
    forms: dict[str, Fields] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def place(self, rule: Rule) -> str:
        """Return the column for a rule; for one that only takes POST, that of its neighbours."""
        own = self.places.get(rule.rule)
        if own is not None:
            return own
        near = [place for name, place in self.places.items() if area(name) == area(rule.rule)]
        return min(near, default="")


@dataclass(frozen=True, slots=True)
class Scout:
    """Looks at every page as each of some people until each form has been seen."""

    app: Flask
    theirs: Rows
    people: Mapping[str, Browser]
    found: Scouted = field(default_factory=Scouted)

    def look(self, rules: Iterable[Rule]) -> Scouted:
        """Look at the pages of these rules, those without ids first."""
        pages = [rule for rule in rules if "GET" in (rule.methods or set())]
        for rule in sorted(pages, key=lambda rule: (bool(rule.arguments), rule.rule)):
            if rule.arguments:
                self._open(rule)
            else:
                for browser in self.people.values():
                    self._read(rule.rule, browser)
        return self.found

    def _open(self, rule: Rule) -> None:
        """Find an id that opens the rule, and go on with its kind while forms are missing."""
        pages = 0
        for number, value in enumerate(self._likely(rule)):
            place = self.found.places.get(rule.rule)
            if place is None and number == _MOST_IDS:
                return
            if place and (pages == _MOST_PAGES or not self._missing(rule)):
                return
            if place in {None, value.place}:
                pages += 1
                path = build(rule, value.text)
                if self._opens(rule, path):
                    self.found.places[rule.rule] = value.place

    def _opens(self, rule: Rule, path: str) -> bool:
        """Let one after the other open a page, until one can or as long as forms are missing."""
        opened = False
        for browser in self.people.values():
            opened |= self._read(path, browser)
            if opened and not self._missing(rule):
                break
        return opened

    def _likely(self, rule: Rule) -> Iterator[Value]:
        """Yield ids, those first whose name or table sounds like the rule."""

        def unlike(value: Value) -> tuple[bool, bool, float]:
            likeness = SequenceMatcher(None, area(rule.rule), f"{value.table}s").ratio()
            named = any(value.column.endswith(each) for each in rule.arguments)
            return not named, not value.column.endswith("id"), -likeness

        yield from sorted(self.theirs.values, key=unlike)

    def _missing(self, rule: Rule) -> bool:
        return any(
            area(rule.rule) == area(each.rule)
            for each in self.app.url_map.iter_rules()
            if "POST" in (each.methods or set()) and each.endpoint not in self.found.forms
        )

    def _read(self, path: str, browser: Browser) -> bool:
        """Keep the forms of a page, and of what its own questions lead to; is it a page?"""
        answer = browser.get(path)
        text = answer.get_data(as_text=True)
        answer.close()
        if answer.status_code >= _REFUSED or "/login/" in answer.headers.get("Location", ""):
            return False
        self.found.told.update(CANARY_WORD.findall(text.lower()))
        if answer.mimetype == "text/html":
            self._keep(path, text)
            for form in forms.read(path, text):
                if form.method == "GET" and form.asks and "?" not in path:
                    filled = {name: value or "probe" for name, (_, value) in form.fields.items()}
                    self._read(f"{form.path}?{urlencode(filled)}", browser)
        return True

    def _keep(self, path: str, html: str) -> None:
        adapter = self.app.url_map.bind("localhost")
        for form in forms.read(path, html):
            try:
                endpoint, _ = adapter.match(form.path, method=form.method)
            except HTTPException:
                continue
            if form.method == "POST":
                fields = {name: each for name, each in form.fields.items() if name != "csrf_token"}
                self.found.forms.setdefault(endpoint, {}).update(fields)


def area(rule: str) -> str:
    """Return the first part of an address."""
    return rule.split("/")[1]


def build(rule: Rule, value: str) -> str:
    """Return the rule's address with this value in each place."""
    built = rule.build(dict.fromkeys(rule.arguments, value))
    assert built is not None, rule
    return str(built[1])
