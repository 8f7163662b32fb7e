"""The budgets: hard ones as rules, the others as figures that are printed."""

from __future__ import annotations

import io
import re
import tokenize
from statistics import median
from typing import TYPE_CHECKING, Final

from radon.complexity import cc_visit_ast

from tests.architecture.tree import CODE, Source, Tree

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

FILE_LINES: Final = 400
FUNCTION_LINES: Final = 60
COMPLEXITY: Final = 10
LINES_PER_EXCEPTION: Final = 1_000

# Revisions are written once and never read as a story: only they may be long.
LONG_FUNCTIONS: Final = "migrations/versions/"

_EXCEPTION: Final = re.compile(r"#\s*(type:\s*ignore|noqa)\b(?P<codes>[^#]*)(?P<reason>#.*)?")


def long_files(tree: Tree) -> list[str]:
    """Find files above the budget."""
    counted = ((source.path, source.text.count("\n")) for source in tree.sources())
    return [f"{path}:1 has {lines} lines" for path, lines in counted if lines > FILE_LINES]


def _length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def long_functions(tree: Tree) -> list[str]:
    """Find functions above the budget."""
    return [
        source.at(function, f"{function.name} has {_length(function)} lines")
        for source in tree.sources()
        if not source.path.startswith(LONG_FUNCTIONS)
        for function in source.functions()
        if _length(function) > FUNCTION_LINES
    ]


def without_return_type(tree: Tree) -> list[str]:
    """Find functions that do not say what they return."""
    return [
        source.at(function, f"{function.name} does not say what it returns")
        for source in tree.sources()
        for function in source.functions()
        if function.returns is None
    ]


def complex_functions(tree: Tree) -> list[str]:
    """Find functions with too many ways through them, by radon, which counts `and` and `or` too."""
    return [
        f"{source.path}:{block.lineno} {block.name} has complexity {block.complexity}"
        for source in tree.sources()
        for block in cc_visit_ast(source.tree, no_assert=True)
        if block.letter in {"F", "M"} and block.complexity > COMPLEXITY
    ]


def _comments(source: Source) -> Iterator[tokenize.TokenInfo]:
    readline = io.StringIO(source.text).readline
    return (t for t in tokenize.generate_tokens(readline) if t.type == tokenize.COMMENT)


def exceptions(tree: Tree) -> list[tuple[str, bool]]:
    """Return each exception from the tools with whether it names its rule and its reason."""
    return [
        (f"{source.path}:{comment.start[0]}", bool(re.search(r"[A-Za-z]", found["reason"] or "")))
        for source in tree.sources()
        for comment in _comments(source)
        for found in _EXCEPTION.finditer(comment.string)
    ]


def exceptions_without_reason(tree: Tree) -> list[str]:
    """Find exceptions that nothing explains: the reason is a comment behind them."""
    return [f"{place} gives no reason" for place, reasoned in exceptions(tree) if not reasoned]


def too_many_exceptions(tree: Tree) -> list[str]:
    """Find that there is more than one exception per 1,000 lines."""
    allowed = max(1, sum(s.text.count("\n") for s in tree.sources()) // LINES_PER_EXCEPTION)
    found = [place for place, _ in exceptions(tree)]
    return [f"{len(found)} exceptions, {allowed} allowed: {found}"] if len(found) > allowed else []


def _at_share(values: list[int], per_cent: int) -> int:
    ordered = sorted(values) or [0]
    return ordered[min(len(ordered) - 1, len(ordered) * per_cent // 100)]


def figures(tree: Tree) -> dict[str, int]:
    """Return the figures that are reported, not enforced."""
    code = tree.sources(*CODE)
    tests = tree.sources("tests")
    lines = [source.text.count("\n") for source in code if source.text]
    functions = [_length(function) for source in code for function in source.functions()]
    imports = [len(list(source.imported())) for source in code if source.text]
    return {
        "files": len(lines),
        "lines": sum(lines),
        "file median (<= 90)": int(median(lines or [0])),
        "file p90 (<= 250)": _at_share(lines, 90),
        "function median": int(median(functions or [0])),
        "function p90 (<= 30)": _at_share(functions, 90),
        "imported names p90": _at_share(imports, 90),
        "tests, % of code": sum(s.text.count("\n") for s in tests) * 100 // max(1, sum(lines)),
    }
