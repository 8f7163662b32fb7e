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
    asserts = "".join(f"    assert sign({n})\n" for n in tested)
    test = f"from app.domain.sign import sign\n\ndef test_sign():\n{asserts}"
    (tmp_path / "test_sign.py").write_text(test)
    command = [sys.executable, "-m", "pytest", "-p", "tests.infra.coverage_gate", "--cov=app"]
    command += ["--cov-branch", "--cov-report=", "--domain-coverage=100", "-p", "no:randomly"]
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{ROOT}"}
    environment.pop("PYTEST_XDIST_WORKER", None)
    ran = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert ran.returncode == code, ran.stdout
    assert ("Coverage failure: app/domain" in ran.stdout) is bool(code)
