from __future__ import annotations

import os
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from dotenv import dotenv_values

import config
from app.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).resolve().parents[1]
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k" * 32,
    "DATABASE_URL": "mysql+pymysql://app:secret@db.internal/payagency",
    "REDIS_URL": "redis://redis.internal:6379/0",
    "BASE_URL": "https://pay.example.com",
    "MAIL_URL": "smtp://app:secret@mail.internal:587",
}
# What is changed in a sound production environment, and the name that the refusal starts with.
UNSAFE = (
    ({"SECRET_KEY": config.DEVELOPMENT_SECRET}, "SECRET_KEY"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    ({"DATABASE_URL": "sqlite:////var/lib/payagency.sqlite3"}, "DATABASE_URL"),
    ({"DATABASE_URL": ""}, "DATABASE_URL"),
    ({"REDIS_URL": ""}, "REDIS_URL"),
    ({"BASE_URL": "http://pay.example.com"}, "BASE_URL"),
    ({"TRUSTED_HOSTS": "*"}, "TRUSTED_HOSTS"),
    ({"PAYAGENCY_REQUIRE_2FA": "0"}, "PAYAGENCY_REQUIRE_2FA"),
    ({"MAIL_URL": ""}, "MAIL_URL"),
    ({"MAIL_URL": "ftp://mail.internal"}, "MAIL_URL"),
    ({"MAIL_URL": "smtp://mail.internal:99999"}, "MAIL_URL"),
    ({"MAIL_URL": "smtp://app:secret@mail.internal?tls=off"}, "MAIL_URL"),
    ({"MAIL_FROM": "nobody"}, "MAIL_FROM"),
    ({"PAYAGENCY_FAILPOINT": "execute.leased"}, "PAYAGENCY_FAILPOINT"),
)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {name.upper() for name in config.Settings.model_fields}
    for name in list(os.environ):
        if name.upper() in names or name.upper().startswith("PAYAGENCY_"):
            monkeypatch.delenv(name)


def read(
    monkeypatch: pytest.MonkeyPatch, names: Mapping[str, str], env_file: Path = Path("none")
) -> config.Settings:
    for name, value in names.items():
        monkeypatch.setenv(name, value)
    return config.read(env_file=env_file)


def refused(
    monkeypatch: pytest.MonkeyPatch, names: Mapping[str, str], env_file: Path = Path("none")
) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(monkeypatch, names, env_file)
    return caught.value.faults


def test_an_empty_environment_is_a_development_one_with_embedded_parts() -> None:
    settings = config.read(env_file=Path("none"))
    assert settings.environment == "development"
    assert settings.is_sqlite
    assert settings.database == f"sqlite:///{settings.home}/payagency.sqlite3"
    assert settings.embedded_redis
    assert settings.redis == f"unix://{settings.home}/valkey.sock"
    assert settings.public_url == "http://localhost:8080"
    assert settings.sandbox == "http://127.0.0.1:8082"
    assert settings.migrator == settings.database


def test_a_sound_production_environment_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read(monkeypatch, {**PRODUCTION, "TRUSTED_HOSTS": "a.example.com, b.example.com"})
    assert settings.hosts == ["a.example.com", "b.example.com", "pay.example.com"]
    assert not settings.is_sqlite


@pytest.mark.parametrize("change,name", UNSAFE)
@pytest.mark.parametrize("environment", ["staging", "production"])
def test_an_unsafe_value_is_refused_outside_development(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, str], name: str, environment: str
) -> None:
    (fault,) = refused(monkeypatch, {**PRODUCTION, "ENVIRONMENT": environment, **change})
    assert fault.startswith(f"{name}: ")


def test_every_fault_is_named_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("SECRT_KEY=typo\nDATABASE_REPLICA_URL=oracle://host/name\n")
    names = {
        "PAYAGENCY_HOEM": "/anywhere",
        "DATABASE_URL": "not a url",
        "PORT": "70000",
        "WEB_WORKERS": "many",
    }
    faults = refused(monkeypatch, names, env_file)
    assert [fault.split(":")[0] for fault in sorted(faults)] == [
        "DATABASE_REPLICA_URL",
        "DATABASE_URL",
        "PAYAGENCY_HOEM",
        "PORT",
        "SECRT_KEY",
        "WEB_WORKERS",
    ]


def test_a_wrong_database_url_says_what_to_write(monkeypatch: pytest.MonkeyPatch) -> None:
    (fault,) = refused(monkeypatch, {"DATABASE_URL": "localhost/payagency"})
    assert fault == (
        "DATABASE_URL: not a database URL. Write mysql+pymysql://user:password@host/name."
    )


def test_a_database_that_is_not_supported_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    (fault,) = refused(monkeypatch, {"DATABASE_MIGRATOR_URL": "postgresql://host/name"})
    assert fault.startswith("DATABASE_MIGRATOR_URL: postgresql is not supported.")


def test_a_refusal_never_repeats_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = refused(monkeypatch, {"DATABASE_URL": "oracle://app:hunter2@host/name"})
    assert "hunter2" not in "\n".join(faults)


def test_values_come_from_the_file_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("PORT=9000\nWEB_WORKERS=3\n")
    settings = read(monkeypatch, {"PORT": "9100"}, env_file)
    assert (settings.port, settings.web_workers) == (9100, 3)


def test_the_example_names_every_setting_and_nothing_else(tmp_path: Path) -> None:
    example = ROOT / ".env.example"
    named = dotenv_values(example)
    assert set(named) == {name.upper() for name in config.Settings.model_fields}
    assert config.read(env_file=example) == config.read(env_file=Path("none"))


def test_every_setting_of_the_example_has_a_comment_above_it() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    alone = [
        line
        for before, line in pairwise(lines)
        if "=" in line and not line.startswith("#") and not before
    ]
    assert alone == []
