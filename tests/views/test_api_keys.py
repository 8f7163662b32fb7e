"""The screens of API keys: a secret is told once, in one answer, and nowhere else."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest

from app.adapters import clock, db
from app.domain.api_keys import Scope
from app.errors import UnauthenticatedError
from app.models import AuditEntry
from app.queries import api_keys as rows
from app.queries.listing import Window
from app.security.api_keys import find
from tests.views import markup

if TYPE_CHECKING:
    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]

HOME = "203.0.113.7"
_SECRET = re.compile(r'<code[^>]*>(sk_\w+)</code>.*?href="(/api-keys/key_\w+)"', re.DOTALL)
FIELDS: dict[str, str | list[str]] = {"name": "Shop", "scopes": [scope.value for scope in Scope]}


def _post(person: Person, form: dict[str, str], **changes: str | list[str]) -> tuple[int, str]:
    answer = person.client.post("/api-keys/new", data={**FIELDS, **form, **changes})
    return answer.status_code, unescape(answer.text)


def _make(person: Person, **changes: str | list[str]) -> tuple[str, str]:
    """Make a key; answers its secret and its page."""
    _, text = _post(person, person.form("/api-keys/new"), **changes)
    found = _SECRET.search(text)
    assert found is not None, text
    return found[1], found[2]


def _count(desk: Desk) -> int:
    with db.reading(desk.world.owner()) as session:
        return len(rows.page(session, rows.KeyFilter(now=clock.now()), Window()).rows)


def test_a_secret_is_told_once_and_works(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    answer = owner.client.post("/api-keys/new", data={**FIELDS, **owner.form("/api-keys/new")})
    assert answer.headers["Cache-Control"] == "no-store"
    assert not markup.faults(answer.text)
    found = _SECRET.search(answer.text)
    assert found is not None
    secret, page = found[1], found[2]
    assert find(f"Bearer {secret}", HOME).actor.merchant_id == desk.world.acme
    for address in (page, "/api-keys/", "/api-keys/new", "/audit/"):
        told = owner.get(address)
        assert secret not in told
        assert not markup.faults(told)
    assert f"from {HOME}" in owner.get(page)
    assert f"{secret[:12]}…" in owner.get("/api-keys/?state=active")


def test_a_double_click_makes_one_key_and_says_that_its_secret_is_gone(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    form = owner.form("/api-keys/new")
    _, first = _post(owner, form)
    status, second = _post(owner, form)
    assert status == 200
    assert _count(desk) == 1
    assert _SECRET.search(first)
    assert "cannot be shown again" in second
    assert not re.search(r"sk_test_\w{20}", second)
    assert re.search(r'href="(/api-keys/key_\w+)"', second)


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"name": " "}, "Name: Is empty or longer"),
        ({"scopes": []}, "What the key may do: Is empty"),
        ({"scopes": ["all"]}, "What the key may do: All is none"),
        ({"expires_at": "31.1.2027"}, "Last day: Is no day"),
        ({"expires_at": "2020-01-01"}, "Last day: Is not in the future"),
        ({"networks": "203.0.113.7\nhome"}, "Addresses: Line 2 is no address"),
        ({"form_key": "stale"}, "Nothing was done"),
    ],
)
def test_a_fault_stands_beside_its_field(
    desk: Desk, changes: dict[str, str | list[str]], told: str
) -> None:
    owner = desk.person("acme-owner")
    status, text = _post(owner, owner.form("/api-keys/new"), **changes)
    assert status == 422
    assert told in text
    assert not markup.faults(text)
    assert _count(desk) == 0


def test_a_key_expires_when_its_last_day_is_over_for_the_reader(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    _, page = _make(owner, expires_at="2099-01-31", scopes=["payments:read"], networks=HOME)
    with db.reading(desk.world.owner()) as session:
        row = rows.get(session, page.rpartition("/")[2])
    assert row is not None
    # Acme reads its dates in Kolkata, five and a half hours ahead.
    assert f"{row.expires_at:%Y-%m-%d %H:%M}" == "2099-01-31 18:30"
    assert (row.scopes, row.networks) == ("payments:read", HOME)


def test_a_key_is_rolled_with_an_overlap(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    old, page = _make(owner)
    form = owner.form(page)
    answer = owner.post(f"{page}/roll", {**form, "overlap": "86400"})
    found = _SECRET.search(answer.text)
    assert found is not None
    assert f"The old key {old[:12]}… ends at" in unescape(answer.text)
    for secret in (old, found[1]):
        assert find(f"Bearer {secret}", HOME)
    again = owner.post(f"{page}/roll", {**form, "overlap": "86400"})
    assert "cannot be shown again" in again.text
    shown = owner.get(page)
    assert "Is being replaced" in shown
    assert f'href="{found[2]}"' in shown
    assert "/roll" not in shown
    at_once = owner.post(f"{found[2]}/roll", {**owner.form(found[2]), "overlap": "0"})
    assert f"{found[1][:12]}… has ended" in unescape(at_once.text)


def test_an_overlap_that_was_not_offered_is_refused(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    _, page = _make(owner)
    answer = owner.post(f"{page}/roll", {**owner.form(page), "overlap": "5"})
    assert "not between now and 7 days" in owner.get(answer.location)
    assert _count(desk) == 1


def test_a_key_is_revoked_and_refused_at_once(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    secret, page = _make(owner)
    assert "It was never used" in owner.get(page)
    missing = owner.post(f"{page}/revoke", {**owner.csrf(), "reason": ""})
    assert (missing.status_code, 'aria-invalid="true"' in missing.text) == (422, True)
    for reason, told in (("leaked", "was revoked"), ("again", "ended already")):
        answer = owner.post(f"{page}/revoke", {**owner.csrf(), "reason": reason})
        assert told in owner.get(answer.location)
    with pytest.raises(UnauthenticatedError, match="revoked"):
        find(f"Bearer {secret}", HOME)
    assert "Revoke …" not in owner.get(page)
    with db.reading(desk.world.owner()) as session:
        actions = [row.action for row in session.query(AuditEntry).order_by(AuditEntry.id)]
    assert actions[-3:] == ["keys.create", "keys.revoke", "keys.revoke_refused"]


def test_the_book_decides_which_keys_there_are(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    _make(owner)
    owner.post("/book/", {**owner.csrf(), "book": "live"})
    assert "No API keys yet" in owner.get("/api-keys/")
    assert "it moves real money" in owner.get("/api-keys/new")
    assert _make(owner)[0].startswith("sk_live_")


def test_who_may_not_change_keys_meets_no_way_to(desk: Desk) -> None:
    owner, auditor = desk.person("acme-owner"), desk.person("auditor")
    _, page = _make(owner)
    assert "Shop" in auditor.get("/api-keys/?merchant=acme")
    assert "Revoke …" not in auditor.get(page)
    auditor.get("/api-keys/new", 403)
    assert auditor.post(f"{page}/revoke", {**auditor.csrf(), "reason": "x"}).status_code == 403
    desk.person("acme-clerk").get("/api-keys/", 403)
    desk.person("globex-owner").get(page, 404)
