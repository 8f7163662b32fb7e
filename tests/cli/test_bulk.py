from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from app.cli.bulk import bulk
from tests.services.bulk import files

if TYPE_CHECKING:
    from pathlib import Path

    from flask import Flask


def run(context: Flask, *arguments: str) -> tuple[int, str]:
    done = context.test_cli_runner().invoke(bulk, ["check", *arguments])
    return done.exit_code, done.output


@pytest.mark.usefixtures("world")
def test_a_good_file_ends_with_0_and_a_bad_one_with_1(context: Flask, tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(files.cards(2))
    code, output = run(context, str(path), "--merchant", "acme")
    assert (code, json.loads(output)["rows"]["valid"]) == (0, 2)
    path.write_text(files.text([files.card("order-1", "x")]))
    code, output = run(context, str(path), "--merchant", "acme", "--kind", "payments")
    assert (code, json.loads(output)["errors"][0]["code"]) == (1, "amount_invalid")


@pytest.mark.usefixtures("world")
def test_an_unknown_merchant_is_one_clear_line(context: Flask, tmp_path: Path) -> None:
    path = tmp_path / "payments.csv"
    path.write_text(files.cards(1))
    code, output = run(context, str(path), "--merchant", "nobody")
    assert code == 1
    assert "There is no merchant nobody." in output
