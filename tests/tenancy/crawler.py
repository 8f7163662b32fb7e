"""Somebody who asks for everything, and what is found in the answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from flask import request, request_started
from werkzeug.datastructures import FileStorage

from tests.tenancy.world import CANARY, OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.views.people import Browser

Fields = Mapping[str, Any]
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_COOKIE: Final = "session"
_CANARY: Final = re.compile(rf"{CANARY}[\w.@-]*")
_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class Probe:
    """One request; `allowed` are secrets that its answer may hold (see PUBLIC)."""

    method: str
    path: str
    query: Fields = field(default_factory=dict)
    fields: Fields = field(default_factory=dict)
    allowed: tuple[str, ...] = ()

    def sent(self) -> Iterator[str]:
        """Yield what this request says itself, in lower case."""
        yield self.path.lower()
        yield from _texts(self.query)
        yield from _texts(self.fields)


def _texts(fields: Fields) -> Iterator[str]:
    for value in fields.values():
        if not isinstance(value, FileStorage):
            yield str(value).lower()
            continue
        value.stream.seek(0)
        yield from (str(value.filename).lower(), value.stream.read().decode().lower())
        value.stream.seek(0)


@dataclass(slots=True)
class Seen:
    """What the answers of a crawl held; a finding is a line that names the request."""

    leaks: set[str] = field(default_factory=set)
    crashes: set[str] = field(default_factory=set)
    asked: set[tuple[str, str]] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    count: int = 0


class Crawler:
    """One visitor. Before each request the cookie is what it was at the start."""

    def __init__(
        self, app: Flask, browser: Browser, secrets: Iterable[str], name: str
    ) -> None:
        """Take a browser that is signed in, or is not."""
        self.app, self.client, self.name = app, browser.client, name
        self.token = browser.token()
        self.secrets = sorted(secrets)
        cookie = self.client.get_cookie(_COOKIE)
        self._cookie = cookie.value if cookie else ""
        # What was stored in rows of one's own comes back on one's own pages.
        self._stored: set[str] = set()

    def run(self, probes: Iterable[Probe], seen: Seen) -> None:
        """Send requests one after the other and note what comes back."""

        def started(_app: Flask) -> None:
            if request.url_rule is not None:
                seen.asked.add((request.url_rule.rule, request.method))

        with request_started.connected_to(started, self.app):
            for probe in probes:
                self._send(probe, seen)

    def _send(self, probe: Probe, seen: Seen) -> None:
        self.client.set_cookie(_COOKIE, self._cookie)
        fields: dict[str, Any] = {}
        if probe.method not in SAFE:
            fields = {**probe.fields, "csrf_token": self.token}
            self._stored.update(_texts(probe.fields))
        answer = self.client.open(
            probe.path, method=probe.method, query_string=probe.query, data=fields
        )
        seen.count += 1
        self._judge(probe, answer, seen)
        onward = urlsplit(answer.headers.get("Location", ""))
        if onward.path and not onward.netloc and not onward.path.startswith("/login"):
            following = self.client.get(answer.headers["Location"])
            self._judge(probe, following, seen)
            following.close()
        answer.close()

    def _judge(self, probe: Probe, answer: TestResponse, seen: Seen) -> None:
        where = f"{self.name}: {probe.method} {probe.path} {dict(probe.query) or ''}"
        if answer.status_code >= _SERVER_ERROR:
            seen.crashes.add(f"{where} answered {answer.status_code}")
        text = "\n".join([answer.get_data(as_text=True), *self._headers(answer)]).lower()
        if OWN in text:
            seen.own.add(probe.path)
        said = [*probe.sent(), *self._stored, *(each.lower() for each in probe.allowed)]
        found = {*_CANARY.findall(text), *(each for each in self.secrets if each in text)}
        for each in found:
            if not any(each in known for known in said):
                seen.leaks.add(f"{where} tells {each}")

    def _headers(self, answer: TestResponse) -> Iterator[str]:
        """Yield the headers, and what the cookie holds behind its signature."""
        for name, value in answer.headers.items():
            yield f"{name}: {value}"
        cookie = self.client.get_cookie(_COOKIE)
        if cookie and cookie.value != self._cookie:
            serializer = self.app.session_interface.get_signing_serializer(self.app)
            yield str(serializer.loads(cookie.value))
