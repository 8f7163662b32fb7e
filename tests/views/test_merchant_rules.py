"""What staff keep of a merchant for its methods: category, verification, late money."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from tests.views.people import People

FIELDS = {
    "name": "Acme",
    "country": "IN",
    "default_currency": "INR",
    "timezone": "Asia/Kolkata",
    "mcc": "6211",
    "verified": "y",
    "late_money": "refund",
}


def edit(people: People, engine: Engine, **changes: str) -> tuple[int, str]:
    with engine.connect() as connection:
        key = connection.exec_driver_sql(
            "SELECT public_id FROM merchant WHERE `key` = 'acme'"
        ).scalar_one()
    answer = people.browser("admin").post(f"/merchants/edit/{key}", {**FIELDS, **changes})
    return answer.status_code, answer.text


def kept(engine: Engine) -> tuple[str, int, str]:
    with engine.connect() as connection:
        row = connection.exec_driver_sql(
            "SELECT mcc, verified, late_money FROM merchant WHERE `key` = 'acme'"
        ).one()
    return row[0].decode() if isinstance(row[0], bytes) else row[0], row[1], row[2]


def test_category_verification_and_late_money_are_kept(
    people: People, migrator_engine: Engine
) -> None:
    assert edit(people, migrator_engine)[0] == 302
    assert kept(migrator_engine) == ("6211", 1, "refund")
    assert edit(people, migrator_engine, mcc="", verified="")[0] == 302
    assert kept(migrator_engine)[0] == ""


@pytest.mark.parametrize("changes", [{"mcc": "62"}, {"mcc": "shop"}, {"late_money": "keep"}])
def test_what_is_no_category_or_policy_is_refused(
    people: People, migrator_engine: Engine, changes: dict[str, str]
) -> None:
    before = kept(migrator_engine)
    status, text = edit(people, migrator_engine, **changes)
    assert status == 200
    (name,) = changes
    assert f'id="{name}-error"' in text
    assert kept(migrator_engine) == before
