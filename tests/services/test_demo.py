from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

import config
from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.permissions import RoleName
from app.errors import IllegalStateError
from app.models import ApprovalRequest, Attempt, DeskCase, Dispute, Operation, PriceList
from app.models.tenancy import actor_of
from app.queries import actors, operations, payment_list, payments, prices
from app.queries.listing import Window
from app.services import demo, demo_history, demo_plan, demo_stage, release, seed
from app.services.invariants import registry
from app.services.roles import sync_roles
from app.services.unscoped import unscoped
from tests.fixtures.application import NOW
from tests.providers.answering import Answering
from tests.services.agreement import differences

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from tests.infra.sandbox import SandboxServer

FEW = 14
HOUSE = Actor.house(None, "test")
SILENT = "EUR: ours (0, 0), theirs (6400, 0)"
"""What the provider has done and never tells, which waits at the desk."""
SHOWN = {
    "families": {"card", "upi", "crypto", "apm"},
    "cases": {"unknown", "second", "late", "over_paid", "under_paid", "unmatched", "conflicted"},
    "disputes": {"open", "under_review", "won", "lost"},
    "refunds": {"success", "failed"},
    "requests": {"waiting", "approved", "rejected"},
    "prices": {"draft", "published"},
    "versions": 3,
}


@pytest.fixture
def demo_place(
    context: Flask, sandbox_server: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxServer]:
    """Let a short demo be made with the running sandbox."""
    assert context
    monkeypatch.setenv("SANDBOX_URL", sandbox_server.url)
    monkeypatch.setattr(demo_plan, "COUNT", FEW)
    monkeypatch.setattr(demo_plan, "OPEN_FROM", 1)
    config.get.cache_clear()
    yield sandbox_server
    monkeypatch.undo()
    config.get.cache_clear()


def payments_of(key: str) -> list[Row[tuple[str, ...]]]:
    actor = Actor.system(demo.merchant_id(key), livemode=False, label="test")
    with db.reading(actor) as session:
        window = Window(limit=1000)
        return list(payment_list.payments(session, payment_list.PaymentFilter(), window).rows)


def references() -> list[str]:
    rows = [row for merchant in demo.MERCHANTS for row in payments_of(merchant.key)]
    return sorted(row.reference for row in rows if row.reference[-4:].isdigit())


def wanted() -> list[str]:
    return [f"demo-{number:04d}" for number in range(1, FEW + 1)]


def test_the_demo_is_made_by_the_services_and_every_invariant_holds(
    demo_place: SandboxServer,
) -> None:
    before = len(demo_place.log().effects)
    told = list(release.seed_all(demo=True))
    assert "Demo: people and merchants" in told
    assert references() == wanted()
    with unscoped(HOUSE, clock.now(), "test") as session:
        assert [each for each in registry.check_all(session) if each.violations] == []
        apart = differences(session, demo_place.log().effects[before:])
        assert [each.split(" ", 1)[1] for each in apart] == [SILENT]
        assert shown(session) == SHOWN


def shown(session: Session) -> dict[str, object]:
    """Return what there is to look at of each kind."""
    refunds_made = select(Operation.state).where(Operation.kind == "refund")
    versions = select(func.count()).select_from(PriceList).where(PriceList.state == "published")
    per_list = versions.group_by(PriceList.merchant_id, PriceList.currency)
    return {
        "families": set(session.scalars(select(Attempt.method))),
        "cases": set(session.scalars(select(DeskCase.kind).where(DeskCase.state == "open"))),
        "disputes": set(session.scalars(select(Dispute.status))),
        "refunds": set(session.scalars(refunds_made)),
        "requests": set(session.scalars(select(ApprovalRequest.state))),
        "prices": set(session.scalars(select(PriceList.state))),
        "versions": max(session.scalars(per_list)),
    }


@pytest.mark.usefixtures("demo_place")
def test_a_second_seed_changes_nothing() -> None:
    list(release.seed_all(demo=True))
    first = references()
    assert "Roles: written" not in list(release.seed_all(demo=True))
    assert references() == first


@pytest.mark.usefixtures("demo_place")
def test_a_history_that_was_cut_short_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = demo_stage.run

    def cut(operation: str, actor: Actor) -> None:
        if len(references()) > FEW // 2:
            raise KeyboardInterrupt
        run(operation, actor)

    with monkeypatch.context() as patch:
        patch.setattr(demo_stage, "run", cut)
        with pytest.raises(KeyboardInterrupt):
            list(release.seed_all(demo=True))
    assert len(references()) == FEW // 2 + 1
    list(release.seed_all(demo=True))
    assert references() == wanted()
    rows = [row for merchant in demo.MERCHANTS for row in payments_of(merchant.key)]
    assert {row.reference for row in rows if row.status == "processing"} == {"demo-unknown"}


@pytest.mark.usefixtures("demo_place")
def test_every_account_of_the_demo_has_its_role_and_merchant() -> None:
    with db.unit_of_work(HOUSE) as session:
        sync_roles(session, NOW)
    demo.people_and_merchants(NOW)
    with db.reading(HOUSE) as session:
        found = {}
        for user in demo.USERS:
            row = actors.user_by_name(session, user.username)
            assert row is not None
            keys = [key for _, key, _, _ in actors.memberships(session, row.id)]
            found[user.username] = ([role.name for role in row.roles], keys)
    assert found["acme-owner"] == ([RoleName.MERCHANT_OWNER], ["acme"])
    assert found["acme-clerk"] == ([RoleName.MERCHANT_CLERK], ["acme"])
    assert found["globex-owner"] == ([RoleName.MERCHANT_OWNER], ["globex"])
    assert found["finance-2"] == ([RoleName.FINANCE], [])
    assert len(found) == 10


