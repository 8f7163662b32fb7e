from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

import config
from app.factory import _base
from app.security.settings import web_config

if TYPE_CHECKING:
    from pathlib import Path

WORKER = """
import sys
from app.factory import create_worker_app
app = create_worker_app()
screens = [name for name in sys.modules if name.startswith("app.views")]
assert screens == [], screens
assert "appbuilder" not in app.extensions
assert [rule.endpoint for rule in app.url_map.iter_rules()] == ["static"]
"""


def test_a_worker_loads_no_screen(tmp_path: Path) -> None:
    environment = {**os.environ, "PAYAGENCY_HOME": str(tmp_path), "DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-c", WORKER], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "environment,name,secure",
    [("development", "session", False), ("production", "__Host-session", True)],
)
def test_cookies_are_bound_to_the_host_outside_development(
    environment: str, name: str, secure: bool
) -> None:
    settings = config.Settings(environment=environment, base_url="https://pay.example")
    found = web_config(settings)
    assert found["SESSION_COOKIE_NAME"] == name
    assert found["SESSION_COOKIE_SECURE"] is secure
    assert found["SESSION_COOKIE_HTTPONLY"] is True
    assert found["SESSION_COOKIE_SAMESITE"] == "Lax"
    assert "pay.example" in found["TRUSTED_HOSTS"]
    assert "SESSION_COOKIE_DOMAIN" not in found


def test_old_keys_are_taken_for_a_while(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SECRET_KEY_FALLBACKS", "old,older")
    monkeypatch.setenv("PAYAGENCY_HOME", str(tmp_path))
    settings = config.read(env_file=tmp_path / "none")
    assert _base(settings).config["SECRET_KEY_FALLBACKS"] == ["old", "older"]
