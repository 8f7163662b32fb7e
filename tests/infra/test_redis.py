from __future__ import annotations

from typing import TYPE_CHECKING

from redis import Redis

if TYPE_CHECKING:
    from tests.infra.redis import RedisServer


def test_a_flush_forgets_everything(redis_server: RedisServer) -> None:
    with Redis.from_url(redis_server.url) as client:
        client.set("wake-up", "1")
        redis_server.flush()
        assert client.get("wake-up") is None


def test_a_killed_server_is_gone_and_comes_back_empty(redis_server: RedisServer) -> None:
    with Redis.from_url(redis_server.url) as client:
        client.set("wake-up", "1")
    redis_server.kill()
    assert not redis_server.answers()

    redis_server.start()
    with Redis.from_url(redis_server.url) as client:
        assert client.dbsize() == 0
