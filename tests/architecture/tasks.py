"""Rules about tasks, read from the code: what is enqueued has a handler and a worker."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tests.architecture.tree import Source, Tree

ENQUEUE: Final = "enqueue"


def unhandled(tree: Tree, kinds: Collection[str]) -> list[str]:
    """Find tasks of a kind that no handler takes, or whose kind cannot be read."""
    return _unknown(tree, "kind", kinds, "has no handler; add it to HANDLERS in app/jobs")


def without_worker(tree: Tree, queues: Collection[str]) -> list[str]:
    """Find tasks in a queue to which no worker listens, or whose queue cannot be read."""
    return _unknown(tree, "queue", queues, "has no worker; add it to QUEUES in config.py")


def enqueued(tree: Tree, argument: str) -> set[str]:
    """Return the values of an argument of all `enqueue` calls."""
    return {value for _, _, value in _values(tree, argument) if value is not None}


def _unknown(tree: Tree, argument: str, known: Collection[str], fault: str) -> list[str]:
    return [
        source.at(call, f"{argument} {value} {fault}")
        if value is not None
        else source.at(call, f"the {argument} cannot be read here; write it as a text")
        for source, call, value in _values(tree, argument)
        if value not in known
    ]


def _values(tree: Tree, argument: str) -> Iterator[tuple[Source, ast.Call, str | None]]:
    for source in tree.sources("app"):
        for call in source.calls():
            given = [each.value for each in call.keywords if each.arg == argument]
            if _name(call.func) == ENQUEUE and given:
                for value in _resolved(tree, source, call, given[0]):
                    yield source, call, value


def _resolved(tree: Tree, source: Source, call: ast.Call, value: ast.expr) -> Iterator[str | None]:
    """Yield the texts that an expression can stand for; None for one that cannot be told."""
    if isinstance(value, ast.Constant):
        yield str(value.value)
    elif isinstance(value, ast.Name):
        function = _around(source, call)
        if function is not None and value.id in _parameters(function):
            yield from _passed(tree, source, function, value.id)
        else:
            yield _constant(tree, source, value.id)
    else:
        yield None


def _passed(
    tree: Tree, source: Source, function: ast.FunctionDef | ast.AsyncFunctionDef, name: str
) -> Iterator[str | None]:
    """Yield what the callers in the same file hand over for a parameter."""
    position = _parameters(function).index(name)
    for call in source.calls():
        if _name(call.func) == function.name:
            named = [each.value for each in call.keywords if each.arg == name]
            placed = call.args[position : position + 1]
            for value in named or placed:
                yield from _resolved(tree, source, call, value)


def _constant(tree: Tree, source: Source, name: str) -> str | None:
    """Return a constant of this file, or of the file from which it is imported."""
    here = _assigned(source, name)
    homes = {dotted.rpartition(".")[0] for _, dotted in source.imported() if _last(dotted) == name}
    there = [_assigned(each, name) for each in tree.sources("app") if each.module in homes]
    return here if here is not None else next(iter(there), None)


def _assigned(source: Source, name: str) -> str | None:
    for node in source.tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if name in map(_name, targets):
                return str(node.value.value)
    return None


def _last(dotted: str) -> str:
    return dotted.rpartition(".")[2]


def _around(source: Source, call: ast.Call) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    holding = (each for each in source.functions() if any(node is call for node in ast.walk(each)))
    return next(holding, None)


def _parameters(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[str]:
    spec = function.args
    return [each.arg for each in (*spec.posonlyargs, *spec.args, *spec.kwonlyargs)]


def _name(node: ast.expr) -> str:
    return getattr(node, "attr", getattr(node, "id", ""))
