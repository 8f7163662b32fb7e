"""Flask-AppBuilder's own writes of people and rights, shut: they commit outside any service."""

from __future__ import annotations

from typing import Any, NoReturn

from app.errors import ForbiddenError, joined, said


def _closed(name: str, way_out: str) -> Any:
    def refuse(*_arguments: object, **_names: object) -> NoReturn:
        raise ForbiddenError(joined([said("{name} is switched off.", name=name), way_out], " "))

    return refuse


_ACCOUNTS = said("Use `flask payagency user create` or the users' pages.")
_ROLES = said("Roles are data: see app/domain/permissions.py and run `flask payagency seed`.")
_GROUPS = said("There are no groups; a user has a role.")
_KEYS = said("These keys are not used.")


class ClosedWrites:
    """Stands before Flask-AppBuilder's security manager and refuses what it would commit."""

    add_register_user = _closed("add_register_user", _ACCOUNTS)
    del_register_user = _closed("del_register_user", _ACCOUNTS)
    add_user = _closed("add_user", _ACCOUNTS)
    update_user = _closed("update_user", _ACCOUNTS)
    delete_user = _closed("delete_user", _ACCOUNTS)
    noop_user_update = _closed("noop_user_update", _ACCOUNTS)
    add_role = _closed("add_role", _ROLES)
    update_role = _closed("update_role", _ROLES)
    delete_role = _closed("delete_role", _ROLES)
    add_permission = _closed("add_permission", _ROLES)
    del_permission = _closed("del_permission", _ROLES)
    add_view_menu = _closed("add_view_menu", _ROLES)
    del_view_menu = _closed("del_view_menu", _ROLES)
    add_permission_view_menu = _closed("add_permission_view_menu", _ROLES)
    del_permission_view_menu = _closed("del_permission_view_menu", _ROLES)
    add_permission_role = _closed("add_permission_role", _ROLES)
    del_permission_role = _closed("del_permission_role", _ROLES)
    import_roles = _closed("import_roles", _ROLES)
    add_group = _closed("add_group", _GROUPS)
    delete_group = _closed("delete_group", _GROUPS)
    validate_api_key = _closed("validate_api_key", _KEYS)
    create_api_key = _closed("create_api_key", _KEYS)
    revoke_api_key = _closed("revoke_api_key", _KEYS)
