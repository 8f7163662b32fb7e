"""Price lists on MariaDB: drafts, publication, what never changes, and many at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app.adapters import clock, db
from app.domain.fees import FeeRule, ListTerms
from app.domain.money import Money
from app.errors import BadInputError, IllegalStateError, NotFoundError, PayAgencyError
from app.models import AuditEntry
from app.queries import prices as rows
from app.queries.listing import Window
from app.services import fees, prices
from tests.fixtures import price_lists

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from flask import Flask

    from app.models import PriceList
    from tests.fixtures.application import World

CARD = FeeRule(300, 0, "EUR", method="card")
LIST = ListTerms(currency="EUR", effective_from=None, rules=(CARD,))
DAY = timedelta(days=1)


def _draft(world: World, wanted: ListTerms = LIST) -> str:
    with db.unit_of_work(world.staff()) as session:
        return prices.draft(session, clock.now(), world.acme, wanted).public_id


def _publish(world: World, public_id: str, now: datetime | None = None) -> PriceList:
    with db.unit_of_work(world.staff()) as session:
        return prices.publish(session, now or clock.now(), public_id)


def _actions(world: World) -> list[str]:
    with db.reading(world.staff()) as session:
        return [row.action for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_a_draft_counts_from_its_publication_and_each_step_leaves_a_trace(world: World) -> None:
    public_id = _draft(world)
    with db.unit_of_work(world.staff()) as session:
        prices.change(session, clock.now(), public_id, replace(LIST, note="again"))
        now = clock.now()
        assert (
            fees.quote(session, world.acme, "card", "", Money(100, "EUR"), now).fee.total_minor == 2
        )
    published = _publish(world, public_id)
    assert published.effective_from == published.published_at
    with db.reading(world.staff()) as session:
        quote = fees.quote(session, world.acme, "card", "", Money(100, "EUR"), clock.now())
        assert quote.price_list is not None
        assert (quote.price_list.public_id, quote.fee.total_minor) == (public_id, 3)
    assert _actions(world) == ["prices.draft", "prices.change", "prices.publish"]


@pytest.mark.parametrize("act", ["change", "publish", "discard"])
def test_a_published_list_never_changes(world: World, act: str) -> None:
    public_id = _draft(world)
    _publish(world, public_id)
    acts: dict[str, Callable[[Any], Any]] = {
        "change": lambda session: prices.change(session, clock.now(), public_id, LIST),
        "publish": lambda session: prices.publish(session, clock.now(), public_id),
        "discard": lambda session: prices.discard(session, clock.now(), public_id),
    }
    with (
        pytest.raises(IllegalStateError, match="never changes"),
        db.unit_of_work(world.staff()) as session,
    ):
        acts[act](session)


@pytest.mark.parametrize(
    "begins, words",
    [
        (-DAY, "lies in the past"),
        (DAY, "overlaps price list prl_"),
        (2 * DAY, "overlaps price list prl_"),
    ],
)
def test_a_list_begins_after_now_and_after_every_published_one(
    world: World, begins: timedelta, words: str
) -> None:
    now = clock.now()
    _publish(world, _draft(world, replace(LIST, effective_from=now + 2 * DAY)))
    with pytest.raises(BadInputError, match=words) as refused:
        _draft(world, replace(LIST, effective_from=now + begins))
    assert refused.value.place == "effective_from"
    _draft(world, replace(LIST, effective_from=now + 3 * DAY))
    with pytest.raises(BadInputError, match="moment of another draft"):
        _draft(world, replace(LIST, effective_from=now + 3 * DAY))


def test_a_draft_whose_moment_has_passed_is_not_published(world: World) -> None:
    public_id = _draft(world, replace(LIST, effective_from=clock.now() + DAY))
    with pytest.raises(BadInputError, match="in the past"):
        _publish(world, public_id, clock.now() + 2 * DAY)


@pytest.mark.parametrize(
    "change, place",
    [
        ({"rules": ()}, "rules"),
        ({"rules": (CARD, replace(CARD, brand="Visa"), replace(CARD, brand="visa"))}, "rules-2"),
        ({"rules": (CARD, CARD)}, "rules-1-method"),
        ({"rules": (replace(CARD, method="cash"),)}, "rules-0-method"),
        ({"rules": (replace(CARD, currency="USD"),)}, "rules-0-method"),
        ({"rules": (replace(CARD, brand="x" * 33),)}, "rules-0-brand"),
        ({"rules": (replace(CARD, brand="4242 4242 4242 4242"),)}, "rules-0-brand"),
        ({"returns_fee": "some"}, "returns_fee"),
        ({"refund_fee_minor": -1}, "refund_fee"),
        ({"note": "x" * 256}, "note"),
        ({"currency": "XXX"}, "currency"),
    ],
)
def test_what_cannot_be_is_refused_at_its_place(
    world: World, change: dict[str, Any], place: str
) -> None:
    with pytest.raises(BadInputError) as refused:
        _draft(world, replace(LIST, **change))
    assert refused.value.place.startswith(place)
    assert _actions(world) == []


def test_the_digest_changes_with_every_word(world: World) -> None:
    public_id = _draft(world)

    def digest() -> bytes:
        with db.reading(world.staff()) as session:
            return prices.digest(session, public_id)

    found = {digest()}
    assert found == {digest()}
    for wanted in (
        replace(LIST, note="x"),
        replace(LIST, rules=(replace(CARD, percent_bps=301),)),
        replace(LIST, effective_from=clock.now() + DAY),
    ):
        with db.unit_of_work(world.staff()) as session:
            prices.change(session, clock.now(), public_id, wanted)
        found.add(digest())
    assert len(found) == 4


def test_an_approved_request_publishes_what_it_names(world: World) -> None:
    public_id = _draft(world)
    with db.unit_of_work(world.staff()) as session:
        payload = {prices.PAYLOAD: public_id}
        assert prices.publish_command(session, clock.now(), payload, None) == public_id
    with db.reading(world.staff()) as session:
        assert prices.get(session, public_id).state == rows.PUBLISHED


def test_of_many_drafts_at_once_one_is_published(context: Flask, world: World) -> None:
    begins = clock.now() + DAY
    drafts = [
        _draft(world, replace(LIST, effective_from=begins + number * DAY)) for number in range(8)
    ]

    @db.retry_when_busy
    def publish(public_id: str) -> bool:
        with context.app_context():
            try:
                _publish(world, public_id)
            except PayAgencyError:
                return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(publish, [*drafts[:1] * 8, *drafts[::-1]]))
    assert done[:8].count(True) <= 1
    with db.reading(world.staff()) as session:
        published = {
            row.public_id: row.effective_from for row in rows.versions(session, world.acme, "EUR")
        }
        told = select(AuditEntry.object_id).where(AuditEntry.action == "prices.publish")
        order = [published[at] for at in session.scalars(told.order_by(AuditEntry.id))]
    assert order == sorted(filter(None, order)), "each follows all that were published before it"
    assert len(set(order)) == len(order) == done.count(True) > 0


def test_merchants_see_what_is_agreed_with_them_only(world: World) -> None:
    public_id = _draft(world)
    with db.reading(world.owner()) as session, pytest.raises(NotFoundError):
        prices.get(session, public_id)
    _publish(world, public_id)
    with db.reading(world.stranger()) as session, pytest.raises(NotFoundError):
        prices.get(session, public_id)
    with db.reading(world.owner()) as session:
        assert prices.get(session, public_id).public_id == public_id
        found = rows.page(session, rows.ListFilter(now=clock.now()), Window())
    assert {row.merchant_id for row in found.rows} == {world.acme}


def test_a_list_of_another_merchant_or_currency_is_in_nobodys_way(world: World) -> None:
    later = clock.now() + DAY
    _publish(world, _draft(world, replace(LIST, effective_from=later)))
    with db.unit_of_work(world.staff()) as session:
        prices.agree(session, clock.now(), world.globex, replace(LIST, effective_from=later))
        usd = replace(LIST, currency="USD", rules=(replace(CARD, currency="USD"),))
        prices.agree(session, clock.now(), world.acme, usd)
        price_lists.add(session, world.acme, replace(CARD, currency="GBP"), livemode=False)
        assert rows.in_force(session, world.acme, "GBP", clock.now()) is not None
