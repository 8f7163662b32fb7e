"""Programs of merchants: they ask a web server for payments, with a connection a thread."""

from __future__ import annotations

import json
import threading
import uuid
from http.client import HTTPConnection
from typing import Any

from benchmarks.peers import crew

PATH = "/v1/payments"


class Programs:
    """Knows the keys of the merchants, and the body of a request."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._secrets: list[str] = []
        self._body: dict[str, Any] = {}

    def know(self, secrets: list[str], body: dict[str, Any]) -> bool:
        """Be told the keys and the body."""
        self._secrets, self._body = secrets, body
        return True

    def run(self, port: int, number: int, threads: int, first: int = 0) -> dict[str, float]:
        """Ask so many times; `first` tells the processes' merchants apart.

        Servers close a connection that nobody uses for a while: each run opens its own.
        """
        threads_of_this_run = threading.local()

        def once(thread: int, index: int) -> None:
            secret = self._secrets[(first + thread + index) % len(self._secrets)]
            if not hasattr(threads_of_this_run, "connection"):
                threads_of_this_run.connection = HTTPConnection("127.0.0.1", port, timeout=60)
            self._ask(threads_of_this_run.connection, secret)

        return crew.side_by_side(once, number, threads)

    def _ask(self, connection: HTTPConnection, secret: str) -> None:
        headers = {
            "Authorization": f"Bearer {secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": uuid.uuid4().hex[:26],
        }
        body = json.dumps({**self._body, "reference": uuid.uuid4().hex[:26]})
        connection.request("POST", PATH, body, headers)
        answer = connection.getresponse()
        told = answer.read()
        assert answer.status == 201, told
        assert json.loads(told)["status"] == "succeeded", told


def main() -> None:
    """Serve."""
    programs = Programs()
    crew.serve({"know": programs.know, "run": programs.run})


if __name__ == "__main__":
    main()
