from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest
from redis.exceptions import ConnectionError as NotConnectedError

from app.adapters import queue
from app.cli import launcher
from app.errors import ConfigurationError
from app.jobs.drain import drain

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from flask import Flask

    from tests.infra.redis import RedisServer


@pytest.fixture
def own_signals() -> Iterator[None]:
    """Put back the handlers that a program sets for itself."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    before = {number: signal.getsignal(number) for number in numbers}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.usefixtures("own_signals")
def test_the_scheduler_runs_in_the_application_until_it_is_told_to_stop(context: Flask) -> None:
    seen: list[float] = []

    def loop(seconds: float, stop: threading.Event) -> None:
        seen.append(seconds)
        os.kill(os.getpid(), signal.SIGTERM)
        assert stop.wait(5)

    launcher.schedule(context, loop)
    assert seen == [5]


@pytest.mark.usefixtures("own_signals")
def test_a_worker_that_loses_redis_begins_again(
    context: Flask, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert redis_server.answers()
    lives: list[list[str]] = []

    def work(self: launcher.QueueWorker, **_names: object) -> bool:
        lives.append(self.queue_names())
        if len(lives) == 1:
            raise NotConnectedError
        self.handle_warm_shutdown_request()
        return False

    monkeypatch.setattr(launcher.QueueWorker, "work", work)
    monkeypatch.setattr(launcher, "RETRY_SECONDS", 0.01)
    redis_server.flush()
    launcher.work(context, ["money", "default"], drain)
    assert lives == [["money", "default"]] * 2
    assert queue.queue("money").count == 2


def test_a_worker_waits_until_redis_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([False, False, True])
    monkeypatch.setattr(queue, "ping", lambda: next(answers))
    monkeypatch.setattr(launcher, "RETRY_SECONDS", 0.001)
    launcher._wait_for_queue()
    assert list(answers) == []


def test_a_job_that_wake_ups_do_not_name_is_refused(context: Flask) -> None:
    with pytest.raises(ConfigurationError, match="wake-ups name app.jobs.drain.drain"):
        launcher.work(context, ["money"], lambda _queue: 0)
