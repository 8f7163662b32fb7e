from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.architecture import tidy
from tests.architecture.tree import REPOSITORY, Tree, plant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Rule = Callable[[Tree], list[str]]

# Written in two parts, so that these lines are no exceptions themselves.
IGNORE = "# type: " + "ignore[misc]"
NOQA = "# no" + "qa: S101"

PLANTED: dict[Rule, str] = {
    tidy.long_files: "x = 1\n" * 401,
    tidy.long_functions: "def f() -> None:\n" + "    x = 1\n" * 60,
    tidy.without_return_type: "def f():\n    return 1\n",
    tidy.complex_functions: "def f(x: int) -> int:\n"
    + "    x = x if x else 1\n" * 10
    + "    return x\n",
    tidy.exceptions_without_reason: f"x = 1  {IGNORE}\n",
    tidy.too_many_exceptions: f"x = 1  {NOQA}  # why\ny = 1  {IGNORE}  # why\n",
}
CLEAN = f"def f(x: int) -> int:\n    return x + 1  {NOQA}  # the sum is checked above\n"


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_the_repository_keeps_the_budget(rule: Rule) -> None:
    assert rule(REPOSITORY) == []


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_a_planted_violation_is_found(rule: Rule, tmp_path: Path) -> None:
    assert len(rule(plant(tmp_path, app__domain__bad=PLANTED[rule]))) == 1


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.__name__)
def test_clean_code_is_left_alone(rule: Rule, tmp_path: Path) -> None:
    assert rule(plant(tmp_path, app__domain__good=CLEAN)) == []


def test_the_figures_are_reported(capsys: pytest.CaptureFixture[str]) -> None:
    found = tidy.figures(REPOSITORY)
    with capsys.disabled():
        print("\n" + "\n".join(f"  {name}: {value}" for name, value in found.items()))
    assert found["files"] > 0
