"""The benchmark at its smallest scale, once: everything runs, every answer names the right rows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.architecture.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {"name", "value", "unit", "floor", "ratio_to_floor", "peer", "ratio_to_peer"}
MOST_STATEMENTS = 8
MOST_OF_A_PAYMENT = 61


@pytest.mark.timeout(400)  # the first run on a machine loads the rows
def test_everything_is_measured_and_every_answer_is_right(tmp_path: Path) -> None:
    out = tmp_path / "latest.json"
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--once", "--out", str(out)],
        cwd=ROOT,
        env={**os.environ, "SCALE": "smallest"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    figures = json.loads(out.read_text())
    assert all(figure.keys() == KEYS for figure in figures)
    names = {figure["name"] for figure in figures}
    areas = {"list", "search", "payment", "payment over HTTP", "payments of files"}
    assert {name.partition(",")[0] for name in names} == areas
    statements = {
        figure["name"]: figure["value"]
        for figure in figures
        if figure["name"].startswith("list") and figure["name"].endswith(": statements")
    }
    assert statements
    assert {name: number for name, number in statements.items() if number > MOST_STATEMENTS} == {}
    by_name = {figure["name"]: figure for figure in figures}
    assert by_name["payment, 1 connection: statements"]["value"] <= MOST_OF_A_PAYMENT
    commits = by_name["payment, 1 connection: commits"]
    assert commits["value"] == commits["floor"] == 4
    assert by_name["payment over HTTP, 4 connections: time"]["ratio_to_peer"] > 0
    assert by_name["payments of files, 2 workers: time"]["ratio_to_peer"] > 0