@pytest.mark.usefixtures("context")
def test_the_sandbox_account_follows_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = []
    for url in ("http://127.0.0.1:1", "http://127.0.0.1:1", "http://127.0.0.1:2"):
        monkeypatch.setenv("SANDBOX_URL", url)
        config.get.cache_clear()
        with db.unit_of_work(release.TEST_BOOK) as session:
            changes.append(seed.sandbox_account(session, NOW))
    config.get.cache_clear()
    assert changes == [True, False, True]
    with db.reading(release.TEST_BOOK) as session:
        account = operations.shared_connector_account(session, "sandbox")
        assert account is not None
        assert account.base_url == "http://127.0.0.1:2"
        assert account.livemode is False
        assert actor_of(session) == release.TEST_BOOK


def test_what_each_merchant_of_the_demo_may_take_has_a_price_and_a_limit(
    demo_place: SandboxServer,
) -> None:
    assert demo_place
    with db.unit_of_work(HOUSE) as session:
        sync_roles(session, NOW)
    demo.people_and_merchants(NOW)
    demo.people_and_merchants(NOW)
    found = {}
    for merchant in demo.MERCHANTS:
        row_id = demo.merchant_id(merchant.key)
        with db.reading(Actor.system(row_id, livemode=False, label="test")) as session:
            found[merchant.key] = payments.capability_kinds(session, row_id) - {"bulk"}
            for currency in merchant.prices:
                found_list = prices.in_force(session, row_id, currency, NOW)
                assert found_list is not None
                priced = {rule.method for rule in prices.rules(session, found_list.id)}
                for method in merchant.methods(currency):
                    assert method in priced
                    assert payments.limit_minor(session, row_id, method, currency)
    assert found == {"acme": {"card", "upi", "crypto", "apm"}, "globex": {"card", "apm"}}


def test_the_sandbox_is_told_where_to_send_its_messages(
    demo_place: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert demo_place
    with Answering(body={"url": "taken"}) as provider:
        monkeypatch.setenv("SANDBOX_URL", provider.url)
        config.get.cache_clear()
        with db.unit_of_work(release.TEST_BOOK) as session:
            seed.sandbox_account(session, NOW)
            account = operations.shared_connector_account(session, "sandbox")
            assert account is not None
            known = json.loads(account.credentials)
        assert demo.listen().startswith("Sandbox provider: sends its messages to http://localhost:")
    told = json.loads(provider.asked[0].body)
    assert told["url"].endswith(f"/webhooks/sandbox/{account.public_id}")
    assert told["secret"] == known["webhook_secret"]
    assert demo.listen().startswith("Warning: the sandbox provider sends no messages to http://")


@pytest.mark.usefixtures("context")
def test_an_account_that_is_older_gets_the_secret_it_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_URL", "http://127.0.0.1:1")
    config.get.cache_clear()
    with db.unit_of_work(release.TEST_BOOK) as session:
        seed.sandbox_account(session, NOW)
        account = operations.shared_connector_account(session, "sandbox")
        assert account is not None
        account.credentials = json.dumps({"secret_key": "sk_sandbox_older"})
        assert seed.sandbox_account(session, NOW) is True
        assert seed.sandbox_account(session, NOW) is False
        kept = json.loads(account.credentials)
    config.get.cache_clear()
    assert kept["secret_key"] == "sk_sandbox_older"
    assert kept["webhook_secret"].startswith("whsec_")


def test_the_demo_is_refused_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    production = config.Settings(_env_file=None, environment="production")
    monkeypatch.setattr(config, "get", lambda: production)
    for make in (lambda: demo.people_and_merchants(NOW), lambda: next(demo_history.make(NOW))):
        with pytest.raises(IllegalStateError, match="refused in production"):
            make()
    with pytest.raises(IllegalStateError, match="refused in production"):
        next(release.release(demo=True))


def test_the_plan_is_the_same_each_time_and_has_something_of_everything() -> None:
    plans = [demo_plan.plan(number) for number in range(1, demo_plan.COUNT + 1)]
    assert plans == [demo_plan.plan(number) for number in range(1, demo_plan.COUNT + 1)]
    tokens = Counter(each.token for each in plans if each.family == "card")
    assert set(tokens) == set(demo_plan.TOKENS)
    assert tokens["tok_approve"] > len(plans) * 0.5
    families = Counter(each.family for each in plans)
    assert set(families) == {"card", "upi", "crypto", "apm"}
    assert len(plans) * 0.7 < families["card"] < len(plans) * 0.85
    assert {each.door for each in plans} == {"", *demo_plan.DOORS}
    assert {each.amount.currency for each in plans} == {"INR", "USD", "EUR"}
    assert {each.merchant for each in plans} == {"acme", "globex"}
    assert 10 < sum(bool(each.refund_percent) for each in plans) < 60


def test_no_planned_payment_passes_its_merchants_limit() -> None:
    limits = {
        (merchant.key, currency): price.most_minor
        for merchant in demo.MERCHANTS
        for currency, price in merchant.prices.items()
    }
    plans = [demo_plan.plan(number) for number in range(1, demo_plan.COUNT + 1)]
    passing = [
        each
        for each in plans
        if each.amount.amount_minor > limits[each.merchant, each.amount.currency]
    ]
    assert passing == []


def test_the_history_runs_forward_over_thirty_days_and_ends_before_now() -> None:
    moments = [demo_plan.moment_of(number, NOW) for number in range(1, demo_plan.COUNT + 1)]
    assert moments == sorted(moments)
    assert moments[0] >= NOW - demo_plan.SPAN
    assert moments[-1] < NOW
