"""Requests are counted in Redis, each caller's apart; without it nobody is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

import config
from app.adapters import rates
from tests.infra.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.infra.redis import RedisServer


@pytest.fixture
def counted(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("REDIS_URL", redis_server.url)
    config.get.cache_clear()
    yield
    monkeypatch.undo()
    config.get.cache_clear()


@pytest.mark.usefixtures("counted")
def test_so_many_are_let_in_however_many_ask_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: rates.hit("test", "one", 20), range(60)))
    assert sum(rate is not None and rate.allowed for rate in found) == 20
    last = rates.hit("test", "one", 20)
    assert last is not None
    assert (last.allowed, last.remaining) == (False, 0)
    assert 1 <= last.reset_seconds <= 2 * rates.WINDOW_SECONDS
    other = rates.hit("test", "other", 20)
    assert other is not None
    assert (other.allowed, other.remaining) == (True, 19)


@pytest.mark.usefixtures("counted")
def test_without_the_server_nobody_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    config.get.cache_clear()
    assert rates.hit("test", "one", 1) is None
    assert rates.hit("test", "one", 1) is None
