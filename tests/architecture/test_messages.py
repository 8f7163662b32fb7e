from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from scripts import messages
from tests.architecture import sentences
from tests.architecture.tree import REPOSITORY, Tree, plant

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from babel.messages.catalog import Message

    Rule = Callable[[Tree], list[str]]

PERCENT = re.compile(r"%\((\w+)\)[a-z]|%%")
DEVANAGARI = re.compile("[\u0900-\u097f]")
ERROR = "class PayAgencyError: ...\n"

# Rule, path, one violation.
PLANTED: list[tuple[Rule, str, str]] = [
    (sentences.not_literal, "app/services/x.py", "said(f'There is no {x}.')\n"),
    (sentences.not_literal, "app/views/x.py", "gettext(words)\n"),
    (sentences.not_literal, "app/views/x.py", "ngettext('One', many, 2)\n"),
    (sentences.wrong_values, "app/services/x.py", "said('There is no {id}.', name=1)\n"),
    (sentences.wrong_values, "app/services/x.py", "said('There is no {id}.')\n"),
    (
        sentences.unsaid,
        "app/services/x.py",
        f"{ERROR}PayAgencyError('No way.')\n",
    ),
    (sentences.unsaid, "app/views/x.py", "flash(f'{name} was changed.')\n"),
    (sentences.unsaid, "app/views/x.py", "abort(400, 'It is too long.')\n"),
    (sentences.bare_text, "app/templates/x.html", "<p>{{ name }} is open</p>"),
    (sentences.bare_text, "app/templates/x.html", '<a title="Close it">{{ icon }}</a>'),
    (sentences.script_sentences, "app/static/js/x.js", 'line.append("Nothing was found");'),
    (sentences.script_sentences, "app/static/js/x.js", 'line.textContent = "Copied";'),
    (sentences.script_sentences, "app/static/js/x.js", "show(`${n} rows are chosen`);"),
]
RULES = list(dict.fromkeys(rule for rule, _, _ in PLANTED))
CLEAN = {
    "app/services/x.py": "said('There is no {id}.', id=1)\nValueError('not a number')\n",
    "app/views/x.py": "flash(gettext('Saved.'))\nabort(404)\n",
    "app/templates/x.html": '<p>{{ _("It is open") }} UTC – {# nothing here #}</p>',
    "app/static/js/x.js": '// two words\na.querySelector("b td.c").textContent = d.said;\n',
}


def _tree(root: Path, files: dict[str, str]) -> Tree:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return plant(root)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_everything_that_is_said_can_be_translated(rule: Rule) -> None:
    assert rule(REPOSITORY) == []


@pytest.mark.parametrize("rule,path,violation", PLANTED)
def test_a_planted_violation_is_found(
    tmp_path: Path, rule: Rule, path: str, violation: str
) -> None:
    assert len(rule(_tree(tmp_path, {path: violation}))) == 1


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_a_clean_tree_is_left_alone(tmp_path: Path, rule: Rule) -> None:
    assert rule(_tree(tmp_path, CLEAN)) == []


@pytest.fixture(scope="module")
def template() -> Catalog:
    return messages.collected()


@pytest.fixture(scope="module", params=messages.LOCALES)
def catalog(request: pytest.FixtureRequest) -> Catalog:
    return messages.kept(request.param)


def test_sentences_are_collected_from_code_and_templates(template: Catalog) -> None:
    places = {name for message in template for name, _ in message.locations}
    assert {"errors.py", "domain/failures.py", "templates/components/ui.html"} <= places


def test_the_catalogue_is_what_make_messages_would_write(
    template: Catalog, catalog: Catalog
) -> None:
    locale = str(catalog.locale)
    now, then = _keys(messages.updated(locale, template)), _keys(catalog)
    assert sorted(now - then, key=str) == []
    assert sorted(then - now, key=str) == []


def _keys(catalog: Catalog) -> set[object]:
    return {message.id if isinstance(message.id, str) else tuple(message.id) for message in catalog}


def test_every_sentence_is_translated(catalog: Catalog) -> None:
    assert [message.id for message in messages.untranslated(catalog)] == []


def test_hindi_is_written_in_its_own_letters() -> None:
    others = [
        message.id
        for message in messages.kept("hi")
        for said, told in zip(_forms(message.id), _forms(message.string or ""), strict=False)
        if said and told not in {said, "API"} and not DEVANAGARI.search(told)
    ]
    assert others == []


def test_every_translation_takes_the_same_values(catalog: Catalog) -> None:
    assert [message.id for message in catalog if message.id and not _agree(message)] == []


def _agree(message: Message) -> bool:
    said, told = _forms(message.id), _forms(message.string or "")
    asked = {name for each in said for name in _values(each)}
    # A singular may leave its number out, in any language.
    needed = asked - {"num"} if len(said) > 1 else asked
    return all(needed <= _values(each) <= asked for each in told if each)


def _forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def _values(text: str) -> set[str]:
    return {found or "%" for found in PERCENT.findall(text)} | sentences.fields(
        PERCENT.sub("", text)
    )


def test_what_is_compiled_is_what_is_written(catalog: Catalog) -> None:
    path = messages.TRANSLATIONS / str(catalog.locale) / "LC_MESSAGES" / "messages.mo"
    assert path.read_bytes() == messages.mo_bytes(catalog)


def test_two_runs_write_the_same_bytes(template: Catalog, tmp_path: Path) -> None:
    once = messages.po_text(messages.updated("de", template))
    (tmp_path / "de.po").write_bytes(once)
    with (tmp_path / "de.po").open("rb") as file:
        again = read_po(file, locale="de", domain="messages")
    again.update(template, no_fuzzy_matching=True)
    assert messages.po_text(again) == once
    assert not re.search(rb"\d{4}-\d\d-\d\d|@|FULL NAME", once.partition(b"\n\n")[0])


def test_half_a_translation_is_not_compiled() -> None:
    catalog = Catalog(locale="de")
    catalog.add(("%(num)d row", "%(num)d rows"), ("%(num)d Zeile", ""))
    catalog.add("Whole", "Ganz")
    compiled = messages.mo_bytes(catalog)
    assert b"Ganz" in compiled
    assert b"Zeile" not in compiled
