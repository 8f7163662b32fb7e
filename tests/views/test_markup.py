"""Every page that anybody reaches by links is sound HTML, made from our own templates only."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from tests.architecture.routes import Walk
from tests.architecture.tree import ROOT
from tests.tenancy.world import tenants
from tests.views import upstream
from tests.views.markup import faults
from tests.views.people import Browser

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from tests.tenancy.world import Tenants

__all__ = ["tenants"]

TEMPLATES: Final = ROOT / "app" / "templates"
READERS: Final = {
    "admin": 4,
    "operations": 2,
    "compliance": 1,
    "globex-owner": 4,
    "acme-clerk": 1,
    "partner": 1,
    "nobody": 2,
}
"""Who follows links, and how many pages of one route they read."""

SOUND: Final = """<!DOCTYPE html><html lang="en"><head><title>Till</title></head><body>
<h1>Till</h1><h2>Open</h2><form method="post"><input type="hidden" name="csrf_token" value="x">
<label for="a">Amount</label><input id="a" name="a" aria-describedby="b"><p id="b">In cents</p>
</form><table class="cards"><thead><tr><th scope="col">Day</th></tr></thead>
<tbody><tr><td data-label="Day">1</td></tr></tbody></table><pre>{raw}</pre></body></html>"""
PLANTED: Final = (
    ('lang="en"', "", "the page's language is None"),
    ("Till</title>", "</title>", "the page has no title"),
    ("<h1>Till</h1>", "", "the page has 0 h1"),
    ("h2>", "h3>", "h3 follows h1"),
    ('name="csrf_token"', 'name="x"', "a form that posts has 0 tokens"),
    ('for="a"', 'for="z"', "for points nowhere: z"),
    ('<label for="a">Amount</label>', "", "<input name=a> has no label"),
    ('id="b"', 'id="a"', "id a stands 2 times"),
    (' scope="col"', "", "a table's heading without scope"),
    (' data-label="Day"', "", "a cell of a table of cards without data-label"),
    ("<p ", '<p style="color: red" ', "style= on <p>"),
    ("<p ", '<p onclick="go()" ', "onclick= on <p>"),
    ("<p ", '<p class="panel-body x" ', "class panel-body on <p>"),
    ("<p ", '<p data-toggle="modal" ', "data-toggle on <p>"),
    ("<pre>", "<script>go()</script><pre>", "a script stands in the page"),
    ("<pre>", "<style>p {}</style><pre>", "a style sheet stands in the page"),
    ("<pre>", '<img src="/x.png"><pre>', "no alt text: /x.png"),
    ("<pre>", '<img src="//cdn.example/x" alt=""><pre>', "<img> loads //cdn.example/x"),
    ("In cents", "In %(unit)s", "text was not filled in: In %(unit)s"),
    ("In cents", "None", "text was not filled in: None"),
)


def test_a_sound_page_is_left_alone() -> None:
    assert faults(SOUND) == []


@pytest.mark.parametrize("good,bad,fault", PLANTED, ids=[fault for _, _, fault in PLANTED])
def test_a_planted_fault_is_found(good: str, bad: str, fault: str) -> None:
    assert good in SOUND
    assert fault in faults(SOUND.replace(good, bad))


@dataclass(slots=True)
class _Noting(Browser):
    """A browser that remembers the last status."""

    status: int = 0

    def get(self, path: str, headers: dict[str, str] | None = None) -> TestResponse:
        answer = self.client.get(path, headers=headers)
        self.status = answer.status_code
        return answer


@dataclass
class _Reading(Walk):
    """A walk that looks at each page; `wrong` is fault → where it was seen."""

    pages: Counter[str] = field(default_factory=Counter)
    wrong: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def open(self, browser: Browser, path: str) -> str:
        noting = _Noting(browser.client)
        html = super().open(noting, path)
        endpoint = self._endpoint(path, "GET") or "no route"
        # A question that cannot be answered is drawn too, with what is wrong with it.
        if noting.status >= 400 and noting.status != 422 and endpoint != "no route":
            self.wrong[f"a page leads to it and it answers {noting.status}"].add(path)
        if html:
            self.pages[endpoint] += 1
            for fault in faults(html):
                self.wrong[fault].add(endpoint)
        return html

    def told(self) -> str:
        """Return what is wrong, a line each, with where it was seen."""
        lines = (f"{fault}: {', '.join(sorted(where))}" for fault, where in self.wrong.items())
        return "\n".join(sorted(lines))


def _templates_in_use(app: Flask) -> set[Path]:
    """Return the files of all templates that have been read, those of imports included."""
    cache = app.jinja_env.cache
    assert cache is not None
    loaded = [template.filename for template in dict(cache.items()).values()]
    return {Path(name).resolve() for name in loaded if name is not None}


@pytest.mark.timeout(300)
def test_every_page_is_sound_and_ours(tenants: Tenants) -> None:
    app = tenants.people.app
    assert app.jinja_env.cache is not None
    app.jinja_env.cache.clear()
    reading = _Reading(app)
    for name, most in READERS.items():
        reading.follow(tenants.browser(name), most)
    reading.open(tenants.browser("nobody"), "/nope")
    assert not reading.wrong, reading.told()
    assert len(reading.pages) > 20
    used = _templates_in_use(app)
    assert {str(each) for each in used if not each.is_relative_to(TEMPLATES)} == set()
    shadows = {TEMPLATES / name for name in upstream.written().shadowed}
    assert used & shadows, "the hook sees nothing"
