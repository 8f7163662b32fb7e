"""Who may speak to the database: who commits, who builds statements, who leaves the guard."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tests.architecture.tree import Source, Tree, is_in

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMITS: Final = ("app/adapters/db.py",)
BUILDS_STATEMENTS: Final = ("app/queries", "app/services/invariants")
# The tenancy guard cannot see these statements, so they stand in one reviewed file.
BEHIND_THE_GUARD: Final = ("app/queries/bulk.py",)
# What the guard never sees, each place with its reason.
RAW_SQL: Final = {
    "app/adapters/db.py": "pragmas, isolation and the health probe: no merchant's row",
    "app/adapters/migrations.py": "the head marker and the grants: no merchant's row",
}
# Explicit, audited contexts without tenancy; a new one is added here on purpose.
UNSCOPED: Final = ("app/cli/proofs.py",)

_STATEMENTS: Final = {"select", "update", "delete", "insert"}
_UNSEEN: Final = {"text", "insert", "table"}
_BULK: Final = {
    "bulk_insert_mappings",
    "bulk_update_mappings",
    "bulk_save_objects",
    "exec_driver_sql",
}


def commits(tree: Tree) -> list[str]:
    """Find calls of `.commit(` outside the one door to the database."""
    return [
        source.at(call, "commits; use unit_of_work()")
        for source in tree.sources("app")
        if not is_in(source.path, *COMMITS)
        for call in source.calls()
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    ]


def statements(tree: Tree) -> list[str]:
    """Find statements that are built outside queries and invariants."""
    return [
        source.at(node, f"builds a statement ({what}); write a query in app/queries")
        for source in tree.sources("app")
        if not is_in(source.path, *BUILDS_STATEMENTS)
        for node, what in _statements(source)
    ]


def _statements(source: Source) -> Iterator[tuple[ast.AST, str]]:
    yield from _imports_of(source, _STATEMENTS)
    aliases = _aliases_of_sqlalchemy(source)
    cookie = any(name == "flask.session" for _, name in source.imported())
    for call, receiver, verb in _method_calls(source):
        builds = receiver in aliases and verb in _STATEMENTS
        loads = verb == "get" and _is_session(receiver) and not cookie
        if builds or loads or verb == "query":
            yield call, f"{receiver}.{verb}"


def _method_calls(source: Source) -> Iterator[tuple[ast.Call, str, str]]:
    for call in source.calls():
        if isinstance(call.func, ast.Attribute):
            yield call, _last_name(call.func.value), call.func.attr


def _imports_of(source: Source, wanted: set[str]) -> Iterator[tuple[ast.AST, str]]:
    for node, name in source.imported():
        package, _, what = name.rpartition(".")
        if package.split(".")[0] == "sqlalchemy" and what in wanted:
            yield node, name


def _aliases_of_sqlalchemy(source: Source) -> set[str]:
    return {
        alias.asname or alias.name
        for node in source.nodes
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.name.split(".")[0] == "sqlalchemy"
    }


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return _last_name(node.func)
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_session(receiver: str) -> bool:
    return receiver == "session" or receiver.endswith("_session")


def unguarded(tree: Tree) -> list[str]:
    """Find Core selects on tables, text(), bulk mappings and ORM insert() outside their file."""
    return [
        source.at(node, f"{what} is not seen by the tenancy guard; use app/queries/bulk.py")
        for source in tree.sources("app")
        if not is_in(source.path, *BEHIND_THE_GUARD, *RAW_SQL)
        for node, what in _unguarded(source)
    ]


def _unguarded(source: Source) -> Iterator[tuple[ast.AST, str]]:
    yield from _imports_of(source, _UNSEEN)
    aliases = _aliases_of_sqlalchemy(source)
    for node in source.nodes:
        if not isinstance(node, ast.Attribute):
            continue
        on_alias = _last_name(node.value) in aliases and node.attr in _UNSEEN
        on_table = node.attr == "__table__" and not source.path.startswith("app/models/")
        if on_alias or on_table or node.attr in _BULK:
            yield node, node.attr


def unscoped(tree: Tree) -> list[str]:
    """Find uses of `unscoped(` in places that are not on the list."""
    return [
        source.at(call, "leaves the tenancy guard; add the place to UNSCOPED if that is meant")
        for source in tree.sources("app")
        if not is_in(source.path, *UNSCOPED)
        for call in source.calls()
        if _last_name(call.func) == "unscoped"
    ]
