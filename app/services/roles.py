"""Roles as data: the rows that let Flask-AppBuilder know what `domain.permissions` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.permissions import ROLES, Permission, fab_pair
from app.errors import said
from app.models.accounts import Area, PermissionName, PermissionPair, Role
from app.queries import accounts
from app.services import audit

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    Pairs = dict[tuple[str, str], PermissionPair]
    Words = dict[str, list[str]]


def sync_roles(session: Session, now: datetime) -> bool:
    """Make verbs, areas, pairs and roles exactly as written; answers whether anything changed.

    A pair that is no longer written is taken from every role; a role of another name is left with
    what remains. One audit entry tells what each role gained and lost; none when nothing changed.
    """
    pairs = _pairs(session)
    known = {role.name: role for role in accounts.roles(session)}
    before = _words(known)
    for name, permissions in ROLES.items():
        if name.value not in known:
            known[name.value] = Role(name=name.value)
            session.add(known[name.value])
        _give(known[name.value], [pairs[fab_pair(permission)] for permission in permissions])
    _drop_unwritten(session, pairs, list(known.values()))
    session.flush()
    return _trace(session, now, before, _words(known))


def _trace(session: Session, now: datetime, before: Words, after: Words) -> bool:
    changed = sorted(name for name in after if before.get(name) != after[name])
    if changed:
        audit.record(
            session,
            now,
            action="roles.sync",
            object_type="role",
            object_id="all",
            sentence=said("Wrote the roles {roles}", roles=", ".join(changed)),
            before={name: before[name] for name in changed if name in before},
            after={name: after[name] for name in changed},
        )
    return bool(changed)


def _give(role: Role, wanted: list[PermissionPair]) -> None:
    if {id(pair) for pair in role.permissions} != {id(pair) for pair in wanted}:
        role.permissions = wanted


def _pairs(session: Session) -> Pairs:
    verbs = {row.name: row for row in accounts.permission_names(session)}
    areas = {row.name: row for row in accounts.areas(session)}
    pairs = {
        (row.permission.name, row.view_menu.name): row for row in accounts.permission_pairs(session)
    }
    for permission in Permission:
        verb, area = fab_pair(permission)
        if (verb, area) in pairs:
            continue
        verbs.setdefault(verb, PermissionName(name=verb))
        areas.setdefault(area, Area(name=area))
        row = PermissionPair(permission=verbs[verb], view_menu=areas[area])
        session.add(row)
        pairs[verb, area] = row
    session.flush()
    return pairs


def _drop_unwritten(session: Session, pairs: Pairs, roles: list[Role]) -> None:
    written = {fab_pair(permission) for permission in Permission}
    for key in pairs.keys() - written:
        for role in roles:
            if pairs[key] in role.permissions:
                role.permissions.remove(pairs[key])
        session.delete(pairs[key])


def _words(roles: Mapping[str, Role]) -> Words:
    return {
        name: sorted(f"{pair.permission.name} {pair.view_menu.name}" for pair in role.permissions)
        for name, role in roles.items()
    }
