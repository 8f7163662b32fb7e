from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import config
from app.adapters import clock, db, storage
from app.errors import BadInputError, CapabilityMissingError, IllegalStateError, NotFoundError
from app.queries import bulk
from app.services.bulk import uploads
from app.services.bulk.refusals import FileTooLargeError, NothingToRunError
from tests.services.bulk import files

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.fixtures.application import World


def audited(engine: Engine, public_id: str) -> list[str]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT action FROM audit_entry WHERE object_id = %s ORDER BY id", (public_id,)
        )
        return [action for (action,) in rows]


def cancel(world: World, public_id: str) -> None:
    with db.unit_of_work(world.owner()) as session:
        uploads.cancel(session, clock.now(), public_id)


def test_a_file_is_checked_confirmed_and_run_and_each_step_is_audited(
    world: World, migrator_engine: Engine
) -> None:
    upload = files.finished(world.owner(), files.cards(3))
    assert (upload.status, upload.rows_loaded, upload.confirmed_by) == ("done", 3, "acme-owner")
    assert [payment.reference for payment in files.payments(world.owner())][::-1] == [
        "order-1",
        "order-2",
        "order-3",
    ]
    actions = ["uploads.create", "uploads.check", "uploads.confirm", "uploads.run"]
    assert audited(migrator_engine, upload.public_id) == actions


def test_confirming_twice_starts_once(world: World, migrator_engine: Engine) -> None:
    upload = files.checked(world.owner(), files.cards(2))
    files.confirm(world.owner(), upload.public_id)
    files.confirm(world.owner(), upload.public_id)
    assert files.work() == 1
    files.confirm(world.owner(), upload.public_id)
    assert files.work() == 0
    assert len(files.payments(world.owner())) == 2
    assert audited(migrator_engine, upload.public_id).count("uploads.confirm") == 1


def test_an_upload_is_seen_by_its_merchant_and_staff_in_its_book_only(world: World) -> None:
    public_id = files.upload(world.owner(), files.cards(1))
    seen = {}
    for actor in (world.owner(), world.staff(), world.stranger(), world.owner(livemode=True)):
        with db.reading(actor) as session:
            seen[actor] = bulk.get(session, public_id) is not None
    assert list(seen.values()) == [True, True, False, False]
    with pytest.raises(NotFoundError), db.unit_of_work(world.stranger()) as session:
        uploads.confirm(session, clock.now(), public_id)


def test_canceling_removes_the_file_and_frees_every_reference(world: World) -> None:
    upload = files.checked(world.owner(), files.cards(2))
    cancel(world, upload.public_id)
    cancel(world, upload.public_id)
    with pytest.raises(NotFoundError):
        storage.open_read(upload.stored_at)
    assert files.checked(world.owner(), files.cards(2)).rows_valid == 2


def test_only_what_was_not_confirmed_can_be_canceled_and_only_what_is_ready_confirmed(
    world: World,
) -> None:
    done = files.finished(world.owner(), files.cards(1)).public_id
    with pytest.raises(IllegalStateError, match="is done"):
        cancel(world, done)
    fresh = files.upload(world.owner(), files.cards(1))
    with pytest.raises(IllegalStateError, match="is checking"):
        files.confirm(world.owner(), fresh)
    cancel(world, fresh)
    with pytest.raises(IllegalStateError, match="is canceled"):
        files.confirm(world.owner(), fresh)
    assert files.work() == 1
    assert files.read(world.owner(), fresh).status == "canceled"


def test_a_file_in_which_nothing_would_be_paid_cannot_be_confirmed(world: World) -> None:
    files.finished(world.owner(), files.cards(1))
    again = files.checked(world.owner(), files.cards(1)).public_id
    with pytest.raises(NothingToRunError, match="nothing left to do"):
        files.confirm(world.owner(), again)
    wrong = files.checked(world.owner(), files.text([files.card("order-9", "x")])).public_id
    with pytest.raises(NothingToRunError, match="Correct the rows"):
        files.confirm(world.owner(), wrong)


@pytest.mark.parametrize("lost", ["bulk", "card"])
def test_without_the_capability_nothing_is_taken(
    world: World, migrator_engine: Engine, environment: Path, lost: str
) -> None:
    with migrator_engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM capability WHERE kind = %s", (lost,))
    if lost == "bulk":
        before = files.kept(environment)
        with pytest.raises(CapabilityMissingError, match="Uploads are not enabled"):
            files.upload(world.owner(), files.cards(1))
        assert files.kept(environment) == before
    else:
        upload = files.checked(world.owner(), files.cards(1))
        assert (upload.rows_valid, upload.rows_invalid) == (0, 1)


def test_a_refused_file_leaves_nothing_behind(
    world: World, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files.kept(environment)
    for content in (b"\x89PNG", files.cards(1).encode() + b"a\0,1,EUR,card,t\n"):
        with pytest.raises(BadInputError):
            files.upload(world.owner(), content)
    small = config.get().model_copy(update={"payagency_upload_max_bytes": 1024})
    monkeypatch.setattr(config, "get", lambda: small)
    with pytest.raises(FileTooLargeError, match="larger than 1 KiB"):
        files.upload(world.owner(), files.cards(100))
    assert files.kept(environment) == before


def test_staff_cannot_upload(world: World) -> None:
    with pytest.raises(CapabilityMissingError, match="merchant's own people"):
        files.upload(world.staff(), files.cards(1))


def test_another_decimal_mark_is_refused(world: World) -> None:
    with pytest.raises(BadInputError, match="neither a point nor a comma"):
        files.upload(world.owner(), files.cards(1), decimal_mark="'")
