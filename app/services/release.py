"""The release command: schema, rights, roles, seed and demo, in one process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import DBAPIError

import config
from app.adapters import clock, migrations
from app.adapters.db import translate, unit_of_work
from app.domain.actors import Actor
from app.extensions import metadata
from app.models import APPEND_ONLY, ReleaseMarker
from app.services import demo as demo_people
from app.services import demo_history, release_marker, seed
from app.services.roles import sync_roles

if TYPE_CHECKING:
    from collections.abc import Iterator

HOUSE = Actor.house(None, "release")
TEST_BOOK = Actor.house(livemode=False, label="release")
SCHEMA_TABLE = "alembic_version"


def release(*, demo: bool) -> Iterator[str]:
    """Bring the database to this release; yields a line for each thing done.

    Everything in it may be done again: what is there already is left as it is. Raises
    UnavailableError where the database does not answer.
    """
    if demo:
        demo_people.refuse_in_production()
    yield from _schema()
    yield from seed_all(demo=demo)
    names = [release_marker.RELEASE, *([release_marker.DEMO] if demo else [])]
    with unit_of_work(HOUSE) as session:
        for name in names:
            session.merge(ReleaseMarker(name=name, value=release_marker.value()))


def _schema() -> Iterator[str]:
    settings = config.get()
    settings.home.mkdir(parents=True, exist_ok=True)
    try:
        migrations.upgrade(settings.migrator)
        # The application only reads which revision there is.
        closed = [SCHEMA_TABLE, *(model.__tablename__ for model in APPEND_ONLY)]
        tables = [SCHEMA_TABLE, *metadata.tables]
        count = migrations.grant(settings.migrator, settings.database, tables, closed)
    except DBAPIError as error:
        known = translate(error)
        if known is None:
            raise
        raise known from error
    yield f"Schema: at revision {migrations.head()}"
    if count:
        yield f"Rights: {count} given to the application's user"


def seed_all(*, demo: bool) -> Iterator[str]:
    """Write roles and the sandbox's account, and with `demo` what there is to look at."""
    with unit_of_work(HOUSE) as session:
        if sync_roles(session, clock.now()):
            yield "Roles: written"
    if config.get().environment != "production":
        with unit_of_work(TEST_BOOK) as session:
            if seed.sandbox_account(session, clock.now()):
                yield f"Sandbox provider: {config.get().sandbox}"
    if demo:
        demo_people.people_and_merchants(clock.now())
        yield "Demo: people and merchants"
        yield demo_people.listen()
        yield from demo_history.make(clock.now())
