"""Every route × method with another merchant's ids in each place that takes one.

Nothing here knows a route: rules come from the application, arguments of addresses from the code
of its views, fields from the forms that its pages show.
"""

from __future__ import annotations

import ast
import inspect
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeVar
from zlib import crc32

from app.views.crud import RecordView
from tests.tenancy.crawler import SAFE, Fields, File, Probe
from tests.tenancy.scout import build

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from types import ModuleType

    from flask import Flask
    from werkzeug.routing import Rule

    from tests.tenancy.knowledge import Rows, Value
    from tests.tenancy.scout import Scouted

T = TypeVar("T")

READERS: Final = frozenset({"text", "one_of", "many_of", "digits", "_key", "_number"})
"""Functions that read an argument of the address by its name, besides `request.args.get`; days
are left out, since no id is one.
"""

CURSOR: Final = "older"
"""The argument that takes the id of a row of any list."""

IN_ARGUMENT: Final = (
    "merchant.key",
    "bulk_upload.public_id",
    "payment.public_id",
    "payment.reference",
    "ledger_account.code",
    "ab_user.username",
)
BESIDE_OWN: Final = ("payment.public_id", "payment.return_nonce", "ledger_line.id", "merchant.key")
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
IN_EACH_FIELD: Final = ("merchant.key", "payment.public_id")
PLAUSIBLE: Final = {
    "amount": "1.00",
    "currency": "EUR",
    "card_token": "tok_approve",
    "reason": "a probe",
    "password": "a long enough sentence",
    "again": "a long enough sentence",
    "email": "probe@example.com",
    "customer_email": "probe@example.com",
    "customer_phone": "+91 98000 11111",
}
"""What forms take, by field; another field takes the value that it shows, or any text."""
OVERPOSTED: Final = ("merchant_id", "merchant", "id", "public_id", "rowid")
"""Fields that no form shows; a view that takes whatever is sent would take them."""


@dataclass(frozen=True)
class Plan:
    """What visitors ask for, in groups: whoever is refused at the door need not knock on."""

    app: Flask
    theirs: Rows
    own: Rows
    scouted: Scouted
    public: Mapping[tuple[str, str], tuple[str, ...]]
    most: int | None = None
    """How many of the other kinds of ids are tried, and of the values of an argument."""
    tried: set[str] = field(default_factory=set)
    """The kinds of ids, as `table.column`, that stood in an address."""

    def reading(self, rules: Iterable[Rule]) -> Iterator[list[Probe]]:
        """Yield the requests that only read."""
        for rule in rules:
            for method in sorted((rule.methods or set()) & SAFE):
                yield list(self._addresses(rule, method))
            if "GET" in (rule.methods or set()):
                yield list(self._queries(rule))

    def writing(self, rules: Iterable[Rule]) -> Iterator[list[Probe]]:
        """Yield the requests that could change something."""
        for rule in rules:
            for method in sorted((rule.methods or set()) - SAFE):
                yield list(self._addresses(rule, method, self._body(rule, {})))
                yield [Probe(method, self._own(rule), fields=body) for body in self._bodies(rule)]

    def _addresses(self, rule: Rule, method: str, fields: Fields | None = None) -> Iterator[Probe]:
        """Yield the rule's address with each id of the right kind, then one of every kind."""
        if not rule.arguments:
            yield Probe(method, rule.rule, fields=fields or {})
            return
        values = self._values(rule)
        self.tried.update(value.place for value in values)
        # A value with a slash in it is another address.
        whole = [value for value in values if "/" not in value.text]
        for value in values if method in {"GET", "POST"} else whole[:2]:
            allowed = self.public.get((rule.endpoint, value.place), ())
            yield Probe(method, build(rule, value.text), fields=fields or {}, allowed=allowed)

    def _values(self, rule: Rule) -> list[Value]:
        """Return ids of the right kind, one of each status at least, then some of other kinds."""
        place = self.scouted.place(rule)
        right = [value for value in self.theirs.values if value.place == place]
        others = [value for value in self.theirs.samples if value.place != place]
        if self.most is None:
            return [*right, *others]
        return [*(value for value in right if value.is_first), *self._next(others)]

    def _queries(self, rule: Rule) -> Iterator[Probe]:
        """Yield the page with each argument that it reads, one after the other."""
        everywhere = [each.text for each in self.theirs.samples if each.column == "public_id"]
        for name in arguments(self.app, rule.endpoint):
            values: Sequence[str] = [self.theirs.one(place) for place in IN_ARGUMENT]
            if rule.arguments:
                values = [self.theirs.one(place) for place in BESIDE_OWN]
            elif name == CURSOR:
                values = everywhere
            for value in self._some(values, rule):
                yield Probe("GET", self._own(rule), {name: value})

    def _next(self, others: Sequence[Value]) -> Iterator[Value]:
        """Yield as many as are tried, by preference kinds that stood in no address yet."""
        untried = [value for value in others if value.place not in self.tried]
        rest = [value for value in others if value.place in self.tried]
        yield from [*untried, *rest][: self.most]

    def _some(self, values: Sequence[T], rule: Rule) -> Sequence[T]:
        """Return as many values as are tried: others for each rule, so that all have their turn."""
        if self.most is None or not values:
            return values
        start = crc32(f"{rule.rule} {rule.endpoint}".encode()) % len(values)
        return [*values[start:], *values[:start]][: self.most]

    def _own(self, rule: Rule) -> str:
        """Return the rule's address with an id of one's own."""
        if not rule.arguments:
            return rule.rule
        place = self.scouted.place(rule)
        return build(rule, self.own.one(place) if place else "x")

    def _bodies(self, rule: Rule) -> Iterator[Fields]:
        """Yield bodies with one id in all fields, then with an id in one field at a time."""
        shown = self.scouted.forms.get(rule.endpoint, {})
        for place in self._some(IN_BODY, rule):
            yield self._body(rule, dict.fromkeys(shown, self.theirs.one(place)))
        for number, name in enumerate(shown):
            either = IN_EACH_FIELD[number % len(IN_EACH_FIELD)]
            for place in IN_EACH_FIELD if self.most is None else (either,):
                yield self._body(rule, {name: self.theirs.one(place)})

    def _body(self, rule: Rule, changed: Mapping[str, str]) -> Fields:
        """Return what the page's form would send, some fields changed, and what it would not."""
        fields: dict[str, str | File] = {
            name: self.theirs.one("merchant.id" if name.endswith("id") else "merchant.key")
            for name in OVERPOSTED
        }
        for name, (kind, value) in self.scouted.forms.get(rule.endpoint, {}).items():
            filled = changed.get(name) or PLAUSIBLE.get(name) or value or "probe"
            fields[name] = self._file(filled) if kind == "file" else filled
        return fields

    def _file(self, name: str) -> File:
        """Return a file that names the other merchant's payment and is called like their file."""
        cells = (self.theirs.one("payment.reference"), "1.00", "EUR", "card", "tok_approve")
        header = "reference,amount,currency,method,card_token"
        return File(name, f"{header}\n{','.join(cells)}\n")


