"""The command that sends webhooks again, in process, on MariaDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.providers.answering import Answering
from tests.services import flows
from tests.services.webhooks_out import sending

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result
    from flask import Flask

    from tests.fixtures.application import World

    Run = Callable[..., Result]

SPAN = ("--from", "2026-01-01", "--to", "2099-01-01T00:00:00Z")
NOWHERE = "http://127.0.0.1:9999/hook"


@pytest.fixture
def run(web_app: Flask, world: World) -> Run:
    """Return a function that has acme's webhooks sent again."""
    assert world

    def invoke(*words: str) -> Result:
        runner = web_app.test_cli_runner()
        return runner.invoke(args=["payagency", "webhooks", "resend", "--merchant", "acme", *words])

    return invoke


def test_a_span_is_sent_again_to_one_endpoint_or_to_all(run: Run, world: World) -> None:
    owner = world.owner()
    with Answering() as sink:
        one, _ = sending.listen(owner, f"{sink.url}/one")
        two, _ = sending.listen(owner, f"{sink.url}/two")
        flows.pay(owner, world.acme, run=False)
        while sending.drain():
            pass
        assert run(*SPAN, "--endpoint", one, "--all").output.startswith(
            f"Asked to send again to {one}"
        )
        assert len(run(*SPAN).output.splitlines()) == 2
        while sending.drain():
            pass
    paths = [each.path for each in sink.asked]
    assert (paths.count("/one"), paths.count("/two")) == (2, 1)
    assert two in run(*SPAN).output


@pytest.mark.parametrize(
    "words, told",
    [
        (("--from", "yesterday", "--to", "2027-01-01"), "is no moment"),
        (("--from", "2027-01-01", "--to", "2026-01-01"), "not after the beginning"),
        ((*SPAN, "--endpoint", "we_0"), "There is no webhook endpoint"),
        ((*SPAN, "--live"), "no enabled endpoint"),
    ],
)
def test_what_cannot_be_sent_again_is_one_clear_line(
    run: Run, world: World, words: tuple[str, ...], told: str
) -> None:
    sending.listen(world.owner(), NOWHERE)
    answer = run(*words)
    assert (answer.exit_code, told in answer.stderr) == (1, True)
