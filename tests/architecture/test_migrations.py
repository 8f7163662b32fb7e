from __future__ import annotations

from typing import TYPE_CHECKING

from tests.architecture import revisions
from tests.architecture.tree import REPOSITORY, plant

if TYPE_CHECKING:
    from pathlib import Path

FIRST = 'revision: str = "a"\ndown_revision = None\n\ndef downgrade() -> None:\n    drop("t")\n'
SECOND = FIRST.replace('"a"', '"b"').replace("None\n\n", '"a"\n\n')


def test_there_is_one_head() -> None:
    assert len(revisions.heads(REPOSITORY)) == 1


def test_no_revision_knows_the_application() -> None:
    assert revisions.knows_the_application(REPOSITORY) == []


def test_every_revision_knows_the_way_back() -> None:
    assert revisions.without_way_back(REPOSITORY) == []


def test_a_line_has_one_head_and_a_fork_two(tmp_path: Path) -> None:
    line = {"migrations__versions__a": FIRST, "migrations__versions__b": SECOND}
    assert revisions.heads(plant(tmp_path, **line)) == ["b"]
    fork = SECOND.replace('"b"', '"c"')
    assert revisions.heads(plant(tmp_path, migrations__versions__c=fork)) == ["b", "c"]


def test_an_import_of_the_application_is_found(tmp_path: Path) -> None:
    bad = plant(tmp_path, migrations__versions__a="from app.models import Payment\n" + FIRST)
    assert len(revisions.knows_the_application(bad)) == 1


def test_an_empty_downgrade_needs_a_reason(tmp_path: Path) -> None:
    empty = FIRST.replace('drop("t")', "pass")
    bad = plant(tmp_path / "bad", migrations__versions__a=empty)
    assert len(revisions.without_way_back(bad)) == 1

    reasoned = FIRST.replace('drop("t")', '"""Nothing, because the column was never filled."""')
    good = plant(tmp_path / "good", migrations__versions__a=reasoned)
    assert revisions.without_way_back(good) == []
