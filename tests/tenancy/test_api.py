"""A key of acme with every scope asks for all that is globex's, and for acme's other book."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

from app.adapters import clock, db, rates
from app.domain.actors import Actor
from app.domain.api_keys import NewKey, Scope
from app.domain.permissions import ROLES, RoleName
from app.services import api_keys
from tests.tenancy import knowledge, snapshot
from tests.tenancy.crawler import CANARY_WORD
from tests.tenancy.crawling import work_off
from tests.tenancy.scout import build
from tests.views.routes import for_programs, methods

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from werkzeug.routing import Rule
    from werkzeug.test import TestResponse

    from tests.tenancy.knowledge import Rows
    from tests.tenancy.world import Tenants

CURSORS: Final = ("starting_after", "ending_before")
MISSING: Final = frozenset({400, 404, 422})
"""What is answered for what is somebody else's, as for what does not exist."""


class _Programs:
    """Asks the API, and keeps what it was told."""

    def __init__(self, tenants: Tenants) -> None:
        self.app = tenants.people.app
        self.client = self.app.test_client()
        self.rules = [each for each in self.app.url_map.iter_rules() if for_programs(each.endpoint)]
        self.seen: list[tuple[str, TestResponse]] = []
        self.numbers = 0

    def key_of(self, merchant_id: int, *, livemode: bool = False) -> str:
        rights = ROLES[RoleName.MERCHANT_OWNER]
        actor = Actor.merchant(merchant_id, livemode, None, "owner", rights)
        with db.unit_of_work(actor) as session:
            wanted = NewKey(name="crawl", scopes=frozenset(Scope))
            return api_keys.create(session, clock.now(), merchant_id, wanted)[1]

    def ask(
        self, secret: str, method: str, path: str, query: Mapping[str, str] | None = None
    ) -> TestResponse:
        self.numbers += 1
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": f"c{self.numbers}"}
        body: dict[str, Any] = {} if method == "GET" else {"json": {}}
        answer = self.client.open(path, method=method, headers=headers, query_string=query, **body)
        self.seen.append((f"{method} {path}", answer))
        return answer


@pytest.fixture
def asking(tenants: Tenants, monkeypatch: pytest.MonkeyPatch) -> _Programs:
    """Return somebody who may ask as often as they like."""
    monkeypatch.setattr(rates, "hit", lambda *_: None)
    return _Programs(tenants)


def _theirs(tenants: Tenants) -> Rows:
    return knowledge.read(tenants.engine, tenants.globex, tenants.acme)


def _addresses(rule: Rule, theirs: Rows) -> Iterator[str]:
    """Yield the rule's address with every public id of globex, whatever kind it is."""
    for value in theirs.values:
        if value.column in {"public_id", "page_token", "reference"}:
            yield build(rule, value.text)


@pytest.mark.timeout(300)
def test_a_key_meets_nothing_of_another_merchant(tenants: Tenants, asking: _Programs) -> None:
    theirs, own = _theirs(tenants), asking.key_of(tenants.acme)
    hidden = knowledge.secrets(theirs, knowledge.read(tenants.engine, tenants.acme, tenants.globex))
    before = snapshot.take(tenants.engine, tenants.globex)
    met = [
        f"{method} {path}"
        for rule in asking.rules
        for method in methods(rule)
        for path in (_addresses(rule, theirs) if rule.arguments else ())
        if asking.ask(own, method, path).status_code not in MISSING
    ]
    for rule in asking.rules:
        if "GET" in methods(rule) and not rule.arguments:
            assert asking.ask(own, "GET", rule.rule).status_code == 200
            for cursor in CURSORS:
                asking.ask(own, "GET", rule.rule, {cursor: theirs.one("payment.public_id")})
    work_off(tenants)
    assert met == []
    told = " ".join(answer.text for _, answer in asking.seen)
    assert not CANARY_WORD.findall(told)
    repeated = {value.text.lower() for value in theirs.values}
    assert {each for each in hidden - repeated if each in told.lower()} == set()
    assert snapshot.changes(before, snapshot.take(tenants.engine, tenants.globex)) == []
    assert [path for path, answer in asking.seen if answer.status_code >= 500] == []


def test_the_same_addresses_open_for_the_merchant_itself(
    tenants: Tenants, asking: _Programs
) -> None:
    theirs, key = _theirs(tenants), asking.key_of(tenants.globex)
    opened = {
        rule.endpoint
        for rule in asking.rules
        if rule.arguments and "GET" in methods(rule)
        if any(asking.ask(key, "GET", path).status_code == 200 for path in _addresses(rule, theirs))
    }
    assert opened == {
        rule.endpoint for rule in asking.rules if rule.arguments and "GET" in methods(rule)
    }
    lists = [rule for rule in asking.rules if not rule.arguments and "GET" in methods(rule)]
    told = " ".join(asking.ask(key, "GET", rule.rule).text for rule in lists)
    assert CANARY_WORD.search(told), "what must not be seen can be seen"
    other = asking.key_of(tenants.globex, livemode=True)
    for rule in lists:
        listed = json.loads(asking.ask(other, "GET", rule.rule).text)
        assert not CANARY_WORD.search(json.dumps(listed))
