from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain import policies
from app.errors import IllegalStateError
from app.services.approvals import decisions
from app.services.approvals.commands import COMMANDS
from tests.services.approvals import people
from tests.services.approvals.test_requests import ask

if TYPE_CHECKING:
    from tests.fixtures.application import World


def test_each_command_of_the_policy_can_be_carried_out() -> None:
    assert COMMANDS.keys() == policies.POLICIES.keys()


def test_what_nothing_can_carry_out_is_not_approved(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = ask(people.OPERATIONS, world.acme)
    monkeypatch.setattr(decisions, "COMMANDS", {})
    with pytest.raises(IllegalStateError, match="Nothing here can carry this out"):
        people.approve(people.FINANCE, request)
    with db.unit_of_work(people.FINANCE) as session:
        assert decisions.reject(session, clock.now(), request, "no").state == "rejected"
