"""Copy the packages' files that pages use into the repository, with licences, hashes and versions.

`make vendor` runs this after `npm ci`. The same packages always give the same files.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import brotli

if TYPE_CHECKING:
    from collections.abc import Callable

HERE: Final = Path(__file__).resolve().parent
ROOT: Final = HERE.parents[1]
PACKAGES: Final = HERE / "node_modules"
STATIC: Final = ROOT / "app" / "static" / "vendor"
TESTS: Final = ROOT / "tests" / "vendor"
COMPRESSED_FROM: Final = 20 * 1024
SPRITE: Final = "../icons.svg"
FIGURE_STYLE: Final = "plotly.css"

TWINS: Final[dict[str, Callable[[bytes], bytes]]] = {
    ".gz": lambda content: gzip.compress(content, compresslevel=9, mtime=0),
    ".br": lambda content: bytes(brotli.compress(content, quality=11, lgwin=24)),
}
"""How the packed twins of a large file are made; a browser takes the smallest that it knows."""


@dataclass(frozen=True)
class Package:
    """An npm package: where its files go, and which they are (path in the package → our name)."""

    name: str
    target: Path
    files: dict[str, str]
    licences: tuple[str, ...] = ("LICENSE",)

    @property
    def folder(self) -> Path:
        return PACKAGES / self.name


WANTED: Final = (
    Package("bootstrap", STATIC, {"dist/css/bootstrap.min.css": "bootstrap.min.css"}),
    Package("bootstrap-icons", STATIC, {}),
    Package(
        "@fontsource-variable/inter",
        STATIC,
        {"files/inter-latin-wght-normal.woff2": "inter.woff2"},
    ),
    Package(
        "@fontsource-variable/noto-sans-devanagari",
        STATIC,
        {"files/noto-sans-devanagari-devanagari-wght-normal.woff2": ("noto-sans-devanagari.woff2")},
    ),
    Package("plotly.js-basic-dist-min", STATIC, {"plotly-basic.min.js": "plotly-basic.min.js"}),
    Package(
        "swagger-ui-dist",
        STATIC,
        {
            "swagger-ui-bundle.js": "swagger-ui-bundle.js",
            "swagger-ui.css": "swagger-ui.css",
            "NOTICE": "swagger-ui-dist.NOTICE.txt",
        },
        ("LICENSE", "swagger-ui-bundle.js.LICENSE.txt"),
    ),
    Package(
        "tom-select",
        STATIC,
        {
            "dist/js/tom-select.base.min.js": "tom-select.base.min.js",
            "dist/css/tom-select.min.css": "tom-select.min.css",
        },
    ),
    Package(
        "axe-core",
        TESTS,
        {"axe.min.js": "axe.min.js"},
        ("LICENSE", "LICENSE-3RD-PARTY.txt"),
    ),
)


def sprite(names: list[str], icons: Path) -> bytes:
    """Build one SVG file with a symbol for each name, in the order of the alphabet."""
    symbols = []
    for name in sorted(set(names)):
        drawing = (icons / f"{name}.svg").read_text(encoding="utf-8")
        shapes = re.sub(r"\s*\n\s*", "", drawing.partition(">")[2].removesuffix("</svg>"))
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 16 16" fill="currentColor">{shapes}</symbol>'
        )
    body = "\n".join(symbols)
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{body}\n</svg>\n'.encode()


def figure_style(script: str) -> bytes:
    """Take the style rules out of Plotly's script, which would else write them into the page.

    Each rule is inserted before the one that came earlier, so the last one stands first.
    """
    table = re.search(r'=\{("X,X div":.*?)\};for\(', script, re.DOTALL)
    if table is None:
        message = "Plotly keeps its style rules in another place than this script knows."
        raise SystemExit(message)
    literal = r"""(?:"([^"]*)"|'([^']*)')"""
    rules = re.findall(rf"(?:{literal}|(\w+)):{literal}", table.group(1))
    lines = []
    for double, single, bare, first, second in reversed(rules):
        selector = (double or single or bare).replace("X", ".js-plotly-plot .plotly")
        lines.append(f"{selector.replace('Y', '.plotly-notifier')}{{{first or second}}}")
    return ("\n".join(lines) + "\n").encode()


def entry(package: Package, content: bytes, lock: dict[str, dict[str, str]]) -> dict[str, str]:
    """Say where a file comes from and which hash it has."""
    facts = lock[f"node_modules/{package.name}"]
    return {
        "package": package.name,
        "version": facts["version"],
        "license": facts["license"],
        "sha256": hashlib.sha256(content).hexdigest(),
        "package_integrity": facts["integrity"],
    }


def contents(package: Package) -> dict[str, bytes]:
    """Return every file of a package that is kept, by its name below the target."""
    kept = {ours: (package.folder / theirs).read_bytes() for theirs, ours in package.files.items()}
    if package.name == "bootstrap-icons":
        names = (HERE / "icons.txt").read_text(encoding="utf-8").split()
        kept[SPRITE] = sprite(names, package.folder / "icons")
    if package.name == "plotly.js-basic-dist-min":
        kept[FIGURE_STYLE] = figure_style(kept["plotly-basic.min.js"].decode())
    for licence in package.licences:
        stem, _, ending = licence.partition(".")
        name = f"{package.name.replace('/', '-').lstrip('@')}.{stem}.{ending or 'txt'}"
        kept[name] = (package.folder / licence).read_bytes()
    return kept


def is_packed(name: str, content: bytes) -> bool:
    """Say whether a file is kept compressed too; a font is compressed already."""
    return len(content) > COMPRESSED_FROM and not name.endswith(".woff2")


def keep(path: Path, content: bytes) -> None:
    """Write a file and, where pages load it and it is large, its packed twins."""
    path.write_bytes(content)
    if TESTS not in path.parents and is_packed(path.name, content):
        for ending, pack in TWINS.items():
            path.with_name(path.name + ending).write_bytes(pack(content))


def fill(target: Path, lock: dict[str, dict[str, str]]) -> None:
    """Write the files of a folder, and remove what is no longer wanted there."""
    target.mkdir(exist_ok=True)
    for old in target.iterdir():
        old.unlink()
    entries = {}
    for package in (package for package in WANTED if package.target == target):
        for name, content in contents(package).items():
            keep((target / name).resolve(), content)
            entries[name] = entry(package, content, lock)
    text = json.dumps(entries, indent=2, sort_keys=True) + "\n"
    (target / "VERSIONS.json").write_text(text, encoding="utf-8")
    print(f"{target.relative_to(ROOT)}: {len(entries)} files")


def main() -> None:
    """Fill every folder."""
    lock = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    for target in sorted({package.target for package in WANTED}):
        fill(target, lock)


if __name__ == "__main__":
    main()
