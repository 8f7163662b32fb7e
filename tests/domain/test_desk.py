from __future__ import annotations

import pytest

from app.domain.desk import RESOLUTIONS, CaseKind, resolution


@pytest.mark.parametrize("kind", CaseKind)
def test_each_way_to_end_a_case_is_found_by_its_name(kind: CaseKind) -> None:
    assert [resolution(kind, each.ending) for each in RESOLUTIONS[kind]] == [*RESOLUTIONS[kind]]


@pytest.mark.parametrize("kind", [*CaseKind, "of_no_kind"])
def test_what_is_no_way_to_end_a_case_is_none(kind: str) -> None:
    assert resolution(kind, "by_magic") is None
