"""Which icons the code and the templates name, read from their trees."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, nodes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.architecture.tree import Tree

SPRITE: Final = "app/static/icons.svg"
MACROS: Final = "app/templates/components/ui.html"
# The macro that draws an icon; what others call one that they are given, and a table of them.
MACRO: Final = "icon"
HANDED_ON: Final = "symbol"
TABLE: Final = "icons"


def in_sprite(tree: Tree) -> list[str]:
    """Return the names of the sprite, in its order."""
    return re.findall(r'<symbol id="([\w-]+)"', (tree.root / SPRITE).read_text(encoding="utf-8"))


def named(tree: Tree) -> dict[str, str]:
    """Return each icon that is named as a constant → the place that names it."""
    return dict([*_in_code(tree), *_in_templates(tree)])


def _in_code(tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield what is given to the field `icon` of any dataclass of ours."""
    places = dict(_with_icons(tree))
    for source in tree.sources("app"):
        for call in source.calls():
            if isinstance(call.func, ast.Name) and call.func.id in places:
                for value in _given(call, places[call.func.id]):
                    yield from ((name, source.at(call, "")) for name in _texts(value))


def _with_icons(tree: Tree) -> Iterator[tuple[str, int]]:
    """Yield each class with such a field, and the field's place among its arguments."""
    for source in tree.sources("app"):
        for node in source.nodes:
            if isinstance(node, ast.ClassDef) and "icon" in (fields := list(_fields(node))):
                yield node.name, fields.index("icon")


def _given(call: ast.Call, place: int) -> list[ast.expr]:
    return call.args[place:][:1] + [each.value for each in call.keywords if each.arg == "icon"]


def _fields(node: ast.ClassDef) -> Iterator[str]:
    for each in node.body:
        if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name):
            yield each.target.id


def _texts(value: ast.expr) -> list[str]:
    """Return the texts that an expression may be; what a condition compares is none of them."""
    if isinstance(value, ast.IfExp):
        return _texts(value.body) + _texts(value.orelse)
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return [value.value]
    return []


def _in_templates(tree: Tree) -> Iterator[tuple[str, str]]:
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    texts = {name: text for name, text in tree.texts() if name.startswith("app/templates/")}
    places = {MACRO: 0}
    for macro in environment.parse(texts[MACROS]).find_all(nodes.Macro):
        names = [argument.name for argument in macro.args]
        if HANDED_ON in names:
            places[macro.name] = names.index(HANDED_ON)
            defaults = dict(zip(reversed(names), reversed(macro.defaults), strict=False))
            yield from ((name, MACROS) for name in _constants(defaults.get(HANDED_ON)))
    for name, text in texts.items():
        template = environment.parse(text)
        for value in (*_in_tables(template), *_in_calls(template, places)):
            yield from ((icon, f"{name}:{value.lineno}") for icon in _constants(value))


def _in_tables(template: nodes.Template) -> Iterator[nodes.Expr]:
    for table in template.find_all(nodes.Assign):
        if getattr(table.target, "name", "") == TABLE and isinstance(table.node, nodes.Dict):
            yield from (pair.value for pair in table.node.items)


def _in_calls(template: nodes.Template, places: dict[str, int]) -> Iterator[nodes.Expr]:
    for call in template.find_all(nodes.Call):
        called = getattr(call.node, "attr", None) or getattr(call.node, "name", None)
        if called in places:
            yield from call.args[places[called] :][:1]
            yield from (each.value for each in call.kwargs if each.key == HANDED_ON)


def _constants(node: nodes.Node | None) -> list[str]:
    if isinstance(node, nodes.CondExpr):
        return _constants(node.expr1) + _constants(node.expr2)
    if isinstance(node, nodes.Call):
        # `names.get(tone, "info-circle")`: the last argument is what is shown else.
        return _constants(node.args[-1]) if node.args else []
    return [node.value] if isinstance(node, nodes.Const) and node.value else []
