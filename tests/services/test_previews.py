"""What is told before it is done is exactly what is posted then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.identifiers import new_id
from app.models import LedgerAccount, LedgerJournal, LedgerLine, Payment
from app.providers.base import Outcome
from app.services import captures, desk_resolutions, previews
from tests.services import cases, flows
from tests.services.answers import tell

if TYPE_CHECKING:
    from tests.fixtures.application import World

Lines = list[tuple[str, int]]


def posted(world: World) -> list[tuple[str, Lines]]:
    """Return kind and lines of every journal, in the order in which they were posted."""
    with db.reading(world.staff()) as session:
        found = session.query(LedgerJournal).order_by(LedgerJournal.id)
        return [
            (
                journal.kind,
                sorted(
                    (account.code, line.amount_minor)
                    for line, account in session.query(LedgerLine, LedgerAccount)
                    .join(LedgerAccount, LedgerAccount.id == LedgerLine.account_id)
                    .filter(LedgerLine.journal_id == journal.id)
                ),
            )
            for journal in found
        ]


@pytest.mark.parametrize(
    "kind, ending",
    [
        ("second", "credit"),
        ("second", "send_back"),
        ("late", "accept"),
        ("over_paid", "credit"),
        ("conflicted", "keep"),
        ("conflicted", "set_apart"),
        ("unknown", "succeeded"),
        ("unknown", "failed"),
        ("unknown_refund", "succeeded"),
        ("unknown_refund", "failed"),
    ],
)
def test_an_ending_posts_what_its_preview_told(world: World, kind: str, ending: str) -> None:
    payment = cases.MAKERS[kind](world)
    case = cases.the_open_one(world)
    before = posted(world)
    with db.reading(world.staff()) as session:
        told = [
            (str(journal.kind), sorted((line.account, line.amount_minor) for line in journal.lines))
            for journal in previews.ending(session, clock.now(), case, ending)
        ]
    with db.unit_of_work(world.staff()) as session:
        now, approval = clock.now(), new_id("apr", clock.now())
        desk_resolutions.resolve(
            session, now, case.public_id, ending, "a letter", reference="sbx_9", approval=approval
        )
    if ending == "send_back":
        refund = flows.read_operations(world.owner(), payment)[-1]
        tell(world, refund.public_id, Outcome.SUCCESS)
    assert posted(world)[len(before) :] == told


def test_what_would_be_refused_is_not_offered(world: World) -> None:
    cases.second(world)
    with db.reading(world.staff()) as session:
        offered = previews.offered(session, cases.the_open_one(world))
    assert [each.ending for each in offered] == ["send_back", "credit"]


def test_a_late_payment_that_was_paid_meanwhile_is_not_accepted(world: World) -> None:
    payment = cases.late(world)
    case = cases.the_open_one(world)
    with db.unit_of_work(world.staff()) as session:
        assert "accept" in {each.ending for each in previews.offered(session, case)}
        session.query(Payment).filter_by(public_id=payment).update({"authorized_minor": 1})
        session.expire_all()
        assert "accept" not in {each.ending for each in previews.offered(session, case)}


def test_the_split_of_a_capture_is_that_of_its_journal(world: World) -> None:
    payment = flows.pay(world.owner(), world.acme, capture="manual", run=False)
    tell(world, flows.read_operations(world.owner(), payment)[0].public_id, Outcome.SUCCESS)
    stored = flows.read(world.owner(), payment)
    with db.reading(world.owner()) as session:
        split = previews.capture(session, clock.now(), stored, 2000)
    assert (split.fee_minor, split.net_minor) == (50, 1950)
    with db.unit_of_work(world.owner()) as session:
        capture = captures.ask_capture(session, clock.now(), payment, 2000).public_id
    tell(world, capture, Outcome.SUCCESS)
    pending = [amount for code, amount in posted(world)[-1][1] if code.endswith(":pending")]
    assert pending == [-split.net_minor]
