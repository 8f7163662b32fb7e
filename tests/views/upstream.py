"""Flask-AppBuilder's templates: which of them ours take the place of, and what they were then."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import flask_appbuilder

from tests.architecture.tree import ROOT

OURS: Final = ROOT / "app" / "templates"
THEIRS: Final = Path(flask_appbuilder.__file__).parent / "templates"
WRITTEN: Final = Path(__file__).with_name("upstream_templates.json")


@dataclass(frozen=True, slots=True)
class Upstream:
    """`shadowed`: the SHA-256 of each file when ours was written; the others are never rendered."""

    shadowed: dict[str, str]
    never_rendered: list[str]


def written() -> Upstream:
    """Return what has been written down."""
    return Upstream(**json.loads(WRITTEN.read_text(encoding="utf-8")))


def installed() -> Upstream:
    """Return what is true of the installed release and of our own files."""
    names = [str(each.relative_to(THEIRS)) for each in sorted(THEIRS.rglob("*.html"))]
    shadowed = [name for name in names if (OURS / name).exists()]
    return Upstream(
        {name: hashlib.sha256((THEIRS / name).read_bytes()).hexdigest() for name in shadowed},
        [name for name in names if name not in shadowed],
    )


def shadows() -> set[str]:
    """Return our files that stand where Flask-AppBuilder looks first."""
    return {str(each.relative_to(OURS)) for each in (OURS / "appbuilder").rglob("*.html")}
