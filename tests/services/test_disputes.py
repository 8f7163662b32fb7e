"""Disputes, as a provider tells of them: their head, their journals, and what goes to the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.actors import Actor
from app.models import DeskCase
from app.services.invariants import registry as invariants
from app.services.unscoped import unscoped
from tests.services import flows
from tests.services.telling import Provider, disputes_of, provider

if TYPE_CHECKING:
    from tests.fixtures.application import World
    from tests.services.telling import Told

__all__ = ["provider"]


@pytest.fixture
def paid(provider: Provider) -> tuple[str, Told]:
    """A payment of 60.00 EUR that has been taken: (payment, the event of its charge)."""
    payment = flows.pay(provider.world.owner(), provider.world.acme, run=False)
    charge = provider.charge(payment)
    provider.tell(charge)
    return payment, charge


def short(world: World) -> dict[str, int]:
    """Return the balances that are not zero, by the account's own name."""
    found: dict[str, int] = {}
    for code, amount in flows.balances(world.staff()).items():
        head, *_, tail, _currency = code.split(":")
        name = f"provider {tail}" if head == "provider" else tail
        found[name] = found.get(name, 0) + amount
    return {name: amount for name, amount in found.items() if amount}


def cases(world: World) -> list[str]:
    with db.reading(world.staff()) as session:
        return [case.kind for case in session.query(DeskCase).order_by(DeskCase.id)]


def broken() -> dict[str, list[str]]:
    """Return what the invariants find."""
    with unscoped(Actor.house(None, "test"), clock.now(), "test") as session:
        return {
            each.name: [violation.text for violation in each.violations]
            for each in invariants.check_all(session)
            if each.violations
        }


PAID = {"provider receivable": 6000, "pending": -5850, "mdr": -150}
HELD = {"provider receivable": 2000, "provider disputed": 4000, "pending": -1850, "mdr": -150}


