from __future__ import annotations

import itertools
import time
from typing import TYPE_CHECKING, Final

import pytest

from app.views import form_keys
from tests.tenancy.crawling import crawl
from tests.tenancy.world import NOBODY

if TYPE_CHECKING:
    from tests.tenancy.world import Tenants

VISITORS: Final = ("acme-owner", "acme-clerk", NOBODY)

SKIPPED: Final[dict[tuple[str, str], str]] = {}
"""(endpoint, method) → why nobody needs to try it."""

NO_FORM: Final = {
    "PayerView.returned": "the bank's site sends the payer here; its form is not ours",
}
"""Endpoints that take POST and whose form stands on none of our pages."""

OPENS_NOTHING: Final = {
    "static": "files of the repository; no merchant's id opens one",
    "appbuilder.static": "as static",
}
"""Endpoints with an id in their address that none of globex's ids opens, even for staff."""


@pytest.fixture(autouse=True)
def any_form_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every form for one that was given out: its key must not be what saves us."""
    numbers = itertools.count()
    monkeypatch.setattr(form_keys, "read", lambda purpose: f"form:{purpose}:{next(numbers)}")


def test_nobody_of_acme_meets_anything_of_globex(
    tenants: Tenants, capsys: pytest.CaptureFixture[str]
) -> None:
    t = time.perf_counter()
    done = crawl(tenants, VISITORS)
    skipped = {each for each in done.everything if each[1:] in SKIPPED}
    with capsys.disabled():
        print(
            f"\n  {len(done.asked)} routes × methods crawled in {done.seen.count} requests, "
            f"{len(skipped)} skipped", time.perf_counter() - t
        )
        print(done.scouted.places)
        print(done.scouted.fields)
        print({r.endpoint for r in done.rules if "POST" in r.methods} - done.scouted.fields.keys())
        print(sorted(done.everything - done.asked))
        print(done.seen.own)
        print("\n".join(done.findings))
    assert done.findings == []
    assert done.everything - done.asked == skipped
