from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

import pytest

from app.cli import children
from app.cli.children import Child, StartFailedError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Make = Callable[..., Child]

FOREVER = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {FOREVER}"


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Return a function that makes a child out of Python text; none outlives the test."""
    made: list[Child] = []

    def child(program: str, grace_seconds: float = 10) -> Child:
        command = [sys.executable, "-c", program]
        log = tmp_path / "logs" / "child.log"
        made.append(Child("child", command, os.environ, log, grace_seconds))
        return made[-1]

    yield child
    for each in made:
        each.stop(is_patient=lambda: False)


def says(child: Child, word: str) -> bool:
    return word in child.log.read_text()


def test_a_child_is_started_in_a_group_of_its_own_and_stopped(make: Make) -> None:
    child = make(FOREVER)
    child.start()
    child.wait_until(lambda: says(child, "up"), 10)
    assert child.process is not None
    assert os.getpgid(child.process.pid) == child.process.pid
    child.stop(is_patient=lambda: True)
    assert not child.is_running


def test_a_child_that_ends_at_once_is_told_with_its_log(make: Make) -> None:
    child = make("raise SystemExit('no such thing')")
    child.start()
    with pytest.raises(StartFailedError) as caught:
        child.wait_until(lambda: False, 10)
    assert "child ended at once" in caught.value.detail
    assert f"The end of {child.log}:\n  no such thing" in caught.value.detail


def test_a_child_that_never_answers_is_told(make: Make) -> None:
    child = make(FOREVER)
    child.start()
    with pytest.raises(StartFailedError, match="did not answer within 0 s"):
        child.wait_until(lambda: False, 0.2)


def test_a_stubborn_child_is_killed_after_its_time(make: Make) -> None:
    child = make(STUBBORN, grace_seconds=0.3)
    child.start()
    child.wait_until(lambda: says(child, "up"), 10)
    child.stop(is_patient=lambda: True)
    assert not child.is_running


def test_a_child_that_died_is_started_again(make: Make) -> None:
    child = make(FOREVER)
    child.start()
    child.wait_until(lambda: says(child, "up"), 10)
    assert child.look_after() is None
    assert child.process is not None
    first = child.process.pid
    os.kill(first, signal.SIGKILL)
    child.process.wait()
    assert child.look_after() == "child ended (SIGKILL); starting it again in 1 s"
    child._not_before = time.monotonic()
    child.look_after()
    assert child.is_running
    assert child.process.pid != first


def test_a_child_that_keeps_dying_is_given_up_with_its_log(make: Make) -> None:
    child = make("raise SystemExit('broken')")
    told = []
    with pytest.raises(StartFailedError) as caught:
        for _ in range(1000):
            told.append(child.look_after())
            child._not_before = time.monotonic()
            time.sleep(0.01)
    lives = [line for line in told if line]
    assert len(lives) == children.MOST_QUICK_DEATHS - 1
    assert [line.rpartition("in ")[2] for line in lives] == ["1 s", "2 s", "4 s", "8 s"]
    assert "child died 5 times in a row" in caught.value.detail
    assert "broken" in caught.value.detail


def test_a_log_that_grew_large_is_put_aside(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    child = make(FOREVER)
    child.log.parent.mkdir()
    child.log.write_text("old\n" * 10)
    monkeypatch.setattr(children, "LARGEST_LOG_BYTES", 8)
    child.start()
    assert child.log.with_suffix(".log.1").read_text() == "old\n" * 10


def test_an_end_is_named_by_its_signal_or_code() -> None:
    assert children._words(3) == "exit code 3"
    assert children._words(-9) == "SIGKILL"
    assert children._words(-99) == "signal 99"
