"""A new connector touches its folder, one registry line and one contract line."""

from __future__ import annotations

import tomllib
from pathlib import PurePosixPath
from typing import Final

from tests.architecture.tree import Tree, is_in

HOUSE: Final = "app/providers"
# What a connector may know of the application, beside itself and the contract: the modules that
# stand directly in app/providers, except the registry.
MAY_IMPORT: Final = ("app/domain", "app/errors")


def folders(tree: Tree) -> list[str]:
    """Return the connectors: the folders with code below app/providers."""
    parts = (PurePosixPath(source.path).parts for source in tree.sources(HOUSE))
    return sorted({part[2] for part in parts if len(part) > 3})


def not_isolated(tree: Tree) -> list[str]:
    """Find connectors that import more of the application than the contract and the domain."""
    contract = (source.path.removesuffix(".py") for source in tree.sources(HOUSE))
    house = {path for path in contract if path.count("/") == 2} - {f"{HOUSE}/registry"}
    allowed = (*MAY_IMPORT, *house)
    return [
        source.at(node, f"imports {imported}")
        for name in folders(tree)
        for source in tree.sources(f"{HOUSE}/{name}")
        for node, imported in source.imported()
        if imported.split(".")[0] in {"app", "config", "sandbox", "run"}
        if not is_in(imported.replace(".", "/"), *allowed, f"{HOUSE}/{name}")
    ]


def known_outside(tree: Tree) -> list[str]:
    """Find files other than the registry that import a connector by name."""
    return [
        source.at(node, f"imports {imported}; ask app.providers.registry")
        for name in folders(tree)
        for source in tree.sources("app", "config.py", "run.py")
        if not is_in(source.path, f"{HOUSE}/{name}", f"{HOUSE}/registry.py")
        for node, imported in source.imported()
        if is_in(imported.replace(".", "/"), f"{HOUSE}/{name}")
    ]


def under_contract(tree: Tree) -> list[str]:
    """Return the connectors that import-linter keeps apart."""
    settings = tomllib.loads((tree.root / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    modules = next(c["modules"] for c in contracts if c["type"] == "independence")
    return sorted(module.removeprefix("app.providers.") for module in modules)
