"""Rules about what code may use: no float near money, no clock, no door beside the doors."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from tests.architecture.tree import CODE, Source, Tree, is_in

if TYPE_CHECKING:
    from collections.abc import Iterator

NEAR_MONEY: Final = ("app/models", "app/domain", "app/services")
INEXACT_COLUMNS: Final = {"Float", "Double", "REAL", "Numeric", "DECIMAL", "FLOAT", "DOUBLE"}

# The sandbox is another company's process with a clock of its own.
READS_THE_CLOCK: Final = ("app/adapters/clock.py", "sandbox/clock.py")
_CLOCK: Final = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}

SPEAKS_HTTP: Final = ("app/adapters/http.py", "app/providers/http.py")
_HTTP: Final = {"httpx", "requests", "urllib3", "http.client", "urllib.request"}

KNOWS_FLASK_APP: Final = (
    "app/views",
    "app/cli",
    "app/security",
    "app/factory.py",
    "app/queries/interface.py",
)
IMPORTS_FACTORY: Final = ("run.py", "tests", "benchmarks")

# Loaded by path or by name, not by an import.
ENTRY_POINTS: Final = {
    "run.py": "the program",
    "sandbox/__main__.py": "python -m sandbox",
    "app/cli/gunicorn_settings.py": "gunicorn loads it by path",
    "migrations/env.py": "Alembic loads it by path",
}


def inexact(tree: Tree) -> list[str]:
    """Find floats near money: the call, the column type, and in domain a literal or a `/`."""
    return [
        source.at(node, f"{what} is inexact; amounts are integers in minor units")
        for source in tree.sources(*NEAR_MONEY)
        for node, what in _inexact(source)
    ]


def _inexact(source: Source) -> Iterator[tuple[ast.AST, str]]:
    for stmt, name in source.imported():
        if name.startswith("sqlalchemy") and name.rpartition(".")[2] in INEXACT_COLUMNS:
            yield stmt, name
    yield from ((call, "float()") for call in source.calls() if _name(call.func) == "float")
    if is_in(source.path, "app/domain"):
        yield from ((node, what) for node in source.nodes if (what := _inexact_syntax(node)))


def _inexact_syntax(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, float):
        return repr(node.value)
    divides = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
    return "/" if divides else ""


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def clocks(tree: Tree) -> list[str]:
    """Find reads of the clock outside its adapter."""
    return [
        source.at(call, f"{call.func.attr}() reads the clock; take `now` as an argument")
        for source in tree.sources(*CODE)
        if not is_in(source.path, *READS_THE_CLOCK)
        for call in source.calls()
        if isinstance(call.func, ast.Attribute)
        if (_owner(call.func.value), call.func.attr) in _CLOCK
    ]


def _owner(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else _name(node)


def http(tree: Tree) -> list[str]:
    """Find HTTP clients outside the two modules that check addresses and set timeouts."""
    return [
        source.at(node, f"imports {name}; go through app/adapters/http.py")
        for source in tree.sources("app")
        if not is_in(source.path, *SPEAKS_HTTP)
        for node, name in source.imported()
        if any(name == door or name.startswith(f"{door}.") for door in _HTTP)
    ]


def flask_app(tree: Tree) -> list[str]:
    """Find `flask.current_app` below the screens."""
    return [
        source.at(node, "knows the Flask application; take what you need as an argument")
        for source in tree.sources("app")
        if not is_in(source.path, *KNOWS_FLASK_APP)
        for node, name in source.imported()
        if name == "flask.current_app"
    ]


def factory(tree: Tree) -> list[str]:
    """Find imports of the composition root by anything but the program and the tests."""
    return [
        source.at(node, "imports the factory; only run.py may")
        for source in tree.sources()
        if not is_in(source.path, *IMPORTS_FACTORY)
        for node, name in source.imported()
        if name == "app.factory" or name.startswith("app.factory.")
    ]


def orphans(tree: Tree) -> list[str]:
    """Find files of the application that nothing imports or names."""
    places = [name for name in (*CODE, "migrations") if name != "sandbox"]
    readers = [*tree.sources(*places), *tree.sources("sandbox")]
    named = {name for reader in readers for name in _named(reader)}
    return [
        f"{source.path}:1 is imported by nothing"
        for source in tree.sources("app", "sandbox", "config.py")
        if source.path not in ENTRY_POINTS and not source.path.endswith("__init__.py")
        if source.module not in named
    ]


def _named(reader: Source) -> Iterator[str]:
    """Yield the dotted names that a file imports or spells, and what they are part of."""
    for name in (*(name for _, name in reader.imported()), *_spelled(reader)):
        parts = name.replace(":", ".").split(".")
        whole = (".".join(parts[: length + 1]) for length in range(len(parts)))
        yield from (part for part in whole if part != reader.module)


def _spelled(reader: Source) -> Iterator[str]:
    for node in reader.nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " not in node.value:
            yield node.value
