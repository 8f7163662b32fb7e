from __future__ import annotations

import runpy
from types import ModuleType

import pytest

import config

SETTINGS = "app.cli.gunicorn_settings"


def _read(monkeypatch: pytest.MonkeyPatch, **names: str) -> dict[str, object]:
    settings = config.Settings(_env_file=None, **names)  # type: ignore[arg-type]  # as texts
    monkeypatch.setattr(config, "get", lambda: settings)
    return runpy.run_module(SETTINGS)


@pytest.mark.parametrize(
    "base_url,bind",
    [
        ("", "127.0.0.1:8123"),
        ("http://127.0.0.1:8123", "127.0.0.1:8123"),
        ("https://pay.example.com", ":8123"),
    ],
)
def test_it_listens_beyond_this_machine_only_under_another_name(
    monkeypatch: pytest.MonkeyPatch, base_url: str, bind: str
) -> None:
    assert _read(monkeypatch, base_url=base_url, port="8123")["bind"] == bind


def test_no_setting_of_the_server_is_a_module(monkeypatch: pytest.MonkeyPatch) -> None:
    found = _read(monkeypatch)
    names = [name for name, value in found.items() if isinstance(value, ModuleType)]
    assert names == []
    assert found["threads"] == config.WEB_THREADS
