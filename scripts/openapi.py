"""The description of the API as a file, so that a change of it is seen, and noted.

`make openapi` writes `docs/api/openapi.json` and prints the digest under which
`docs/api/versions.md` has to tell what changed.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.views.api.spec import document

if TYPE_CHECKING:
    from flask import Flask

FOLDER: Final = Path(__file__).resolve().parent.parent / "docs" / "api"
WRITTEN: Final = FOLDER / "openapi.json"
VERSIONS: Final = FOLDER / "versions.md"


def text(app: Flask) -> str:
    """Return the description of an application's API."""
    return json.dumps(document(app), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def digest(of: str) -> str:
    """Return by what a description is named in the notes."""
    return hashlib.sha256(of.encode()).hexdigest()[:12]


def main() -> None:
    """Write the file."""
    import run  # noqa: PLC0415  # it makes the application, which reads the environment

    found = text(run.app)
    WRITTEN.write_text(found, encoding="utf-8")
    print(f"{WRITTEN.relative_to(FOLDER.parent.parent)}: {digest(found)}")


if __name__ == "__main__":
    main()
