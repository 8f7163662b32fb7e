"""Rules about words in any file that is kept: no leftovers, no machine, no index, no secret."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tests.architecture.tree import Tree, is_in

if TYPE_CHECKING:
    from collections.abc import Iterator

# Written with a class in each, so that this file does not find itself.
LEFTOVERS: Final = re.compile(r"\b(TOD[O]|FIXM[E]|HAC[K])\b(?! [\"'])")
MACHINE: Final = re.compile(
    r"(?<![\w.])/(wor[k]|hom[e]/[a-z]\w*|User[s]/\w+|tm[p]/brief|op[t]/pypi|op[t]/wheels)\b"
)
INDEX: Final = re.compile(
    r"pypi\.or[g]/simple|pythonhoste[d]\.org/packages|--(extra-)?inde[x]-url|--find-link[s]\b"
)
TICKET: Final = re.compile(r"\b[Ii]ssu[e] #?\d+\b|(?<![\w&#/])#[1-9]\d{0,3}\b(?![\w%-])")
SECRETS: Final = re.compile(
    r"-----BEGIN (?:[A-Z]+ )?PRIVAT[E] KEY-----"
    r"|\bAKI[A][0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36,}\b"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bsk_liv[e]_[A-Za-z0-9]{16,}\b"
    r"|\bAIz[a][0-9A-Za-z_-]{35}\b"
    r"|\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}\b"
)

# Others' files, kept byte for byte, and data.
FOREIGN: Final = ("app/static/vendor", "tests/vendor", "LICENSE", "docs/proof")
_COLOURS: Final = (".css", ".svg", ".html", ".js", ".csv", ".json")
_REQUIREMENTS: Final = re.compile(r"(^|/)[\w-]*requirements[\w-]*\.txt$")


def _lines(tree: Tree, rule: re.Pattern[str]) -> Iterator[tuple[str, str]]:
    for name, text in tree.texts():
        if is_in(name, *FOREIGN):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            found = rule.search(line)
            if found:
                yield name, f"{name}:{number} {found.group(0)}"


def leftovers(tree: Tree) -> list[str]:
    """Find notes of work that is not done."""
    return [place for name, place in _lines(tree, LEFTOVERS) if name.endswith((".py", ".sh"))]


def machine_paths(tree: Tree) -> list[str]:
    """Find folders of one particular machine."""
    return [place for _, place in _lines(tree, MACHINE)]


def index_hosts(tree: Tree) -> list[str]:
    """Find the address of a package index, or an option that gives one, where pins are kept."""
    return [place for name, place in _lines(tree, INDEX) if name.endswith((".txt", ".in", ".toml"))]


def tickets(tree: Tree) -> list[str]:
    """Find numbers of a ticket: the reason belongs into the text."""
    return [
        place
        for name, place in _lines(tree, TICKET)
        if not name.endswith(_COLOURS) and not is_in(name, "app/static")
    ]


def unhashed(tree: Tree) -> list[str]:
    """Find pinned requirements that carry no hash."""
    found = []
    for name, text in tree.texts():
        if not _REQUIREMENTS.search(name):
            continue
        joined = text.replace("\\\n", " ").splitlines()
        pins = (line for line in joined if line.strip() and not line.lstrip().startswith("#"))
        found += [f"{name} {pin.split()[0]} has no hash" for pin in pins if "--hash=" not in pin]
    return found


def secrets(tree: Tree) -> list[str]:
    """Find what looks like a real key; the place only, never the key."""
    return [place.split()[0] for _, place in _lines(tree, SECRETS)]
