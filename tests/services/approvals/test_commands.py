from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import app
from app.adapters import clock, db
from app.domain import policies
from app.errors import IllegalStateError
from app.services.approvals import decisions
from app.services.approvals.commands import COMMANDS
from tests.services.approvals import people
from tests.services.approvals.test_requests import ask

if TYPE_CHECKING:
    from tests.fixtures.application import World

ASKED = re.compile(r"command=policies\.([A-Z_]+)")


def test_each_command_that_is_asked_for_can_be_carried_out() -> None:
    files = Path(app.__file__).parent.rglob("*.py")
    names = {name for file in files for name in ASKED.findall(file.read_text())}
    asked = {str(getattr(policies, name)) for name in names}
    assert {policies.REFUND, policies.LIMIT} <= asked == COMMANDS.keys() <= policies.POLICIES.keys()


def test_what_nothing_can_carry_out_is_not_approved(world: World) -> None:
    request = ask(people.OPERATIONS, world.acme)
    with pytest.raises(IllegalStateError, match="Nothing here can carry this out"):
        people.approve(people.FINANCE, request)
    with db.unit_of_work(people.FINANCE) as session:
        assert decisions.reject(session, clock.now(), request, "no").state == "rejected"
