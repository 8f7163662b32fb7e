"""A key of acme with every scope asks for all that is globex's, and for acme's other book."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

import pytest

from app.adapters import clock, db, rates
from app.domain.actors import Actor
from app.domain.api_keys import NewKey, Scope
from app.domain.balance_transactions import id_of
from app.domain.permissions import ROLES, RoleName
from app.services import api_keys
from tests.conftest import SCALE
from tests.tenancy import knowledge, snapshot
from tests.tenancy.crawler import CANARY_WORD
from tests.tenancy.crawling import work_off
from tests.tenancy.scout import build
from tests.views.routes import for_programs, methods

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sqlalchemy import Engine
    from werkzeug.routing import Rule
    from werkzeug.test import TestResponse

    from tests.tenancy.world import Tenants

CURSORS: Final = ("starting_after", "ending_before")
NAMES: Final = frozenset({"public_id", "page_token", "reference"})
MISSING: Final = frozenset({400, 404, 422})
"""What is answered for what is somebody else's, as for what does not exist."""


class _Programs:
    """Asks the API, and keeps what it was told."""

    def __init__(self, tenants: Tenants) -> None:
        self.app = tenants.people.app
        self.client = self.app.test_client()
        rules = [each for each in self.app.url_map.iter_rules() if for_programs(each.endpoint)]
        self.named = [each for each in rules if each.arguments]
        self.lists = [each for each in rules if not each.arguments and "GET" in methods(each)]
        self.theirs = knowledge.read(tenants.engine, tenants.globex, tenants.acme)
        self.lines = _lines(tenants.engine, tenants.globex)
        self.seen: list[tuple[str, TestResponse]] = []

    def key_of(self, merchant_id: int, *, livemode: bool = False) -> str:
        rights = ROLES[RoleName.MERCHANT_OWNER]
        actor = Actor.merchant(merchant_id, livemode, None, "owner", rights)
        with db.unit_of_work(actor) as session:
            wanted = NewKey(name="crawl", scopes=frozenset(Scope))
            return api_keys.create(session, clock.now(), merchant_id, wanted)[1]

    def ask(
        self, secret: str, method: str, path: str, query: Mapping[str, str] | None = None
    ) -> TestResponse:
        number = f"crawl-{len(self.seen)}"
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": number}
        body: dict[str, Any] = {} if method == "GET" else {"json": {}}
        answer = self.client.open(path, method=method, headers=headers, query_string=query, **body)
        self.seen.append((f"{method} {path}", answer))
        return answer

    def addresses(self, method: str) -> Iterator[tuple[Rule, str]]:
        """Yield each rule's address with public ids of globex, whatever kind they are.

        They are one of each kind and status; with SCALE=full all.
        """
        named = [each for each in self.theirs.values if each.column in NAMES]
        ids = [each.text for each in named if each.is_first or SCALE == "full"] + self.lines
        for rule in self.named:
            if method in (rule.methods or ()):
                yield from ((rule, build(rule, each)) for each in ids)

    def met(self, secret: str) -> set[str]:
        """Ask for all of globex's things; return what did not answer as if it did not exist."""
        return {
            f"{method} {path}"
            for method in ("GET", "POST", "DELETE")
            for _, path in self.addresses(method)
            if self.ask(secret, method, path).status_code not in MISSING
        }

    def listed(self, secret: str) -> str:
        """Return all lists as they are, and from an edge that is globex's on."""
        edge = self.theirs.one("payment.public_id")
        pages = [self.ask(secret, "GET", each.rule) for each in self.lists]
        assert {page.status_code for page in pages} == {200}
        for rule, name in itertools.product(self.lists, CURSORS):
            self.ask(secret, "GET", rule.rule, {name: edge})
        return " ".join(page.text for page in pages)

    def leaks(self, hidden: Collection[str]) -> set[tuple[str, str]]:
        """Return (address, word) of what was told beyond what was asked with."""
        return {
            (path, word)
            for path, text in ((path, answer.text.lower()) for path, answer in self.seen)
            for word in {*CANARY_WORD.findall(text), *(each for each in hidden if each in text)}
            if word.strip(".") not in path.lower()
        }


def _lines(engine: Engine, merchant_id: int) -> list[str]:
    """Return the ids of some of a merchant's balance transactions, which no column holds."""
    query = "SELECT id FROM ledger_line WHERE merchant_id = %s AND NOT livemode LIMIT 5"
    with engine.connect() as connection:
        return [id_of(row.id) for row in connection.exec_driver_sql(query, (merchant_id,))]


@pytest.fixture
def asking(tenants: Tenants, monkeypatch: pytest.MonkeyPatch) -> _Programs:
    """Return somebody who may ask as often as they like."""
    monkeypatch.setattr(rates, "hit", lambda *_: None)
    return _Programs(tenants)


@pytest.mark.timeout(300)
def test_a_key_meets_nothing_of_another_merchant(tenants: Tenants, asking: _Programs) -> None:
    own = knowledge.read(tenants.engine, tenants.acme, tenants.globex)
    before = snapshot.take(tenants.engine, tenants.globex)
    key = asking.key_of(tenants.acme)
    assert asking.met(key) == set()
    assert asking.listed(key)
    work_off(tenants)
    assert asking.leaks(knowledge.secrets(asking.theirs, own)) == set()
    assert snapshot.changes(before, snapshot.take(tenants.engine, tenants.globex)) == []
    assert max(answer.status_code for _, answer in asking.seen) < 500


@pytest.mark.timeout(300)
def test_the_same_addresses_open_for_the_merchant_itself(
    tenants: Tenants, asking: _Programs
) -> None:
    key, live = (asking.key_of(tenants.globex, livemode=live) for live in (False, True))
    opened = {
        rule.rule
        for rule, path in asking.addresses("GET")
        if asking.ask(key, "GET", path).status_code == 200
    }
    assert opened == {rule.rule for rule in asking.named if "GET" in methods(rule)}
    assert CANARY_WORD.search(asking.listed(key)), "what must not be seen can be seen"
    assert not CANARY_WORD.search(asking.listed(live))
