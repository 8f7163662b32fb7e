from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CODE = "def sign(n: int) -> str:\n    if n < 0:\n        return '-'\n    return '+'\n"


@pytest.mark.parametrize("tested,code", [((1,), 1), ((1, -1), 0)], ids=["half", "all"])
def test_the_run_fails_when_a_branch_of_the_domain_is_not_covered(
    tested: tuple[int, ...], code: int, tmp_path: Path
) -> None:
    (tmp_path / "app" / "domain").mkdir(parents=True)
    (tmp_path / "app" / "__init__.py").touch()
    (tmp_path / "app" / "domain" / "sign.py").write_text(CODE)
    (tmp_path / "pyproject.toml").touch()
    asserts = "".join(f"    assert sign({n})\n" for n in tested)
    test = f"from app.domain.sign import sign\n\ndef test_sign():\n{asserts}"
    (tmp_path / "test_sign.py").write_text(test)
    measured = _run(
        tmp_path, "slipcover", "--branch", "--source=app", "--json", "--out=covered.json",
        "-m", "pytest", "-n", "2", "-p", "no:randomly",
    )  # fmt: skip
    assert measured.returncode == 0, measured.stdout
    judged = _run(tmp_path, "tests.infra.coverage_gate", "covered.json")
    assert judged.returncode == code, judged.stdout
    assert ("app/domain/sign.py: 3, 2->3" in judged.stdout) is bool(code)


def _run(folder: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    outer = ("PYTEST_", "SLIPCOVER_")
    environment = {name: each for name, each in os.environ.items() if not name.startswith(outer)}
    environment["PYTHONPATH"] = f"{folder}:{ROOT}:{os.environ.get('PYTHONPATH', '')}"
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
