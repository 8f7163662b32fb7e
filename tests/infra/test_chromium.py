from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.infra.chromium import browser, visit
from tests.infra.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = b"""<title>Till</title><link rel="icon" href="data:,"><p id="p"></p><img src="/x.png">
<script>document.getElementById("p").textContent = "10.50"; fetch("http://127.0.0.2:9/")
.catch(() => 0); throw new Error("planted");</script>"""


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Security-Policy", "img-src 'none'")
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_arguments: object) -> None:
        """Stay quiet."""


@pytest.fixture
def origin() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", free_port()), _Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_page_runs_its_script_and_its_faults_are_kept(origin: str) -> None:
    with browser() as running, visit(running, origin) as seen:
        seen.page.goto("/")
        assert seen.page.inner_text("#p") == "10.50"
        seen.page.wait_for_timeout(200)
        assert seen.foreign == ["http://127.0.0.2:9/"]
        assert any("planted" in complaint for complaint in seen.complaints)
        refused = f"img-src refused {origin}/x.png"
        assert any(violation.startswith(refused) for violation in seen.violations)
