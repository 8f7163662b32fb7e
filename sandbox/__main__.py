"""`python -m sandbox --port 8082 --store var/sandbox.sqlite3`: the provider as a process."""

from __future__ import annotations

import argparse
import signal
import sqlite3
import sys
from pathlib import Path

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.bank import Bank
from sandbox.control import Controls
from sandbox.delivery import Courier
from sandbox.fields import is_web_address
from sandbox.server import create_app
from sandbox.store import Store


class QuietHandler(WSGIRequestHandler):
    """Writes no line per request: the store is the log."""

    timeout = 60

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Write nothing."""


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8082, help="port to listen on")
    parser.add_argument("--store", type=Path, required=True, help="file of the append-only store")
    parser.add_argument("--public-url", help="address under which browsers reach the sandbox")
    return parser.parse_args(words)


def serve(options: argparse.Namespace) -> BaseWSGIServer:
    public_url = options.public_url
    if public_url is not None and not is_web_address(public_url):
        sys.exit(f"--public-url: {public_url} is no absolute http or https address.")
    try:
        store = Store(options.store)
    except (OSError, sqlite3.Error) as error:
        sys.exit(f"--store: {options.store} cannot be used: {error}. Name a writable file.")
    controls = Controls()
    bank = Bank(store, controls)
    app = create_app(bank, controls, public_url.rstrip("/") if public_url else None)
    server = make_server(
        options.host, options.port, app, threaded=True, request_handler=QuietHandler
    )
    Courier(bank, controls).start()
    return server


def main(words: list[str]) -> None:
    options = arguments(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server = serve(options)
    print(f"sandbox provider on http://{options.host}:{server.port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
