"""Every route × method with another merchant's ids in each place that takes one.

Nothing here knows a route: rules come from the application, arguments of addresses from the code
of its views, fields from the forms that its pages show.
"""

from __future__ import annotations

import ast
import inspect
import io
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from werkzeug.datastructures import FileStorage

from app.views import lists
from tests.tenancy.crawler import SAFE, Probe

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import ModuleType

    from flask import Flask
    from werkzeug.routing import Rule

    from tests.tenancy.knowledge import Rows, Value
    from tests.tenancy.scout import Scouted

READERS: Final = frozenset({"text", "one_of", "many_of", "day", "get", "getlist", "_key"})
"""Functions that read an argument of the address by its name."""

PLAUSIBLE: Final = {
    "amount": "1.00",
    "currency": "EUR",
    "card_token": "tok_approve",
    "reason": "a probe",
    "password": "a long enough sentence",
    "again": "a long enough sentence",
}
OVERPOSTED: Final = ("merchant_id", "merchant", "id", "public_id", "rowid")
"""Fields that no form shows; a view that takes whatever is sent would take them."""

IN_ADDRESS: Final = frozenset({"public_id", "key", "name", "username", "reference", "code"})
BESIDE_OWN: Final = (
    "payment.public_id",
    "payment.return_nonce",
    "ledger_line.id",
    "merchant.key",
)
IN_BODY: Final = (
    "merchant.key",
    "merchant.id",
    "merchant.public_id",
    "payment.public_id",
    "payment.reference",
    "bulk_upload.public_id",
    "bulk_upload.stored_at",
    "ab_user.username",
)
IN_EACH_FIELD: Final = IN_BODY[:1] + IN_BODY[3:4]


@dataclass(frozen=True)
class Plan:
    """What one visitor will ask for; `public` is what the holder of a page token may see."""

    app: Flask
    theirs: Rows
    own: Rows
    scouted: Scouted
    public: Mapping[tuple[str, str], tuple[str, ...]]
    samples: int = 1

    def reading(self, rules: Iterable[Rule]) -> Iterator[Probe]:
        """Yield the requests that only read."""
        for rule in rules:
            for method in sorted((rule.methods or set()) & SAFE):
                yield from self._addresses(rule, method)
            if "GET" in (rule.methods or set()):
                yield from self._queries(rule)

    def writing(self, rules: Iterable[Rule]) -> Iterator[Probe]:
        """Yield the requests that could change something."""
        for rule in rules:
            for method in sorted((rule.methods or set()) - SAFE):
                plausible = self._body(rule, {})
                for probe in self._addresses(rule, method):
                    yield Probe(method, probe.path, fields=plausible, allowed=probe.allowed)
                for fields in self._bodies(rule):
                    yield Probe(method, self._own_path(rule), fields=fields)

    def _addresses(self, rule: Rule, method: str) -> Iterator[Probe]:
        """Yield the rule's address with every kind of id, and with each id of the right kind."""
        if not rule.arguments:
            yield Probe(method, rule.rule)
            return
        place = self.scouted.place(rule)
        values = self.theirs.samples(self.samples)
        right = [value for value in self.theirs.values() if value.place == place]
        if method not in {"GET", "POST"}:
            values, right = values[:1], right[:1]
        for value in dict.fromkeys([*right, *values]):
            allowed = self.public.get((rule.endpoint, value.place), ())
            yield Probe(method, build(rule, value.text), allowed=allowed)

    def _queries(self, rule: Rule) -> Iterator[Probe]:
        """Yield the page with each argument that it reads, one after the other."""
        values: Sequence[str]
        if rule.arguments:
            values = [self.theirs.one(place) for place in BESIDE_OWN]
        else:
            found = self.theirs.samples(1)
            values = [each.text for each in found if each.column in IN_ADDRESS]
        for name in arguments(self.app, rule.endpoint):
            for value in values:
                yield Probe("GET", self._own_path(rule), {name: value})

    def _own_path(self, rule: Rule) -> str:
        if not rule.arguments:
            return rule.rule
        place = self.scouted.place(rule)
        return build(rule, self.own.one(place) if place else "x")

    def _bodies(self, rule: Rule) -> Iterator[dict[str, Any]]:
        shown = self.scouted.fields.get(rule.endpoint, {})
        for place in IN_BODY:
            value = self.theirs.one(place)
            yield self._body(rule, dict.fromkeys(shown, value))
        for name in shown:
            for place in IN_EACH_FIELD:
                yield self._body(rule, {name: self.theirs.one(place)})

    def _body(self, rule: Rule, changed: Mapping[str, str]) -> dict[str, Any]:
        """Return what the page's form would send, some fields changed, and what it would not."""
        fields: dict[str, Any] = {
            name: self.theirs.one("merchant.id" if name.endswith("id") else "merchant.key")
            for name in OVERPOSTED
        }
        for name, (kind, value) in self.scouted.fields.get(rule.endpoint, {}).items():
            filled = changed.get(name) or value or PLAUSIBLE.get(name, "probe")
            fields[name] = self._file(filled) if kind == "file" else filled
        return fields

    def _file(self, name: str) -> FileStorage:
        """Return a file that names the other merchant's things, called like one of them."""
        cells = (self.theirs.one("payment.reference"), "1.00", "EUR", "card", "tok_approve")
        text = f"reference,amount,currency,method,card_token\n{','.join(cells)}\n"
        return FileStorage(io.BytesIO(text.encode()), filename=name)


def build(rule: Rule, value: str) -> str:
    """Return the rule's address with this value in each place."""
    built = rule.build(dict.fromkeys(rule.arguments, value))
    assert built is not None, rule
    return str(built[1])


def arguments(app: Flask, endpoint: str) -> list[str]:
    """Return the arguments of the address that an endpoint could read, found in its code."""
    function = app.view_functions[endpoint]
    view = getattr(function, "__self__", None)
    module = inspect.getmodule(function if view is None else type(view))
    found = _read_by(module) if module and module.__name__.startswith(("app.", "tests.")) else []
    if not hasattr(view, "datamodel"):
        return sorted({*found, *_read_by(lists)} if view is not None else found)
    name = type(view).__name__
    filters = [f"_flt_0_{column}" for column in (*view.search_columns, "merchant")]
    return [*found, *filters, *(f"{each}_{name}" for each in ("_oc", "_od", "page", "psize")), "q"]


@lru_cache
def _read_by(module: ModuleType) -> list[str]:
    tree = ast.parse(inspect.getsource(module))
    return sorted(
        {
            node.args[0].value
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            and getattr(node.func, "attr", getattr(node.func, "id", "")) in READERS
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        }
    )
