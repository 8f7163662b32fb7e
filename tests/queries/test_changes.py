"""Reading a row once in a unit of work, and what makes it be read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import NoResultFound

from app.adapters import db
from app.queries import operations

if TYPE_CHECKING:
    from tests.fixtures.application import World


def test_a_row_is_read_once_and_anew_after_a_roll_back(world: World) -> None:
    with db.reading(world.owner()) as session:
        first = operations.merchant_of(session, world.acme)
        assert operations.merchant_of(session, world.acme) is first
        session.expunge(first)
        again = operations.merchant_of(session, world.acme)
        assert again is not first
        session.rollback()
        assert operations.merchant_of(session, world.acme).key == "acme"


def test_another_actor_of_the_same_session_is_judged_anew(world: World) -> None:
    with db.reading(world.staff()) as session:
        assert operations.merchant_of(session, world.acme).key == "acme"
        session.info["actor"] = world.stranger()
        with pytest.raises(NoResultFound):
            operations.merchant_of(session, world.acme)
