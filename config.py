"""One typed, frozen settings object, read from the environment and `.env`.

Every name is listed in `.env.example`. Unknown `PAYAGENCY_*` names, unknown keys in `.env` and
unsafe values stop the start with every fault named.
"""

from __future__ import annotations

import os
from email.utils import parseaddr
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from app.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from urllib.parse import SplitResult

SHORTEST_SECRET = 32
DATABASE_URLS = {"DATABASE_URL", "DATABASE_MIGRATOR_URL", "DATABASE_REPLICA_URL"}
WEB_THREADS = 8
"""Threads of a web process; at most half of them wait for a provider at a time."""

QUEUES = ("money", "bulk", "default", "webhooks")
DEVELOPMENT_SECRET = "development-only-secret-key-change-me"  # refused outside development
DEMO_PASSWORD = "payagency-demo-2026"  # the published password of the demo


class Settings(BaseSettings):
    """The environment of a process; see `.env.example` for each name."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True)

    environment: Literal["development", "staging", "production"] = "development"
    database_url: str = ""
    database_migrator_url: str = ""
    database_replica_url: str = ""
    redis_url: str = ""
    secret_key: str = DEVELOPMENT_SECRET
    secret_key_fallbacks: str = ""
    base_url: str = ""
    trusted_hosts: str = ""
    outbound_allow_cidrs: str = ""
    storage_url: str = ""
    aws_region: str = ""
    aws_endpoint_url: str = ""
    keys_url: str = ""
    mail_url: str = ""
    mail_from: str = ""
    sms_url: str = ""
    sign_up: Literal["", "on", "off"] = ""
    sentry_dsn: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    scan_url: str = "off"
    events_url: str = ""
    sandbox_url: str = ""
    web_workers: int = Field(2, ge=1, le=64)
    port: int = Field(8080, ge=1, le=65533)
    payagency_home: Path = Path("var")
    payagency_demo_password: str = DEMO_PASSWORD
    payagency_require_2fa: bool = True
    payagency_lease_seconds: int = Field(25, ge=1, le=300)
    payagency_sweep_seconds: float = Field(5, gt=0, le=60)
    payagency_web_budget_seconds: float = Field(10, gt=0, le=20)
    payagency_workers: int = Field(2, ge=1, le=64)
    payagency_upload_max_bytes: int = Field(64 * 1024 * 1024, ge=1024)
    payagency_api_per_minute: int = Field(600, ge=1, le=1_000_000)
    payagency_failpoint: str = ""

    @cached_property
    def home(self) -> Path:
        """Folder of everything that the embedded parts keep; asked for with every secret."""
        return self.payagency_home.resolve()

    @property
    def database(self) -> str:
        """URL of the primary; SQLite below `home` where none is named."""
        return self.database_url or f"sqlite:///{self.home / 'payagency.sqlite3'}"

    @property
    def migrator(self) -> str:
        """URL used by the release command."""
        return self.database_migrator_url or self.database

    @property
    def redis(self) -> str:
        """URL of the queue; the embedded server's socket where none is named."""
        return self.redis_url or f"unix://{self.home / 'valkey.sock'}"

    @property
    def embedded_redis(self) -> bool:
        """Whether `run.py up` has to start the queue's server."""
        return not self.redis_url

    @property
    def public_url(self) -> str:
        """Address under which people reach the application, without a trailing slash."""
        return (self.base_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def sandbox(self) -> str:
        """Address of the sandbox provider."""
        return (self.sandbox_url or f"http://127.0.0.1:{self.port + 2}").rstrip("/")

    @property
    def storage(self) -> str:
        """Where files are kept."""
        return self.storage_url or f"file://{self.home / 'files'}"

    @property
    def mail(self) -> str:
        """Where mails go: a server, or the folder in which each is kept as a file."""
        return self.mail_url or f"file://{self.home / 'mail'}"

    @property
    def mail_sender(self) -> str:
        """Whom mails come from: an address, or a name with the address behind it in <>."""
        host = urlsplit(self.public_url).hostname or "localhost"
        return self.mail_from or f"PayAgency <no-reply@{host}>"

    @property
    def signs_up(self) -> bool:
        """Whether strangers may ask for an account; in development unless it is switched off."""
        return (self.sign_up or ("on" if self.environment == "development" else "off")) == "on"

    @property
    def keys(self) -> str:
        """Where the keys of encrypted columns are kept."""
        return self.keys_url or f"file://{self.home / 'keys.json'}"

    @property
    def hosts(self) -> list[str]:
        """Host names that requests may carry."""
        named = [host.strip() for host in self.trusted_hosts.split(",") if host.strip()]
        own = [urlsplit(self.public_url).hostname or "localhost"]
        local = ["localhost", "127.0.0.1"] if self.environment == "development" else []
        return sorted({*named, *own, *local})

    @property
    def is_sqlite(self) -> bool:
        """Whether the primary is SQLite, which is for a look only."""
        return self.database.startswith("sqlite")


def _known_names() -> set[str]:
    return {name.upper() for name in Settings.model_fields}


def _unknown_names(environ: Mapping[str, str], env_file: Path) -> list[str]:
    known = _known_names()
    faults = [
        f"{name}: unknown setting in the environment. See .env.example for the names."
        for name in sorted(environ)
        if name.upper().startswith("PAYAGENCY_") and name.upper() not in known
    ]
    if env_file.is_file():
        faults += [
            f"{name}: unknown setting in .env. See .env.example for the names."
            for name in sorted(dotenv_values(env_file))
            if name.upper() not in known
        ]
    return faults


def _database_faults(environ: Mapping[str, str], env_file: Path) -> list[str]:
    """Check the URLs as given, so that they are named beside what cannot be read at all."""
    given = {**dotenv_values(env_file), **environ} if env_file.is_file() else environ
    urls = {name.upper(): text for name, text in given.items() if name.upper() in DATABASE_URLS}
    return [fault for name, text in urls.items() for fault in _url_faults(name, text or "")]


def _url_faults(name: str, text: str) -> list[str]:
    if not text:
        return []
    try:
        url = make_url(text)
    except ArgumentError:
        return [f"{name}: not a database URL. Write mysql+pymysql://user:password@host/name."]
    if url.drivername not in {"sqlite", "mysql+pymysql"}:
        return [f"{name}: {url.drivername} is not supported. Use mysql+pymysql:// or sqlite://."]
    return []


def _mail_faults(settings: Settings) -> list[str]:
    """Check where mails go and whom they come from; a password never leaves unencrypted."""
    _, sender = parseaddr(settings.mail_sender)
    fault = _mail_url_fault(urlsplit(settings.mail))
    found = [f"MAIL_URL: {fault}"] if fault else []
    if "@" not in sender or not settings.mail_sender.isprintable():
        found.append(
            "MAIL_FROM: not an address. Write name@example.com or Name <name@example.com>."
        )
    return found


def _mail_url_fault(parts: SplitResult) -> str:
    if parts.scheme == "file":
        whole = parts.path.startswith("/")
        return "" if whole else "the folder is missing. Write file:///folder."
    if parts.scheme not in {"smtp", "smtps"}:
        return "not supported. Use smtp://, smtps:// or file:///folder."
    if not _names_a_server(parts):
        return "names no server. Write smtp://user:password@host:587."
    if parts.query and (parts.query != "tls=off" or "@" in parts.netloc):
        return "the only option is ?tls=off, for a server without a password."
    return ""


def _names_a_server(parts: SplitResult) -> bool:
    try:
        return bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _production_faults(settings: Settings) -> list[str]:
    checks = {
        "SECRET_KEY: the development key is in use. Set a random one of 32 characters or more.": (
            settings.secret_key == DEVELOPMENT_SECRET or len(settings.secret_key) < SHORTEST_SECRET
        ),
        "DATABASE_URL: SQLite is for a look only. Name a MySQL or MariaDB server.": (
            settings.is_sqlite
        ),
        "REDIS_URL: the embedded server is for a look only. Name a Redis server.": (
            settings.embedded_redis
        ),
        "BASE_URL: must be https.": not settings.public_url.startswith("https://"),
        "TRUSTED_HOSTS: a wildcard is not a list of hosts.": "*" in settings.trusted_hosts,
        "PAYAGENCY_REQUIRE_2FA: must not be switched off.": not settings.payagency_require_2fa,
        "MAIL_URL: mails would stay in a folder. Name an SMTP server.": (
            settings.mail.startswith("file:")
        ),
        "PAYAGENCY_FAILPOINT: only for tests.": bool(settings.payagency_failpoint),
    }
    return [text for text, wrong in checks.items() if wrong]


def read(environ: Mapping[str, str] | None = None, env_file: Path = Path(".env")) -> Settings:
    """Read and check the settings; raises ConfigurationError with every fault."""
    names = os.environ if environ is None else environ
    faults = [*_unknown_names(names, env_file), *_database_faults(names, env_file)]
    try:
        settings = Settings(_env_file=env_file)
    except ValidationError as error:
        faults += [
            f"{'.'.join(str(part) for part in item['loc']).upper()}: {item['msg']}."
            for item in error.errors()
        ]
        raise ConfigurationError(faults) from error
    faults += _mail_faults(settings)
    if settings.environment != "development":
        faults += _production_faults(settings)
    if faults:
        raise ConfigurationError(faults)
    return settings


@lru_cache(maxsize=1)
def get() -> Settings:
    """Return the settings of this process, read once."""
    return read()
