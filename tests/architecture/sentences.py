"""Rules about what is said to people: every sentence can be collected and said in another language.

Catalogues are filled from literals, so whatever is put together at run time stays English.
"""

from __future__ import annotations

import ast
import re
import string
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

from tests.architecture.tree import Source, Tree, is_in

if TYPE_CHECKING:
    from collections.abc import Iterator

COLLECTED: Final = {"said": 1, "gettext": 1, "lazy_gettext": 1, "ngettext": 2, "lazy_ngettext": 2}
"""Function → how many of its arguments, from the first, are sentences."""

# They translate what others said.
TRANSLATES: Final = ("app/errors.py", "app/views/locales.py", "app/views/recalled.py")

ONLY_FOR_OPERATORS: Final = (
    "app/cli",
    "app/jobs/queues.py",
    "app/services/demo.py",
    "app/services/demo_people.py",
    "app/services/demo_stage.py",
    "app/services/health.py",
    "app/providers/sandbox/mapping.py",
)
"""Where errors go to a console, a probe or a log, never to a screen: these stay English."""

_NOT_SHOWN: Final = {"ConfigurationError"}
_SAYS: Final = {"flash", "abort"}
_TEMPLATES: Final = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_SPOKEN: Final = {"title", "alt", "placeholder", "aria-label", "label"}
_SILENT: Final = {"script", "style", "code", "kbd"}
_ATTRIBUTE: Final = re.compile(r'[\w-]+="[^"]*"')

# Names and units that are the same in every language.
SAME_EVERYWHERE: Final = {"PayAgency", "UTC", "CSV", "JSON", "ID", "API"}

_SCRIPT_TEXT: Final = re.compile(
    r"""//[^\n]*|/\*.*?\*/|(?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)""",
    re.DOTALL,
)
_SHOWS: Final = re.compile(r"(\.textContent|\.title|\.placeholder|\.innerText|\.ariaLabel)\s*\+?=$")
_SELECTS: Final = re.compile(r"(querySelector|querySelectorAll|closest|matches|matchMedia)\($")
_HIDDEN: Final = re.compile(r"(new Error|console\.\w+)\($")
_PHRASE: Final = re.compile(r"[A-Za-z]{2,}[,;:]? +[A-Za-z]{2,}")


def not_literal(tree: Tree) -> list[str]:
    """Find sentences that are put together: nobody can collect them."""
    return [
        source.at(call, f"{name}() takes a sentence that is written out")
        for source in tree.sources("app")
        if not is_in(source.path, *TRANSLATES)
        for name, call in _saying(source)
        if not all(isinstance(each, ast.Constant) for each in call.args[: COLLECTED[name]])
    ]


def wrong_values(tree: Tree) -> list[str]:
    """Find sentences whose {names} are not the values that they are given."""
    return [
        source.at(call, f"said() {fault}")
        for source in tree.sources("app")
        for name, call in _saying(source)
        if name == "said" and (fault := _fault(call))
    ]


def _fault(call: ast.Call) -> str:
    template = call.args[0] if call.args else None
    given = {keyword.arg for keyword in call.keywords}
    # Sentences of other functions, and values that are handed on whole, are not judged.
    if not isinstance(template, ast.Constant) or None in given:
        return ""
    asked = fields(str(template.value))
    return "" if asked == given else f"names {sorted(asked)} and is given {sorted(map(str, given))}"


def fields(template: str) -> set[str]:
    """Return the {names} in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def unsaid(tree: Tree) -> list[str]:
    """Find errors and messages whose sentence stays English: a bare text with words in it."""
    return [
        source.at(argument, "is shown to people: use said() below the screens, gettext() in them")
        for source in tree.sources("app")
        if not is_in(source.path, *ONLY_FOR_OPERATORS)
        for call in source.calls()
        if _name(call).endswith("Error") or _name(call) in _SAYS
        if _is_ours(_name(call), tree)
        for argument in call.args
        if _is_phrase(argument)
    ]


def _is_ours(name: str, tree: Tree) -> bool:
    return name in _SAYS or (name in _errors(tree) and name not in _NOT_SHOWN)


def _errors(tree: Tree) -> set[str]:
    """Return the names of our errors: those that descend from PayAgencyError."""
    found, grown = {"PayAgencyError"}, True
    classes = [
        (node.name, {ast.unparse(base).rpartition(".")[2] for base in node.bases})
        for source in tree.sources("app")
        for node in source.nodes
        if isinstance(node, ast.ClassDef)
    ]
    while grown:
        new = {name for name, bases in classes if bases & found} - found
        found |= new
        grown = bool(new)
    return found


def _saying(source: Source) -> Iterator[tuple[str, ast.Call]]:
    for call in source.calls():
        if _name(call) in COLLECTED:
            yield _name(call), call


def _name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""


def _is_phrase(node: ast.expr) -> bool:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    texts = [
        part.value
        for part in parts
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]
    return any(" " in text and _WORD.search(text) for text in texts)


def bare_text(tree: Tree) -> list[str]:
    """Find words in templates outside `_()`: as text, or in an attribute that is read."""
    return [
        f"{name}: {found!r} cannot be translated"
        for name, text in tree.texts()
        if name.startswith("app/templates/") and name.endswith(".html")
        for found in _Spoken.of(text)
        if set(_WORD.findall(found)) - SAME_EVERYWHERE
    ]


class _Spoken(HTMLParser):
    """Collects what a template itself says."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    @classmethod
    def of(cls, text: str) -> list[str]:
        parser = cls()
        parser.feed(_TEMPLATES.sub("\N{OBJECT REPLACEMENT CHARACTER}", text))
        parser.close()
        return [each.strip() for each in parser.found]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        self.found += [value for name, value in attrs if name in _SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in _SILENT

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            # A macro may hold attributes only, outside any tag.
            self.found.append(_ATTRIBUTE.sub("", data))


def script_sentences(tree: Tree) -> list[str]:
    """Find sentences in scripts: they come with the page, in `data-…` or a `<template>`.

    Two words in a row are a sentence, and any word that is put where people read it. Selectors and
    what goes to the console are none.
    """
    return [
        f"{name}: {found} is said by a script"
        for name, text in tree.texts()
        if name.startswith("app/static/js/") and name.endswith(".js")
        for found in _spoken_by(text)
    ]


def _spoken_by(script: str) -> Iterator[str]:
    for match in _SCRIPT_TEXT.finditer(script):
        text = match["text"]
        before = script[: match.start()].rstrip()
        if text is None or _SELECTS.search(before) or _HIDDEN.search(before):
            continue
        said = re.sub(r"\$\{[^}]*\}", "", text[1:-1])
        if said == "use strict":
            continue
        if _PHRASE.search(said) or (_SHOWS.search(before) and _WORD.search(said)):
            yield text
