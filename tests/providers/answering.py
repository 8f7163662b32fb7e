"""A provider that answers what a test tells it to, on the loopback."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self

from tests.infra.ports import free_port

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping


@dataclass(frozen=True)
class Asked:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Answering:
    """The next answers; `cut` closes without one, `drip_seconds` waits before every byte."""

    status: int = 200
    body: bytes | dict[str, Any] = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0
    drip_seconds: float = 0
    cut: bool = False
    tls: ssl.SSLContext | None = None
    asked: list[Asked] = field(default_factory=list)

    def raw(self) -> bytes:
        body = self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()
        headers = {"Content-Length": str(len(body)), "Connection": "close", **self.headers}
        lines = [f"HTTP/1.1 {self.status} Told", *(f"{k}: {v}" for k, v in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode() + body

    def __enter__(self) -> Self:
        told = self
        self.asked.clear()
        self.port = free_port()
        self.url = f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                _answer(self, told)

            def do_PUT(self) -> None:
                _answer(self, told)

            def do_GET(self) -> None:
                _answer(self, told)

            def log_message(self, *_words: object) -> None:
                """Write nothing."""

        self._server = _Quiet(("127.0.0.1", self.port), Handler)
        if self.tls:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Quiet(ThreadingHTTPServer):
    """Says nothing of connections that a test breaks on purpose."""

    def handle_error(self, *_request: object) -> None:
        """Write nothing."""


def _answer(handler: BaseHTTPRequestHandler, told: Answering) -> None:
    length = int(handler.headers.get("Content-Length", 0))
    body = handler.rfile.read(length)
    asked = Asked(handler.command, handler.path, dict(handler.headers), body)
    told.asked.append(asked)
    handler.close_connection = True
    if told.cut:
        return
    time.sleep(told.delay_seconds)
    if not told.drip_seconds:
        handler.wfile.write(told.raw())
        return
    for byte in told.raw():
        time.sleep(told.drip_seconds)
        handler.wfile.write(bytes([byte]))
