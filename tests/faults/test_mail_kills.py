"""A worker is killed around the sending of a mail: it arrives, and a repeat can be recognised."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.processes import Process, eventually
from tests.services.notify import mailing

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fixtures.application import World
    from tests.infra.mailbox import Mailbox
    from tests.infra.redis import RedisServer


@pytest.mark.parametrize(
    "failpoint, mails", [("notification.rendered", 1), ("notification.sent", 2)]
)
def test_a_mail_survives_the_death_of_its_worker(
    failpoint: str,
    mails: int,
    world: World,
    mailbox: Mailbox,
    redis_server: RedisServer,
    tmp_path: Path,
) -> None:
    assert redis_server.answers()
    log = tmp_path / "log"
    public_id = mailing.asked(mailing.receipt(world.acme))
    with Process(log, "worker", failpoint=failpoint) as doomed:
        eventually(doomed.died, f"the worker dies at {failpoint}", log)
    assert mailing.row(public_id).state == "waiting"
    with Process(log, "worker"), Process(log, "scheduler"):
        eventually(lambda: mailing.row(public_id).state == "sent", "the mail is sent", log)
    assert len(mailbox.received) == mails
    assert {each.mail["Message-ID"] for each in mailbox.received} == {f"<{public_id}.0@localhost>"}
