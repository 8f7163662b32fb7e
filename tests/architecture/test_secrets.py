"""Run by `make check` too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.architecture import texts
from tests.architecture.tree import REPOSITORY, Tree

if TYPE_CHECKING:
    from pathlib import Path

MADE_UP = [
    "-----BEGIN PRIVATE" + " KEY-----",
    "-----BEGIN RSA PRIVATE" + " KEY-----",
    "AKIA" + "Q" * 16,
    "ghp_" + "a1" * 18,
    "sk_live_" + "a1b2c3d4" * 3,
    "xoxb-" + "1234567890-abc",
]


def test_no_file_of_the_repository_holds_a_secret() -> None:
    assert texts.secrets(REPOSITORY) == []


@pytest.mark.parametrize("secret", MADE_UP)
def test_a_planted_secret_is_found_and_not_repeated(secret: str, tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text(f'key = "{secret}"\n')
    assert texts.secrets(Tree(tmp_path)) == ["settings.toml:1"]
