"""Rules about routes, read from the application: its map of addresses and the pages behind it."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

from werkzeug.exceptions import HTTPException

from app.views.base import CHECKS_ITSELF
from tests.views.people import statements
from tests.views.routes import CLOSED, needed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from werkzeug.routing import Rule

    from tests.views.people import Browser

UNTYPED: Final = {"pk": "Flask-AppBuilder's own address; RecordInterface.get reads it strictly"}
"""Arguments of addresses without a converter, each with its reason."""

_WRITES: Final = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|TRUNCATE|ALTER|CREATE|DROP)\b")


def rules(app: Flask, method: str) -> list[Rule]:
    """Return the routes that take a method."""
    return [rule for rule in app.url_map.iter_rules() if method in (rule.methods or set())]


def without_permission(app: Flask) -> list[str]:
    """Find endpoints that neither need a permission nor stand among the open ones.

    Routes that ask for another permission with each action are held in views/test_permissions.py.
    """
    return [
        f"{name} is {what}"
        for name, what in needed(app).items()
        if what == CLOSED and not hasattr(app.view_functions[name], CHECKS_ITSELF)
    ]


def untyped_arguments(app: Flask) -> list[str]:
    """Find arguments of addresses that have no converter or are no parameter of the function."""
    found = []
    for rule in app.url_map.iter_rules():
        bare = set(re.findall(r"<(\w+)>", rule.rule)) - UNTYPED.keys()
        found += [f"{rule.rule}: {name} has no converter" for name in sorted(bare)]
        function = inspect.unwrap(app.view_functions[rule.endpoint])
        parameters = inspect.signature(function).parameters
        if not any(each.kind is each.VAR_KEYWORD for each in parameters.values()):
            unknown = rule.arguments - parameters.keys()
            found += [f"{rule.rule}: {name} is no parameter" for name in sorted(unknown)]
    return found


@dataclass
class Walk:
    """What is found by following every link from the home page, as several people.

    `led_to` are endpoints that a page leads to, `opened` those that were asked for, `wrote` is
    endpoint → a statement that changed something on a GET.
    """

    app: Flask
    led_to: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    wrote: dict[str, str] = field(default_factory=dict)

    def follow(self, browser: Browser, most: int, start: str = "/") -> None:
        """Open what the pages lead to until nothing new is found, at most some of each route."""
        seen, waiting = {start}, [start]
        pages: Counter[str] = Counter()
        while waiting:
            path = waiting.pop(0)
            endpoint = self._endpoint(path, "GET")
            if endpoint is not None and pages[endpoint] < most:
                pages[endpoint] += 1
                new = list(self._links(path, self.open(browser, path)))
                waiting += [each for each in new if each not in seen]
                seen.update(new)

    def open(self, browser: Browser, path: str) -> str:
        """Open a page and note what it writes; answers its HTML, empty where it has none."""
        endpoint = self._endpoint(path, "GET")
        with statements(self.app) as sent:
            answer = browser.get(path)
        html = answer.text if answer.mimetype == "text/html" else ""
        answer.close()
        if endpoint is not None:
            self.opened.add(endpoint)
            written = [each for each in sent if _WRITES.match(each)]
            self.wrote.update(dict.fromkeys([endpoint], written[0]) if written else {})
        return html

    def _links(self, path: str, html: str) -> Iterator[str]:
        for method, target in _Addresses(path, html).found:
            endpoint = self._endpoint(target, method)
            if endpoint is not None:
                self.led_to.add(endpoint)
                if method == "GET":
                    yield target

    def _endpoint(self, address: str, method: str) -> str | None:
        try:
            found, _ = self.app.url_map.bind("localhost").match(urlsplit(address).path, method)
        except HTTPException:
            return None
        return str(found)


class _Addresses(HTMLParser):
    """Every address of ours in a page: links, scripts, forms, and what scripts are told to ask.

    A form by GET that asks for something is also sent, with what stands in it and a word where
    nothing does.
    """

    def __init__(self, page: str, html: str) -> None:
        super().__init__()
        self.page = page
        self.found: list[tuple[str, str]] = []
        self._asked_at = ""
        self._filled: dict[str, str] = {}
        self._asks = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form(values.pop("method", "get").upper(), values.pop("action", ""))
        if "formaction" in values:
            self.found.append(("POST", values.pop("formaction")))
        if tag == "input" and values.get("name") and values.get("type") in {"text", "hidden"}:
            self._input(values, is_asked="required" in values)
        self.found += [("GET", each) for each in values.values() if re.match("/([^/]|$)", each)]

    def _form(self, method: str, action: str) -> None:
        address = action or self.page
        self.found.append((method, address))
        self._asked_at, self._filled = address if method == "GET" else "", {}
        self._asks = False

    def _input(self, values: dict[str, str], *, is_asked: bool) -> None:
        self._filled[values["name"]] = values.get("value") or ("x" if is_asked else "")
        self._asks = self._asks or is_asked

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._asked_at and self._asks:
            self.found.append(("GET", f"{self._asked_at}?{urlencode(self._filled)}"))
