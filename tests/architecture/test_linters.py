"""The rules that the tools keep are planted and found as well, with the settings of this house."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from tests.architecture import connectors
from tests.architecture.tree import REPOSITORY, ROOT, plant

LAYERS: Final = "Layers: imports point down, siblings do not know each other"
# Contract, file, the import that breaks it.
BROKEN: Final = {
    LAYERS: ("app__queries__planted", "import app.services"),
    "Services never see Flask": ("app__services__planted", "import flask"),
    "Domain is pure": ("app__domain__planted", "import sqlalchemy"),
    "Engines see plain data, never a session": ("app__reports__planted", "import sqlalchemy"),
    "Only jobs, the launcher and the queue adapter know RQ": (
        "app__services__planted",
        "import rq",
    ),
    "Only run.py imports the factory": ("app__cli__planted", "import app.factory"),
    "The sandbox provider is a stranger": ("sandbox__planted", "import app.errors"),
    "Connectors do not know each other, only the registry knows them": (
        "app__providers__sandbox__planted",
        "import app.providers.second",
    ),
    "No cycles": ("app__domain__planted", "import app.domain.second"),
}
LINTED: Final = {
    "TID251": "from datetime import UTC, datetime\n\nNOW = datetime.now(UTC)\n",
    "ANN201": "def f():\n    return 1\n",
    "C901": "def f(x: int) -> int:\n" + "    if x:\n        x -= 1\n" * 10 + "    return x\n",
    "D103": "def fee(x: int) -> int:\n    return x\n",
    "E501": f"X = '{'x' * 100}'\n",
}


def skeleton(root: Path) -> None:
    """Make the folders of the house, empty, and our contracts over them."""
    packages = [path.parent.relative_to(ROOT) for path in (ROOT / "app").glob("*/__init__.py")]
    known = [Path("app/providers") / name for name in connectors.folders(REPOSITORY)]
    for folder in (Path("app"), Path("sandbox"), *known, *packages):
        (root / folder).mkdir(parents=True, exist_ok=True)
        (root / folder / "__init__.py").touch()
    plant(root, app__errors="", app__factory="", app__extensions="", app__providers__second="")
    plant(root, app__domain__second="import app.domain.planted\n")
    shutil.copy(ROOT / "pyproject.toml", root)
    settings = root / "pyproject.toml"
    first, both = '["app.providers.sandbox"', '["app.providers.second", "app.providers.sandbox"'
    settings.write_text(settings.read_text().replace(f"modules = {first}", f"modules = {both}"))


def lint_imports(root: Path) -> str:
    """Run import-linter over the planted tree; its words, whatever it found."""
    program = Path(sys.executable).with_name("lint-imports")
    command = [str(program), "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False).stdout


def test_every_contract_has_a_planted_violation() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = {c["name"] for c in settings["tool"]["importlinter"]["contracts"]}
    assert contracts == set(BROKEN)


def test_every_contract_catches_its_violation(tmp_path: Path) -> None:
    skeleton(tmp_path)
    assert lint_imports(tmp_path).count(" KEPT") == len(BROKEN)

    for name, _ in BROKEN.values():
        lines = [line for file, line in BROKEN.values() if file == name]
        plant(tmp_path, **{name: "\n".join(lines) + "\n"})
    said = lint_imports(tmp_path)
    assert [name for name in BROKEN if f"{name} BROKEN" not in said] == []


def test_a_folder_without_a_place_is_refused(tmp_path: Path) -> None:
    skeleton(tmp_path)
    (tmp_path / "app" / "helpers").mkdir()
    (tmp_path / "app" / "helpers" / "__init__.py").touch()
    assert f"{LAYERS} BROKEN" in lint_imports(tmp_path)


@pytest.mark.parametrize("code", LINTED)
def test_ruff_catches_its_violation(code: str) -> None:
    ruff = Path(sys.executable).with_name("ruff")
    command = [str(ruff), "check", "--no-cache", "--output-format=concise"]
    command += ["--stdin-filename", "app/domain/planted.py", "-"]
    text = "from __future__ import annotations\n\n" + LINTED[code]
    found = subprocess.run(
        command, cwd=ROOT, input=text, capture_output=True, text=True, check=False
    )
    assert code in found.stdout


def test_mypy_catches_a_misspelt_column(tmp_path: Path) -> None:
    """A typed base stands in for Flask-AppBuilder's, so that this is an error and not Any."""
    planted = tmp_path / "planted.py"
    planted.write_text("from app.models import Payment\n\nprint(Payment.amuont_minor)\n")
    command = [sys.executable, "-m", "mypy", "--config-file", "pyproject.toml", str(planted)]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert 'has no attribute "amuont_minor"' in found.stdout
