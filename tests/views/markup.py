"""Rules about a page's HTML that need no browser; `faults` names what breaks one."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    Attributes = dict[str, str]

# What Bootstrap 3 had and 5.3 has not, or means otherwise.
OLD_CLASSES: Final = re.compile(
    r"panel(-(default|primary|success|info|warning|danger|heading|title|body|footer|group|collapse))?"
    r"|label(-\w+)?|btn-(default|xs)|col-xs-\d+|form-(group|horizontal|inline)|help-block"
    r"|has-(error|success|warning|feedback)|control-label|checkbox(-inline)?|radio(-inline)?"
    r"|input-(sm|lg|group-(addon|btn))|sr-only(-focusable)?|hidden(-\w+)?|visible-\w+"
    r"|pull-(left|right)|text-(left|right)|table-condensed|well(-\w+)?|jumbotron|thumbnail"
    r"|img-(responsive|rounded|circle)|glyphicon(-[\w-]+)?|fa(-[\w-]+)?|caret|center-block"
    r"|navbar-(default|inverse|right|left|btn|form|header|fixed-\w+)|list-inline|dl-horizontal"
    r"|page-header|pager|in|alert-dismissable|select2.*"
)
OLD_ATTRIBUTES: Final = frozenset(
    {"data-toggle", "data-target", "data-dismiss", "data-parent", "data-placement", "data-ride"}
)
DATA_SCRIPTS: Final = frozenset({"application/json", "importmap", "speculationrules"})
# What shows that a text was not filled in, or was shown as a program writes it.
LEFT_OVER: Final = re.compile(
    r"%\(\w+\)[sd]|\{\{|\}\}|\{\w+\}|<\w[\w.]* object at 0x|^(None|Undefined|True|False|nan)$"
    r"|(Lazy|lazy)String|\b[Dd]ecimal\('|datetime\.datetime\("
)
VOID: Final = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
VERBATIM: Final = frozenset({"pre", "code", "textarea", "script", "style", "template", "samp"})
UNNAMED: Final = frozenset({"hidden", "submit", "button", "image", "reset"})
REFERS: Final = ("for", "aria-describedby", "aria-labelledby", "aria-controls", "list", "form")


def faults(html: str) -> list[str]:
    """Return what is wrong with a page, a line each; nothing when all is well."""
    page = _Page()
    page.feed(html)
    page.close()
    return sorted({*page.found, *page.as_a_whole()})


@dataclass
class _Form:
    posts: bool
    tokens: int = 0


@dataclass(eq=False)
class _Page(HTMLParser):
    found: list[str] = field(default_factory=list)
    stack: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    ids: Counter[str] = field(default_factory=Counter)
    pointed: set[tuple[str, str]] = field(default_factory=set)
    controls: list[tuple[str, str]] = field(default_factory=list)
    labelled: set[str] = field(default_factory=set)
    title: str = ""
    form: _Form | None = None
    card_tables: list[bool] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    # What the parser tells

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self._look_at(tag, values)
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._look_at(tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        if tag in self.stack:
            while self.stack.pop() != tag:
                pass
        if tag == "form" and self.form is not None:
            if self.form.posts and self.form.tokens != 1:
                self.found.append(f"a form that posts has {self.form.tokens} tokens")
            self.form = None
        if tag == "table":
            self.card_tables.pop()

    def handle_data(self, data: str) -> None:
        text = data.strip()
        if self.stack[-1:] == ["title"] and "svg" not in self.stack:
            self.title += text
        if not VERBATIM & set(self.stack) and LEFT_OVER.search(text):
            self.found.append(f"text was not filled in: {text[:60]}")

    # One element

    def _look_at(self, tag: str, values: Attributes) -> None:
        self._names(tag, values)
        self._style(tag, values)
        self._points(values)
        look: Callable[[Attributes], None] | None = getattr(self, f"_see_{tag}", None)
        if look is not None:
            look(values)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def _names(self, tag: str, values: Attributes) -> None:
        for name in values.get("class", "").split():
            if OLD_CLASSES.fullmatch(name):
                self.found.append(f"class {name} on <{tag}>")
        self.found += [f"{name} on <{tag}>" for name in OLD_ATTRIBUTES & values.keys()]
        if "id" in values:
            self.ids[values["id"]] += 1

    def _style(self, tag: str, values: Attributes) -> None:
        inline = [name for name in values if name == "style" or name.startswith("on")]
        self.found += [f"{name}= on <{tag}>" for name in inline]
        for name in ("href", "src", "action"):
            if re.match(r"\s*javascript:", values.get(name, ""), re.IGNORECASE):
                self.found.append(f"javascript: on <{tag}>")
        loads = tag in {"script", "link", "img", "iframe", "source", "embed", "object"}
        address = values.get("src", "") or values.get("href", "")
        if loads and re.match("(https?:)?//", address):
            self.found.append(f"<{tag}> loads {address}")

    def _points(self, values: Attributes) -> None:
        for name in REFERS:
            self.pointed.update((name, target) for target in values.get(name, "").split())
        if re.fullmatch(r"#.+", values.get("href", "")):
            self.pointed.add(("href", values["href"][1:]))
        if values.get("for"):
            self.labelled.add(values["for"])

    def _see_html(self, values: Attributes) -> None:
        if not re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", values.get("lang", "")):
            self.found.append(f"the page's language is {values.get('lang')!r}")

    def _see_script(self, values: Attributes) -> None:
        if "src" not in values and values.get("type") not in DATA_SCRIPTS:
            self.found.append("a script stands in the page")
        if "jquery" in values.get("src", "").lower():
            self.found.append("jQuery is loaded")

    def _see_style(self, _values: Attributes) -> None:
        self.found.append("a style sheet stands in the page")

    def _see_form(self, values: Attributes) -> None:
        self.form = _Form(values.get("method", "get").lower() == "post")

    def _see_input(self, values: Attributes) -> None:
        if values.get("name") == "csrf_token" and self.form is not None:
            self.form.tokens += 1
        if values.get("type") not in UNNAMED:
            self._control("input", values)

    def _see_select(self, values: Attributes) -> None:
        self._control("select", values)

    def _see_textarea(self, values: Attributes) -> None:
        self._control("textarea", values)

    def _control(self, tag: str, values: Attributes) -> None:
        named = "label" in self.stack or values.keys() & {"aria-label", "aria-labelledby"}
        if not named:
            self.controls.append((f"<{tag} name={values.get('name', '')}>", values.get("id", "")))

    def _see_img(self, values: Attributes) -> None:
        if "alt" not in values:
            self.found.append(f"no alt text: {values.get('src')}")

    def _see_th(self, values: Attributes) -> None:
        if "scope" not in values:
            self.found.append("a table's heading without scope")

    def _see_table(self, values: Attributes) -> None:
        self.card_tables.append("cards" in values.get("class", "").split())

    def _see_td(self, values: Attributes) -> None:
        is_control = {"pick", "tail"} & set(values.get("class", "").split())
        bare = not is_control and values.keys().isdisjoint({"data-label", "colspan"})
        if self.card_tables[-1:] == [True] and bare and "tbody" in self.stack:
            self.found.append("a cell of a table of cards without data-label")

    def _see_a(self, values: Attributes) -> None:
        if values.get("target") == "_blank" and "noopener" not in values.get("rel", ""):
            self.found.append(f"a new window without noopener: {values.get('href')}")

    # The page as a whole

    def as_a_whole(self) -> list[str]:
        """Return what can be said only when everything has been read."""
        known = self.ids.keys() | {""}
        found = [f"id {name} stands {count} times" for name, count in self.ids.items() if count > 1]
        found += [f"{name} points nowhere: {to}" for name, to in self.pointed if to not in known]
        unlabelled = (named for named, id_ in self.controls if id_ not in self.labelled)
        found += [f"{control} has no label" for control in unlabelled]
        if not self.title:
            found.append("the page has no title")
        if self.headings.count(1) != 1:
            found.append(f"the page has {self.headings.count(1)} h1")
        return found + self._jumps()

    def _jumps(self) -> list[str]:
        pairs = zip([1, *self.headings], self.headings, strict=False)
        return [f"h{after} follows h{before}" for before, after in pairs if after > before + 1]
