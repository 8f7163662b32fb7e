"""A WSGI application on a port of its own, in a thread, for tests in a browser."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.infra.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask


class _Quiet(WSGIRequestHandler):
    def log_request(self, *_arguments: object) -> None:
        """Say nothing."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Yield the origin under which the application answers."""
    server = make_server("127.0.0.1", free_port(), app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
