from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING

import pytest
from flask_appbuilder.security import manager as base_manager
from flask_appbuilder.security.sqla import manager as fab_manager

from app.domain.actors import Actor
from app.domain.permissions import ROLES, RoleName
from app.errors import ForbiddenError
from app.extensions import db
from app.security.closed import ClosedWrites
from app.security.manager import SecurityManager
from tests.views.people import PASSWORD, statements

if TYPE_CHECKING:
    from types import ModuleType

    from tests.views.people import People


def _committing(module: ModuleType, name: str) -> set[str]:
    tree = ast.parse(inspect.getsource(module))
    (found,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == name)
    return {
        method.name
        for method in found.body
        if isinstance(method, ast.FunctionDef) and ".commit()" in ast.unparse(method)
    }


def test_everything_of_the_framework_that_commits_is_overridden() -> None:
    committing = _committing(fab_manager, "SecurityManager")
    committing |= _committing(base_manager, "BaseSecurityManager")
    assert len(committing) >= 20
    ours = set(vars(ClosedWrites)) | set(vars(SecurityManager))
    assert committing - ours == set()


@pytest.mark.parametrize("name", sorted(n for n in vars(ClosedWrites) if not n.startswith("__")))
def test_a_closed_write_says_where_to_go(people: People, name: str) -> None:
    with people.app.test_request_context("/"), pytest.raises(ForbiddenError, match="switched off"):
        getattr(people.manager, name)()


@pytest.mark.parametrize("name", ["security_cleanup", "security_converge"])
def test_rights_are_never_tidied_from_code(people: People, name: str) -> None:
    with pytest.raises(ForbiddenError):
        getattr(people.manager, name)([], [])


def test_permissions_and_menu_are_answered_without_a_query(people: People) -> None:
    manager = people.manager
    with people.app.test_request_context("/"):
        people.app.preprocess_request()
        with statements(people.app) as found:
            assert not manager.has_access("can_read", "payments")
            assert not manager.is_item_public("can_read", "payments")
            assert manager.get_user_menu_access() == set()
    assert found == []


def test_a_pair_that_is_not_written_down_is_closed_even_to_admin(people: People) -> None:
    manager = people.manager
    with people.app.test_request_context("/"):
        rights = ROLES[RoleName.ADMIN]
        db.session().info["actor"] = Actor.staff(people.ids["admin"], False, "admin", rights)
        assert manager.has_access("can_read", "users")
        assert not manager.has_access("can_fly", "users")
        assert not manager.has_access("can_read", "UsersView")
        assert not manager.has_access("menu_access", "No such menu")
        assert manager.get_user_menu_access(["UsersView", "No such menu"]) == {"UsersView"}


@pytest.mark.parametrize("succeeded,counter", [(True, (1, 0)), (False, (0, 1))])
def test_a_counted_sign_in_is_traced_once(
    people: People, succeeded: bool, counter: tuple[int, int]
) -> None:
    before = len(people.audit())
    with people.app.test_request_context("/"):
        user = people.user("operations")
        people.manager.update_user_auth_stat(user, success=succeeded)
    user = people.user("operations")
    assert (user.login_count, user.fail_login_count) == counter
    assert len(people.audit()) == before + 1


def test_the_framework_resets_no_password_for_nobody(people: People) -> None:
    with people.app.test_request_context("/"):
        people.app.preprocess_request()
        with pytest.raises(ForbiddenError):
            people.manager.reset_password(people.ids["admin"], PASSWORD)
