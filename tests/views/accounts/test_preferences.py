"""Everybody chooses for themselves, through the guard, on MariaDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete, select, update

from app.adapters import clock, db
from app.domain.actors import Actor
from app.errors import BadInputError, ForbiddenError, TenancyError
from app.models import Preference
from app.queries import preferences as chosen
from app.services import preferences

if TYPE_CHECKING:
    from tests.views.people import People


def _me(people: People, name: str = "acme-owner") -> Actor:
    world, user_id = people.world, people.ids[name]
    if name == "acme-owner":
        return Actor.merchant(world.acme, False, user_id, name, frozenset())
    return Actor.staff(user_id, False, name, frozenset())


def _keep(actor: Actor, name: str, value: str, user_id: int | None = None) -> None:
    with db.unit_of_work(actor) as session:
        preferences.keep(session, clock.now(), user_id or actor.user_id or 0, name, value)


def _of(actor: Actor, user_id: int | None = None) -> dict[str, str]:
    with db.reading(actor) as session:
        return chosen.of(session, user_id or actor.user_id or 0)


GOOD = [
    ("locale", "hi"),
    ("theme", "dark"),
    ("timezone", "Europe/Berlin"),
    ("timezone", "UTC"),
    ("columns.payments", "amount,customer_email"),
    ("columns.bulk_rows", "amount2"),
]


@pytest.mark.parametrize("name,value", GOOD)
def test_a_choice_is_kept_changed_and_taken_back(people: People, name: str, value: str) -> None:
    me = _me(people)
    _keep(me, name, value)
    _keep(me, name, value)
    assert _of(me) == {name: value}
    _keep(me, name, "")
    _keep(me, name, "")
    assert _of(me) == {}


def test_a_choice_can_be_changed(people: People) -> None:
    me = _me(people)
    _keep(me, "theme", "dark")
    _keep(me, "theme", "light")
    assert _of(me) == {"theme": "light"}


BAD = [
    ("locale", "fr"),
    ("locale", "de "),
    ("theme", "pink"),
    ("timezone", "Mars/Olympus"),
    ("timezone", "../../etc/passwd"),
    ("timezone", "posixrules"),
    ("columns.payments", "amount;drop"),
    ("columns.payments", "amount,"),
    ("columns.payments", ",".join(["amount"] * 40)),
    ("columns.", "amount"),
    ("columns.Payments", "amount"),
    (f"columns.{'a' * 33}", "amount"),
    ("colour", "red"),
    ("", "red"),
]


@pytest.mark.parametrize("name,value", BAD)
def test_what_is_not_offered_is_refused(people: People, name: str, value: str) -> None:
    me = _me(people)
    with pytest.raises(BadInputError):
        _keep(me, name, value)
    assert _of(me) == {}


def test_nobody_chooses_for_somebody_else(people: People) -> None:
    me, you = _me(people), _me(people, "admin")
    for actor, other in ((me, you), (you, me), (Actor.none(), me)):
        with pytest.raises(ForbiddenError):
            _keep(actor, "theme", "dark", other.user_id)
    assert people.count(Preference) == 0


def test_the_later_of_two_windows_counts(people: People) -> None:
    me = _me(people)
    with db.unit_of_work(me) as slow:
        assert chosen.of(slow, me.user_id or 0) == {}
        _keep(me, "theme", "dark")
        preferences.keep(slow, clock.now(), me.user_id or 0, "theme", "light")
    assert _of(me) == {"theme": "light"}


@pytest.fixture
def planted(people: People) -> People:
    """Let the admin and acme-owner have chosen something."""
    _keep(_me(people), "theme", "dark")
    _keep(_me(people, "admin"), "theme", "dark")
    return people


def test_only_one_s_own_rows_are_seen(planted: People) -> None:
    me, you = _me(planted), _me(planted, "admin")
    with db.reading(me) as session:
        assert [row.user_id for row in session.scalars(select(Preference))] == [me.user_id]
    assert _of(me, you.user_id) == {}
    assert _of(you, me.user_id) == {}
    for actor in (Actor.none(), Actor.house(None, "seed"), Actor.system(1, False, "job")):
        with db.reading(actor) as session:
            assert session.scalars(select(Preference)).all() == []


def test_update_and_delete_by_criteria_touch_one_s_own_rows_only(planted: People) -> None:
    me, you = _me(planted), _me(planted, "admin")
    with db.unit_of_work(you) as session:
        session.execute(update(Preference).values(value="light"))
    assert (_of(me), _of(you)) == ({"theme": "dark"}, {"theme": "light"})
    with db.unit_of_work(you) as session:
        session.execute(delete(Preference))
    assert (_of(me), _of(you)) == ({"theme": "dark"}, {})


def test_a_row_of_somebody_else_cannot_be_written_or_handed_over(planted: People) -> None:
    me, you = _me(planted), _me(planted, "admin")
    foreign = Preference(user_id=me.user_id or 0, name="locale", value="de", changed_at=clock.now())
    with pytest.raises(TenancyError), db.unit_of_work(you) as session:
        session.add(foreign)
    with pytest.raises(TenancyError), db.unit_of_work(you) as session:
        row = chosen.row(session, you.user_id or 0, "theme")
        assert row is not None
        row.name, row.user_id = "locale", me.user_id or 0
    with pytest.raises(TenancyError), db.unit_of_work(Actor.house(None, "seed")) as session:
        session.add(Preference(user_id=1, name="locale", value="de", changed_at=clock.now()))


def test_choices_go_with_the_user(planted: People) -> None:
    planted.browser("admin").post(f"/users/delete/{planted.ids['acme-owner']}")
    assert planted.count(Preference) == 1


def test_no_trace_is_left_of_how_something_looks(people: People) -> None:
    before = people.audit()
    _keep(_me(people), "theme", "dark")
    assert people.audit() == before
