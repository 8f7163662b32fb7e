"""Roles as data: the rows that let Flask-AppBuilder know what `domain.permissions` says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain.permissions import ROLES, Permission, fab_pair
from app.models.accounts import Area, PermissionName, PermissionPair, Role
from app.queries import accounts
from app.services import audit

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session

    Pairs = dict[tuple[str, str], PermissionPair]


def sync_roles(session: Session, now: datetime) -> bool:
    """Make verbs, areas, pairs and roles exactly as written; answers whether anything changed.

    A pair that is no longer written is taken from every role; a role of another name is left with
    what remains. One audit entry tells what each role gained and lost; none when nothing changed.
    """
    pairs = _pairs(session)
    known = {role.name: role for role in accounts.roles(session)}
    before = {role.name: _words(role) for role in known.values()}
    for name, permissions in ROLES.items():
        role = known.get(name.value)
        if role is None:
            role = Role(name=name.value)
            session.add(role)
            known[name.value] = role
        wanted = [pairs[fab_pair(permission)] for permission in sorted(permissions)]
        if {id(pair) for pair in role.permissions} != {id(pair) for pair in wanted}:
            role.permissions = wanted
    _drop_unwritten(session, pairs, list(known.values()))
    session.flush()
    after = {role.name: _words(role) for role in known.values()}
    if before == after:
        return False
    changed = {name for name in after if before.get(name) != after[name]}
    audit.record(
        session,
        now,
        action="roles.sync",
        object_type="role",
        object_id="all",
        sentence=f"Wrote the roles {', '.join(sorted(changed))}",
        before={name: before[name] for name in sorted(changed & before.keys())},
        after={name: after[name] for name in sorted(changed)},
    )
    return True


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


def _words(role: Role) -> list[str]:
    return sorted(f"{pair.permission.name} {pair.view_menu.name}" for pair in role.permissions)
