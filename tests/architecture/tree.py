"""A source tree as the rules see it: parsed Python files and texts, below any root.

A rule is a function from a tree to findings ("path:line what is wrong"), so that it runs over the
repository and, in its own test, over a small tree with a planted violation.
"""

from __future__ import annotations

import ast
import subprocess
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parents[2]
SKIPPED: Final = {".git", ".venv", ".cache", "var", "__pycache__", "node_modules"}
CODE: Final = ("app", "sandbox", "config.py", "run.py")


@dataclass(frozen=True)
class Source:
    """One Python file; `path` is relative to the root, with forward slashes."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        return list(ast.walk(self.tree))

    @cached_property
    def module(self) -> str:
        """Return the dotted name: `app/domain/money.py` is `app.domain.money`."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def at(self, node: ast.AST, what: str) -> str:
        return f"{self.path}:{getattr(node, 'lineno', 1)} {what}"

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in self.nodes if isinstance(node, ast.Call))

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        for node in self.nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node

    def imported(self) -> Iterator[tuple[ast.stmt, str]]:
        """Yield every imported dotted name; `from a import b` yields `a.b`."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node, f"{node.module}.{alias.name}") for alias in node.names)


@dataclass(frozen=True)
class Tree:
    """Everything below a root that belongs to the repository."""

    root: Path

    @cached_property
    def files(self) -> list[str]:
        """Return what git tracks or would track; without git, everything that is not skipped."""
        if (self.root / ".git").exists():
            command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
            listed = subprocess.run(
                command, cwd=self.root, capture_output=True, text=True, check=True
            ).stdout.split("\0")
            return sorted(name for name in listed if (self.root / name).is_file())
        found = (path.relative_to(self.root) for path in self.root.rglob("*") if path.is_file())
        return sorted(path.as_posix() for path in found if not SKIPPED & set(path.parts))

    def sources(self, *places: str) -> list[Source]:
        """Return the Python files in these folders (or files); all of them without a place."""
        return [
            self._source(name)
            for name in self.files
            if name.endswith(".py") and (not places or is_in(name, *places))
        ]

    def _source(self, name: str) -> Source:
        return _parsed(self.root / name, name)

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield path and text of every file that is text."""
        for name in self.files:
            try:
                yield name, (self.root / name).read_text(encoding="utf-8")
            except (UnicodeDecodeError, FileNotFoundError):
                continue


@lru_cache(maxsize=4096)
def _parsed(path: Path, name: str) -> Source:
    return Source(name, path.read_text(encoding="utf-8"))


def is_in(name: str, *places: str) -> bool:
    """Say whether the file is one of the places or below one of them."""
    return any(name == place or name.startswith(f"{place.rstrip('/')}/") for place in places)


def plant(root: Path, **files: str) -> Tree:
    """Write files into `root` (`app__domain__x` is `app/domain/x.py`) and return the tree."""
    for name, text in files.items():
        path = root / (name.replace("__", "/") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Tree(root)


REPOSITORY: Final = Tree(ROOT)
