"""What waits, counted by one statement; nobody counts what is not theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app.adapters import db
from app.domain import policies
from app.domain.actors import Actor
from app.domain.api_keys import NewKey, Scope
from app.queries import home_desk, operations
from app.queries.home_desk import QUESTIONS, Since
from app.services import api_keys, desk
from tests.fixtures.application import NOW
from tests.queries import rows
from tests.services.approvals import people
from tests.views import home_rows

if TYPE_CHECKING:
    from app.queries.home_desk import Waiting
    from tests.fixtures.application import World

DAY = timedelta(days=1)
SINCE = Since(NOW - timedelta(hours=12), NOW - 7 * DAY)


def asked(actor: Actor) -> dict[str, Waiting]:
    with db.reading(actor) as session:
        return home_desk.waiting(session, QUESTIONS, SINCE)


def plant(world: World) -> None:
    owner = world.owner()
    made = [
        rows.payment(world.acme, NOW, status="processing"),
        rows.payment(world.acme, NOW - 2 * DAY, status="processing"),
        rows.payment(world.acme, NOW - 3 * DAY, status="conflicted"),
        rows.payment(world.acme, NOW, status="in_review"),
    ]
    ids = rows.keep(owner, made)
    for number in range(2):
        home_rows.operation(world, owner, ids[0], NOW - number * DAY, number=number + 1)
    home_rows.keep(
        owner,
        home_rows.upload(world.acme, "ready"),
        home_rows.upload(world.acme, "refused"),
        home_rows.upload(world.acme, "refused", NOW - 30 * DAY),
        home_rows.upload(world.acme, "done"),
    )
    with db.unit_of_work(world.staff()) as session:
        for number in range(2):
            case = desk.open_case(
                session,
                NOW - number * DAY,
                case_key=f"unmatched:{number}",
                kind="unmatched",
                text="Nobody knows this",
                livemode=False,
                merchant_id=world.acme,
            )
            case.state = "open" if number else "resolved"
    home_rows.keep(home_rows.HOUSE, home_rows.task("failed"), home_rows.task("waiting"))
    home_rows.account(owner, "merchant:mer_1:available", "EUR", 500, world.acme)
    home_rows.account(owner, "merchant:mer_1:pending", "EUR", -500, world.acme)
    with db.reading(world.staff()) as session:
        connector = operations.connector_account(session, world.connector_account).public_id
    home_rows.account(home_rows.HOUSE, f"provider:{connector}:receivable", "EUR", 700)


def test_each_question_is_answered_with_its_age(world: World) -> None:
    plant(world)
    found = asked(world.staff())
    assert {name: (each.count, each.oldest) for name, each in found.items()} == {
        "unanswered": (1, NOW - DAY),
        "slow": (1, NOW - 2 * DAY),
        "conflicted": (1, NOW - 3 * DAY),
        "in_review": (1, NOW),
        "failed_tasks": (1, NOW),
        "ready_uploads": (1, NOW),
        "refused_uploads": (1, NOW),
        "owing": (1, None),
        "cases": (1, NOW - DAY),
    }


def test_merchants_books_and_strangers_count_their_own_only(world: World) -> None:
    plant(world)
    assert asked(world.stranger()) == {}
    assert asked(world.staff(livemode=True)) == {}
    assert asked(Actor.none()) == {}
    assert set(asked(world.owner())) == set(QUESTIONS) - {
        "failed_tasks",
        "cases",
        "to_decide",
        "disabled_endpoints",
        "applications",
        "to_answer",
        "expiring_keys",
    }


def test_what_ends_soon_waits_for_its_merchant(world: World) -> None:
    soon = SINCE.today + timedelta(days=home_desk.EXPIRES_SOON_DAYS)
    ends = [soon, soon + DAY, SINCE.today - DAY, None]
    with db.unit_of_work(world.owner()) as session:
        for number, expires_at in enumerate(ends):
            wanted = NewKey(name=f"Key {number}", scopes=frozenset(Scope))
            key, _ = api_keys.create(session, NOW, world.acme, wanted)
            key.expires_at = expires_at
    ids = rows.keep(world.owner(), [rows.payment(world.acme, NOW - 3 * DAY)])
    home_rows.dispute(world, world.owner(), ids[0], NOW - 2 * DAY, due_at=soon)
    found = {name: (each.count, each.oldest) for name, each in asked(world.owner()).items()}
    assert found == {"expiring_keys": (1, None), "to_answer": (1, NOW - 2 * DAY)}
    assert asked(world.stranger()) == {}


def test_requests_wait_for_those_who_decide_and_did_not_ask(world: World) -> None:
    people.ask_limit(world, 500_00)
    found = {}
    for actor, decides in (
        (people.COMPLIANCE, {policies.LIMIT}),
        (people.COMPLIANCE_2, {policies.LIMIT}),
        (people.FINANCE, {policies.REFUND}),
    ):
        since = Since(NOW, NOW, frozenset(decides), actor.user_id)
        with db.reading(actor) as session:
            waiting = home_desk.waiting(session, ["to_decide"], since)
        found[actor.label] = {name: each.count for name, each in waiting.items()}
    assert found == {"compliance": {}, "compliance-2": {"to_decide": 1}, "finance": {}}


def test_nothing_asked_asks_nothing(world: World) -> None:
    with db.reading(world.staff()) as session:
        assert home_desk.waiting(session, (), SINCE) == {}


def test_balances_of_the_house_and_of_merchants_are_apart(world: World) -> None:
    plant(world)
    with db.reading(world.staff()) as session:
        (house,) = home_desk.house_balances(session)
    assert (house.currency, house.balance_minor, house.owner) == ("EUR", 700, "Sandbox")
    with db.reading(world.owner()) as session:
        own = home_desk.balances(session)
        assert home_desk.house_balances(session) == []
    assert [(each.balance_minor, each.owner) for each in own] == [(500, ""), (-500, "")]
    with db.reading(world.stranger()) as session:
        assert home_desk.balances(session) == []


def test_merchants_without_a_grant_are_those_of_the_open_book(world: World) -> None:
    with db.reading(world.staff()) as session:
        assert home_desk.without_capability(session, 5) == []
    with db.reading(world.staff(livemode=True)) as session:
        found = home_desk.without_capability(session, 5)
    assert [row.name for row in found] == ["Acme", "Globex"]


def test_acts_are_found_by_action_and_by_area(world: World) -> None:
    with db.reading(world.staff()) as session:
        before = home_desk.acts(session, ["users", "session.sign_in_failed"], 9)
    home_rows.keep(
        world.staff(),
        home_rows.act("users.create", "Added somebody"),
        home_rows.act("session.sign_in", "somebody signed in"),
        home_rows.act("session.sign_in_failed", "A sign-in failed", NOW + DAY),
        home_rows.act("usersx.create", "Something else"),
    )
    with db.reading(world.staff()) as session:
        found = home_desk.acts(session, ["users", "session.sign_in_failed"], 9)
    assert before == []
    assert [row.sentence for row in found] == ["A sign-in failed", "Added somebody"]


def test_the_last_journal_is_the_newest(world: World) -> None:
    with db.reading(world.staff()) as session:
        assert home_desk.last_journal(session) is None
    home_rows.keep(home_rows.HOUSE, home_rows.journal(), home_rows.journal(NOW + DAY))
    with db.reading(world.staff()) as session:
        found = home_desk.last_journal(session)
    assert found is not None
    assert found.created_at == NOW + DAY


def test_beginnings_are_what_the_reader_can_see(world: World) -> None:
    rows.keep(world.owner(), [rows.payment(world.acme)])
    with db.reading(world.staff()) as session:
        assert home_desk.beginnings(session) == {"merchant", "capability", "price", "payment"}
    with db.reading(world.stranger()) as session:
        assert home_desk.beginnings(session) == {"merchant", "capability", "price"}


def test_uploads_are_those_of_one_person_newest_first(world: World) -> None:
    home_rows.keep(
        world.owner(),
        home_rows.upload(world.acme, "done", NOW - DAY),
        home_rows.upload(world.acme, "ready", NOW),
        home_rows.upload(world.acme, "ready", created_by="acme-owner"),
    )
    with db.reading(world.owner()) as session:
        found = home_desk.uploads_of(session, "acme-clerk", 5)
    assert [row.status for row in found] == ["ready", "done"]
