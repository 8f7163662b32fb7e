"""The quick start as it stands: each of its blocks is run against a running server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from app.jobs.handlers import HANDLERS
from app.services import leases
from tests.infra.ports import free_port
from tests.providers.answering import Answering

if TYPE_CHECKING:
    from tests.faults.processes import Web

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(300)]

ROOT: Final = Path(__file__).resolve().parents[2]
TEXT: Final = (ROOT / "docs" / "quick-start.md").read_text()
PATIENCE_SECONDS: Final = 150
PROGRAMS: Final = {"Python": (sys.executable, "-c"), "Node": ("node", "-e")}


def _blocks(title: str) -> list[str]:
    """Return the code under a heading, block by block."""
    section = TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]
    return re.findall(r"```\w+\n(.*?)```", section, re.DOTALL)


def _shell(script: str, folder: Path, **variables: str) -> str:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture
def variables(web: Web, secret: str) -> dict[str, str]:
    """Return what the blocks read from the environment."""
    return {"KEY": secret, "PAYAGENCY": web.origin, "PORT": str(free_port())}


def _deliver() -> None:
    """Send what is due, as workers do."""
    while leases.drain("webhooks", HANDLERS):
        pass


def test_the_blocks_for_curl_make_a_payment_whose_message_is_genuine(
    variables: dict[str, str], tmp_path: Path
) -> None:
    (key,), (endpoint, payment, check) = _blocks("A key"), _blocks("curl")
    made_key = re.search(r"sk_test_\w+", _shell(key, ROOT))
    assert made_key
    variables["KEY"] = made_key[0]
    with Answering() as sink:
        made = _shell(endpoint, tmp_path, RECEIVER=sink.url, **variables)
        for _ in range(2):
            assert '"status":"succeeded"' in _shell(payment, tmp_path, **variables)
        _deliver()
    (message,) = sink.asked
    found = re.search(r"whsec_[\w+/=]+", made)
    assert found
    (tmp_path / "body.json").write_bytes(message.body)
    headers = {name.lower(): value for name, value in message.headers.items()}
    named = {"ID": headers["webhook-id"], "TIMESTAMP": headers["webhook-timestamp"]}
    signature = _shell(check, tmp_path, SECRET=found[0], **named)
    assert headers["webhook-signature"] == f"v1,{signature.strip()}"


@pytest.mark.parametrize("language", PROGRAMS)
def test_the_program_makes_a_payment_and_is_told_of_it(
    language: str, variables: dict[str, str]
) -> None:
    (program,) = _blocks(language)
    running = subprocess.Popen(
        [*PROGRAMS[language], program],
        env={**os.environ, "PYTHONUNBUFFERED": "1", **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        end = time.monotonic() + PATIENCE_SECONDS
        while running.poll() is None and time.monotonic() < end:
            _deliver()
            time.sleep(0.1)
    finally:
        running.kill()
    told, log = running.communicate()
    lines = [line.split() for line in told.splitlines()]
    assert [line[::2] for line in lines] == [
        ["made", "succeeded"],
        ["told", "payment.succeeded"],
    ], told + log
    assert (lines[0][1], running.returncode) == (lines[1][1], 0)
