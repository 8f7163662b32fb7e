"""A private Redis: in memory only, as the queue may be emptied at any time."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Self

from redis import Redis
from redis.exceptions import ConnectionError as NotConnectedError

from tests.infra.ports import free_port
from tests.infra.processes import Server


class RedisServer:
    """`redis-server` on its own port and folder."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="payagency-redis-"))
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._server = Server(self._command(), self.folder / "redis.log", ready=self.answers)

    def _command(self) -> list[str]:
        options = {
            "bind": "127.0.0.1",
            "port": str(self.port),
            "dir": str(self.folder),
            "save": "",
            "appendonly": "no",
            "daemonize": "no",
        }
        return ["redis-server", *(part for k, v in options.items() for part in (f"--{k}", v))]

    @property
    def pid(self) -> int:
        return self._server.pid

    def start(self) -> Self:
        self._server.start()
        return self

    def answers(self) -> bool:
        try:
            with Redis.from_url(self.url, socket_timeout=2) as client:
                return bool(client.ping())
        except NotConnectedError:
            return False

    def flush(self) -> None:
        """Forget everything, as a restart without persistence does."""
        with Redis.from_url(self.url) as client:
            client.flushall()

    def stop(self) -> None:
        self._server.stop()

    def kill(self) -> None:
        self._server.kill()

    def close(self) -> None:
        """Stop and remove all of it."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_error: object) -> None:
        self.close()