def test_a_dispute_that_is_lost_ends_where_domain_says(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    payment, charge = paid
    world = provider.world
    provider.tell(provider.dispute(charge, "open", due_at="2026-12-10T00:00:00+00:00"))
    assert flows.read(world.owner(), payment).status == "disputed"
    assert short(world) == {**HELD, "disputed": -4000}
    provider.tell(provider.dispute(charge, "under_review"), provider.dispute(charge, "lost"))
    stored, (head,) = flows.read(world.owner(), payment), disputes_of(world, payment)
    assert (stored.status, stored.charged_back_minor) == ("partially_refunded", 4000)
    assert (head.status, head.due_at is not None, head.closed_at is not None) == (
        "lost",
        True,
        True,
    )
    assert short(world) == {"provider receivable": 2000, "pending": -1850, "mdr": -150}
    assert (cases(world), broken()) == ([], {})


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_dispute_that_is_won_gives_the_money_back(
    provider: Provider, paid: tuple[str, Told], *, withdrawn: bool
) -> None:
    payment, charge = paid
    provider.tell(provider.dispute(charge, "open", withdrawn=withdrawn))
    provider.tell(provider.dispute(charge, "won", withdrawn=withdrawn))
    assert flows.read(provider.world.owner(), payment).status == "succeeded"
    assert short(provider.world) == {**PAID, "pending": -1850, "available": -4000}


def test_an_inquiry_moves_money_only_when_it_becomes_more(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    payment, charge = paid
    world = provider.world
    provider.tell(provider.dispute(charge, "open", stage="inquiry", withdrawn=False))
    stored = flows.read(world.owner(), payment)
    assert (stored.status, stored.disputed_minor, short(world)) == ("disputed", 0, PAID)
    provider.tell(provider.dispute(charge, "open", stage="chargeback", withdrawn=False))
    assert flows.read(world.owner(), payment).disputed_minor == 4000
    assert short(world) == {**PAID, "pending": -1850, "disputed": -4000}
    provider.tell(provider.dispute(charge, "open", withdrawn=True))
    assert short(world) == {**HELD, "disputed": -4000}


def test_a_message_that_leads_back_is_looked_up_and_changes_nothing(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    payment, charge = paid
    late = provider.dispute(charge, "open")
    provider.tell(provider.dispute(charge, "lost"))
    provider.asked.clear()
    provider.tell(late)
    provider.settle()
    assert provider.asked == [late["data"]["id"]]
    (head,) = disputes_of(provider.world, payment)
    assert (head.status, cases(provider.world)) == ("lost", [])


def test_what_a_provider_insists_on_is_in_conflict_and_on_the_desk(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    payment, charge = paid
    provider.tell(provider.dispute(charge, "won"), provider.dispute(charge, "open"))
    provider.settle()
    (head,) = disputes_of(provider.world, payment)
    assert head.status == "won"
    assert flows.read(provider.world.owner(), payment).status == "conflicted"
    assert cases(provider.world) == ["conflicted"]


def test_a_look_up_without_an_answer_is_tried_again(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    _, charge = paid
    late = provider.dispute(charge, "under_review")
    provider.tell(provider.dispute(charge, "lost"))
    provider.silent = True
    provider.tell(late)
    provider.work(hurry=True)
    assert len(provider.unsettled()) == 1
    provider.silent = False
    provider.settle()
    assert cases(provider.world) == []


@pytest.mark.parametrize("change", [{"amount_minor": 3999}, {"currency": "USD"}])
def test_another_amount_or_currency_is_in_conflict(
    provider: Provider, paid: tuple[str, Told], change: dict[str, object]
) -> None:
    payment, charge = paid
    provider.tell(provider.dispute(charge, "open"))
    before = short(provider.world)
    provider.tell(provider.dispute(charge, "lost", **change))
    provider.settle()
    assert flows.read(provider.world.owner(), payment).status == "conflicted"
    assert (short(provider.world), cases(provider.world)) == (before, ["conflicted"])


def test_a_dispute_after_a_full_refund_is_everyday_life_with_a_case(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    payment, charge = paid
    world = provider.world
    provider.tell(provider.part("refund", charge, "succeeded", 6000))
    assert flows.read(world.owner(), payment).status == "refunded"
    provider.tell(provider.dispute(charge, "open", 6000), provider.dispute(charge, "lost", 6000))
    stored = flows.read(world.owner(), payment)
    assert (stored.status, stored.charged_back_minor) == ("charged_back", 6000)
    assert short(world)["available"] == 6150
    assert (cases(world), broken()) == (["conflicted"], {})


def test_a_dispute_larger_than_the_capture_is_recorded_in_conflict(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    payment, charge = paid
    provider.tell(provider.dispute(charge, "open", 6001))
    stored = flows.read(provider.world.owner(), payment)
    assert (stored.status, stored.disputed_minor) == ("conflicted", 6001)
    assert short(provider.world)["disputed"] == -6001
    assert (cases(provider.world), broken()) == (["conflicted"], {})


def test_a_second_dispute_counts_beside_the_first(
    provider: Provider, paid: tuple[str, Told]
) -> None:
    payment, charge = paid
    world = provider.world
    provider.tell(provider.dispute(charge, "open"), provider.dispute(charge, "open", 2000, id="d2"))
    stored = flows.read(world.owner(), payment)
    assert (stored.status, stored.disputed_minor, cases(world)) == ("disputed", 6000, [])
    provider.tell(provider.dispute(charge, "open", 1, id="d3"))
    assert flows.read(world.owner(), payment).status == "conflicted"
    assert cases(world) == ["conflicted"]


def test_a_dispute_of_a_charge_that_failed_moves_nothing(provider: Provider) -> None:
    world = provider.world
    payment = flows.pay(world.owner(), world.acme, run=False)
    charge = provider.charge(payment, "failed")
    provider.tell(charge, provider.dispute(charge, "lost"))
    provider.settle()
    assert flows.read(world.owner(), payment).status == "conflicted"
    assert (short(world), cases(world), broken()) == ({}, ["conflicted"], {})


def test_a_dispute_that_comes_before_its_charge_waits_for_it(provider: Provider) -> None:
    world = provider.world
    payment = flows.pay(world.owner(), world.acme, run=False)
    charge = provider.charge(payment)
    provider.tell(provider.dispute(charge, "open"))
    provider.settle()
    assert short(world) == {**HELD, "disputed": -4000}
