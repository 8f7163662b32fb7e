"""Whether this very release was already made on this database; loads no model and no screen."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

import config
from app.adapters import migrations
from app.queries import markers

RELEASE: Final = "release"
DEMO: Final = "demo"
_APP = Path(__file__).resolve().parents[1]
_INPUTS = (
    _APP / "domain" / "permissions.py",
    *sorted((_APP / "services").glob("demo*.py")),
    _APP / "services" / "roles.py",
    _APP / "services" / "seed.py",
)


def value() -> str:
    """Return what names this release: the newest revision and a digest of what is seeded."""
    settings = config.get()
    digest = hashlib.sha256()
    for file in _INPUTS:
        digest.update(file.read_bytes())
    addresses = (settings.sandbox, settings.public_url)
    for text in (*addresses, settings.payagency_demo_password, settings.environment):
        digest.update(f"\0{text}".encode())
    return f"{migrations.head()}:{digest.hexdigest()[:32]}"


def is_current(*, demo: bool) -> bool:
    """Tell whether the database carries the marks of this release (and of its demo)."""
    url = config.get().database
    path = make_url(url).database
    if url.startswith("sqlite") and not (path and Path(path).exists()):
        return False
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found = markers.read(connection)
    except DBAPIError:
        return False
    finally:
        engine.dispose()
    wanted = value()
    return all(found.get(name) == wanted for name in (RELEASE, *([DEMO] if demo else [])))