def arguments(app: Flask, endpoint: str) -> list[str]:
    """Return the arguments of the address that an endpoint could read, found in its code."""
    function = app.view_functions[endpoint]
    view = getattr(function, "__self__", None)
    module = inspect.getmodule(inspect.unwrap(function) if view is None else type(view))
    if module is None or not module.__name__.startswith(("app.", "tests.")):
        return []
    is_list = "lists." in inspect.getsource(inspect.unwrap(function))
    beside = [each for each in _modules(module) if is_list or "list" not in each.__name__]
    found = {name for each in (module, *beside) for name in _read_by(each)}
    return sorted(found | (_of_generated(view) if isinstance(view, RecordView) else set()))


def _of_generated(view: RecordView) -> set[str]:
    """Return the arguments that a generated screen reads."""
    name = type(view).__name__
    filters = {f"_flt_0_{column}" for column in (*view.search_columns, "merchant")}
    return filters | {f"{each}_{name}" for each in ("_oc", "_od", "page", "psize")} | {"q"}


def _modules(module: ModuleType) -> list[ModuleType]:
    """Return the modules beside a view's own that it may read the address with."""
    beside = [each for each in vars(module).values() if inspect.ismodule(each)]
    parts = [
        each for package in beside for each in vars(package).values() if _is_part(each, package)
    ]
    return [each for each in (*beside, *parts) if each.__name__.startswith("app.views.")]


def _is_part(value: object, package: ModuleType) -> bool:
    return inspect.ismodule(value) and value.__name__.startswith(f"{package.__name__}.")


@lru_cache
def _read_by(module: ModuleType) -> frozenset[str]:
    return frozenset(
        call.args[0].value
        for call in ast.walk(ast.parse(inspect.getsource(module)))
        if isinstance(call, ast.Call) and call.args and _reads(call.func)
        if isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    )


def _reads(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in READERS
    if not isinstance(function, ast.Attribute):
        return False
    from_request = getattr(function.value, "attr", "") in {"args", "values"}
    return function.attr in READERS or (from_request and function.attr in {"get", "getlist"})
