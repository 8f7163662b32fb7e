"""Rules about migrations: they stand alone, they form one line, they know the way back."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.architecture.tree import Source, Tree

VERSIONS: Final = "migrations/versions"


def heads(tree: Tree) -> list[str]:
    """Return the revisions that no other one builds on; there must be exactly one."""
    revisions = {_assigned(s, "revision") for s in tree.sources(VERSIONS)} - {None}
    parents = {_assigned(source, "down_revision") for source in tree.sources(VERSIONS)}
    return sorted(str(revision) for revision in revisions - parents)


def _assigned(source: Source, name: str) -> object:
    for node in source.tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        value = getattr(node, "value", None)
        named = any(isinstance(target, ast.Name) and target.id == name for target in targets)
        if named and isinstance(value, ast.Constant):
            return value.value
    return None


def knows_the_application(tree: Tree) -> list[str]:
    """Find revisions that import code which will change after them."""
    return [
        source.at(node, f"imports {name}")
        for source in tree.sources(VERSIONS)
        for node, name in source.imported()
        if name.split(".")[0] in {"app", "config", "run", "sandbox"}
    ]


def without_way_back(tree: Tree) -> list[str]:
    """Find revisions whose downgrade does nothing and does not say why ("Nothing: …")."""
    return [
        f"{source.path}:1 has no way back and gives no reason"
        for source in tree.sources(VERSIONS)
        if not any(_acts_or_explains(function) for function in _downgrades(source))
    ]


def _downgrades(source: Source) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (function for function in source.functions() if function.name == "downgrade")


def _acts_or_explains(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    acts = any(not isinstance(node, ast.Pass | ast.Expr) for node in function.body)
    calls = any(isinstance(node, ast.Call) for node in ast.walk(function))
    explained = ast.get_docstring(function) or ""
    return acts or calls or "because" in explained or ": " in explained
