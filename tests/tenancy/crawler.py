"""Somebody who asks for everything, and what is found in the answers."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from flask import request, request_started
from flask.sessions import SecureCookieSessionInterface

from app.domain.money import format_major
from tests.tenancy.world import CANARY, CANARY_AMOUNT, CANARY_CURRENCY, OWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.views.people import Browser

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
SHORTEST_SAID: Final = 3
KNOCKS: Final = 2
"""How often somebody who is refused whatever they name is refused before they give up."""

_COOKIE: Final = "session"
CANARY_WORD: Final = re.compile(rf"{CANARY}[\w.@-]*")
# Between what stands around an amount on a page, so that no random token holds it by chance.
_MONEY: Final = re.compile(
    rf"(?<=[\s>\"']){re.escape(CANARY_CURRENCY.lower())}(?=[\s<\"'])|"
    rf"{re.escape(format_major(CANARY_AMOUNT))}"
)
_FORBIDDEN: Final = 403
_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class File:
    """A file that a form sends."""

    name: str
    text: str


Fields = Mapping[str, str | File]


@dataclass(frozen=True, slots=True)
class Probe:
    """One request; `allowed` are secrets that its answer may hold."""

    method: str
    path: str
    query: Fields = field(default_factory=dict)
    fields: Fields = field(default_factory=dict)
    allowed: tuple[str, ...] = ()

    def said(self) -> Iterator[str]:
        """Yield what this request says itself, and what it may be told, in lower case."""
        path = unquote(self.path).lower()
        yield from (path, *path.split("/"))
        yield from _texts(self.query)
        yield from _texts(self.fields)
        yield from (each.lower() for each in self.allowed)


def _texts(fields: Fields) -> Iterator[str]:
    for value in fields.values():
        parts = (value.name, value.text) if isinstance(value, File) else (str(value),)
        yield from (part.lower() for part in parts)


def _encoded(value: str | File) -> str | tuple[io.BytesIO, str]:
    return (io.BytesIO(value.text.encode()), value.name) if isinstance(value, File) else value


@dataclass(slots=True)
class Seen:
    """What the answers of a crawl held; a finding is a line that names the request."""

    leaks: set[str] = field(default_factory=set)
    crashes: set[str] = field(default_factory=set)
    asked: set[tuple[str, str, str]] = field(default_factory=set)
    own: set[str] = field(default_factory=set)
    count: int = 0


class Crawler:
    """One visitor. Before each request the cookie is what it was at the start."""

    def __init__(self, app: Flask, browser: Browser, name: str, secrets: Iterable[str]) -> None:
        """Take a browser that is signed in, or is not."""
        self.app, self.client, self.name = app, browser.client, name
        self.secrets = sorted(secrets)
        self._token = browser.token()
        cookie = self.client.get_cookie(_COOKIE)
        self._cookie = cookie.value if cookie else ""
        # What was kept in rows of one's own comes back on one's own pages.
        self._kept: set[str] = set()

    def run(self, groups: Iterable[Sequence[Probe]], seen: Seen) -> None:
        """Send requests one after the other and note what comes back."""

        def started(_app: Flask) -> None:
            if (rule := request.url_rule) is not None:
                seen.asked.add((rule.rule, rule.endpoint, request.method))

        with request_started.connected_to(started, self.app):
            for group in groups:
                refused = 0
                for number, probe in enumerate(group):
                    refused += self._send(probe, seen)
                    if refused == number + 1 == KNOCKS:
                        break

    def _send(self, probe: Probe, seen: Seen) -> bool:
        """Ask, and judge the answer and where it leads; answers whether it was refused."""
        self.client.set_cookie(_COOKIE, self._cookie)
        fields: dict[str, str | tuple[io.BytesIO, str]] = {}
        if probe.method not in SAFE:
            fields = {name: _encoded(value) for name, value in probe.fields.items()}
            fields["csrf_token"] = self._token
            self._kept.update(_texts(probe.fields))
        answer = self.client.open(
            probe.path, method=probe.method, query_string=probe.query, data=fields
        )
        seen.count += 1
        self._judge(probe, answer, seen)
        onward = urlsplit(answer.headers.get("Location", ""))
        to_sign_in = onward.path.startswith("/login/")
        if onward.path and not onward.netloc and not to_sign_in:
            self._judge(probe, self.client.get(answer.headers["Location"]), seen)
        return to_sign_in or answer.status_code == _FORBIDDEN

    def _judge(self, probe: Probe, answer: TestResponse, seen: Seen) -> None:
        asked = f"{self.name}: {probe.method} {probe.path} {dict(probe.query) or ''}".rstrip()
        if answer.status_code >= _SERVER_ERROR:
            seen.crashes.add(f"{asked} answered {answer.status_code}")
        text = "\n".join([answer.get_data(as_text=True), *self._headers(answer)]).lower()
        answer.close()
        if OWN in text:
            seen.own.add(probe.path)
        found = self._secrets_in(unquote(text))
        said = {each for each in (*probe.said(), *self._kept) if len(each) >= SHORTEST_SAID}
        seen.leaks.update(f"{asked} tells {each}" for each in found if self._is_news(each, said))

    def _secrets_in(self, text: str) -> set[str]:
        words = {*CANARY_WORD.findall(text), *_MONEY.findall(text)}
        return words | {each for each in self.secrets if each in text}

    def _is_news(self, secret: str, said: set[str]) -> bool:
        """Answer whether a secret is more than what was said, or than words around that."""
        if any(secret.rstrip(".") in each for each in said):
            return False
        rest = secret
        for each in sorted(said, key=len, reverse=True):
            rest = rest.replace(each, "")
        return rest == secret or bool(self._secrets_in(rest))

    def _headers(self, answer: TestResponse) -> Iterator[str]:
        """Yield the headers, and what the cookie holds behind its signature."""
        for name, value in answer.headers.items():
            yield f"{name}: {value}"
        cookie = self.client.get_cookie(_COOKIE)
        if cookie and cookie.value != self._cookie:
            serializer = SecureCookieSessionInterface().get_signing_serializer(self.app)
            yield str(serializer.loads(cookie.value) if serializer else "")
