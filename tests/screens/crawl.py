"""Opens every page that somebody is led to.

Many rows lead to pages of the same kind. Addresses count as one kind when they have the same path
but for ids, the same names of arguments, and stand in rows with the same status. Every reader opens
each path once. What differs by arguments or status only is opened by one reader, and of a path's
combinations of arguments a few; the report says what was left out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Error

from tests.screens.looking import IDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from playwright.sync_api import Response

    from tests.screens.looking import Looking

_MOST_COMBINATIONS: Final = 2


@dataclass(frozen=True, slots=True)
class Link:
    """Where a page leads; `kind` is the same for pages of the same kind."""

    address: str
    path: str
    arguments: str
    about: str

    @property
    def kind(self) -> str:
        return " ".join(filter(None, (self.path, self.arguments, self.about)))


def link(address: str, about: str = "") -> Link:
    """Return the address with its kind."""
    parts = urlsplit(address)
    names = sorted({name for name, value in parse_qsl(parts.query) if value})
    return Link(address, IDS.sub("…", parts.path), " ".join(names), about)


@dataclass
class Known:
    """Which kinds have been opened by anybody, and how many combinations of each path.

    With `each_path_once` a path is one kind, whatever its arguments and rows.
    """

    each_path_once: bool = False
    kinds: set[str] = field(default_factory=set)
    combinations: Counter[str] = field(default_factory=Counter)


@dataclass
class Crawl:
    """What one reader is led to; `opened` is kind → milliseconds until the answer was there."""

    looking: Looking
    known: Known = field(default_factory=Known)
    paths: set[str] = field(default_factory=set)
    opened: dict[str, int] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)

    def follow(self, addresses: Iterable[str], *, onward: bool = True) -> None:
        """Open these and, unless told otherwise, all that they lead to."""
        waiting = [link(address) for address in addresses]
        seen = {each.address for each in waiting}
        while waiting:
            at = waiting.pop(0)
            if not self._is_new(at):
                self.left_out[at.path] += 1
                continue
            for found in self._open(at):
                if onward and found.address not in seen:
                    seen.add(found.address)
                    waiting.append(found)

    def _is_new(self, at: Link) -> bool:
        """Tell whether to open it, and remember that it was."""
        if self.known.each_path_once:
            is_new = at.path not in self.known.kinds
            self.known.kinds.add(at.path)
            return is_new
        first = at.path not in self.paths
        if not first and at.kind in self.known.kinds:
            return False
        if not first and at.arguments:
            self.known.combinations[at.path] += 1
            if self.known.combinations[at.path] > _MOST_COMBINATIONS:
                return False
        self.paths.add(at.path)
        self.known.kinds.add(at.kind)
        return True

    def _open(self, at: Link) -> Iterator[Link]:
        self.opened[at.kind] = 0
        answer = self._go(at.address)
        if answer is None:
            return
        if answer.status >= 400:
            fault = f"a page leads to it and it answers {answer.status}"
            self.looking.wrong[fault].append(at.address)
            return
        if "html" not in answer.headers.get("content-type", ""):
            return  # a file for programs, which the browser shows as it is
        facts = self.looking.look(at.address)
        self.opened[at.kind] = facts["milliseconds"]
        self.looking.send_empty(at.address)
        for each in facts["links"]:
            if not each["download"]:
                yield link(each["address"], each["about"])

    def _go(self, address: str) -> Response | None:
        self.looking.show(self.looking.variants[0])
        try:
            return self.looking.page.goto(address, wait_until="load")
        except Error as error:
            if "Download is starting" in error.message:
                return None
            raise

    def report(self) -> str:
        """Return what was opened and left out, with the slowest answers."""
        slow = sorted(self.opened.items(), key=lambda each: -each[1])[:3]
        times = ", ".join(f"{kind} {milliseconds} ms" for kind, milliseconds in slow)
        more = ", ".join(f"{kind} ×{count}" for kind, count in self.left_out.most_common())
        return f"{len(self.opened)} kinds of page; slowest: {times}\n    left out: {more}"
