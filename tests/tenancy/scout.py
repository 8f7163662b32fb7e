"""What staff and the merchant's own people find: which ids open a route, which forms there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Final

from werkzeug.exceptions import HTTPException

from tests.tenancy import forms
from tests.tenancy.plan import build

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from flask import Flask
    from werkzeug.routing import Rule

    from tests.tenancy.knowledge import Rows, Value
    from tests.views.people import Browser

_OPENED: Final = 400
_ADDRESSED: Final = frozenset({"id", "public_id", "page_token", "field"})


@dataclass(frozen=True)
class Scouted:
    """`places` is rule → column whose values open it; `fields` is endpoint → fields of its form."""

    places: dict[str, str] = field(default_factory=dict)
    fields: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)

    def place(self, rule: Rule) -> str:
        """Return the column for a rule; for one that only takes POST, that of its neighbours."""
        own = self.places.get(rule.rule)
        if own is not None:
            return own
        base = rule.rule.partition("<")[0].split("/")[1]
        near = {place for name, place in self.places.items() if name.split("/")[1] == base}
        return min(near, default="")


def scout(
    app: Flask, theirs: Rows, rules: Iterable[Rule], people: Mapping[str, Browser]
) -> Scouted:
    """Look at every page as each of these people until each form has been seen."""
    found = Scouted()
    rules = [rule for rule in rules if "GET" in (rule.methods or set())]
    wanted = {
        rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or set())
    }
    for rule in sorted(rules, key=lambda rule: bool(rule.arguments)):
        pages = _pages(rule, theirs) if rule.arguments else iter([("", rule.rule)])
        _look(app, rule, pages, people, found, wanted)
    return found


def _look(
    app: Flask,
    rule: Rule,
    pages: Iterator[tuple[str, str]],
    people: Mapping[str, Browser],
    found: Scouted,
    wanted: set[str],
) -> None:
    for place, path in pages:
        if found.places.get(rule.rule, place) != place:
            return
        for browser in people.values():
            answer = browser.get(path)
            if answer.status_code >= _OPENED:
                continue
            if place:
                found.places[rule.rule] = place
            if answer.mimetype == "text/html":
                _keep(app, path, answer.text, found)
            answer.close()
            if place and not wanted - found.fields.keys():
                return


def _pages(rule: Rule, theirs: Rows) -> Iterator[tuple[str, str]]:
    """Yield (column, address), the columns whose table sounds like the address first."""

    def likeness(value: Value) -> float:
        return -SequenceMatcher(None, rule.rule, f"/{value.table}s/{value.column}").ratio()

    values = [value for value in theirs.values() if value.column in _ADDRESSED]
    for value in sorted(values, key=likeness):
        yield value.place, build(rule, value.text)


def _keep(app: Flask, path: str, html: str, found: Scouted) -> None:
    adapter = app.url_map.bind("localhost")
    for form in forms.read(path, html):
        try:
            endpoint, _ = adapter.match(form.path, method=form.method)
        except HTTPException:
            continue
        if form.method == "POST":
            fields = {name: kind for name, kind in form.fields.items() if name != "csrf_token"}
            found.fields.setdefault(endpoint, {}).update(fields)
