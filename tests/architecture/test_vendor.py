from __future__ import annotations

import gzip
import hashlib
import json
import re
from pathlib import Path
from typing import Any, Final

import brotli
import plotly.offline
import pytest

from scripts.vendor import vendor
from tests.architecture import icons
from tests.architecture.tree import ROOT, Tree, plant

FOLDERS: Final = (ROOT / "app" / "static" / "vendor", ROOT / "tests" / "vendor")
LISTS: Final = ROOT / "scripts" / "vendor"
TREE: Final = Tree(ROOT)
HOSTS: Final = {
    "www.w3.org": "names of XML vocabularies",
    "getbootstrap.com": "a comment",
    "github.com": "comments, and sentences for developers",
    "getify.mit-license.org": "a comment",
    "syntheti.cc": "a comment",
    "plotly.com": "sentences for developers",
    "cdn.plot.ly": "shapes of maps, which no figure of ours has",
    "cloud.plotly.com": "behind a button that is not shown",
    "mozilla.org": "a comment",
    "dequeuniversity.com": "addresses in axe's findings",
    "spec.openapis.org": "names of schemas",
    "json-schema.org": "names of schemas",
    "datatracker.ietf.org": "sentences for developers",
    "www.rfc-editor.org": "sentences for developers",
    "reactjs.org": "sentences for developers",
    "redux.js.org": "sentences for developers",
    "spdx.org": "a link to the licence of an API, which ours does not name",
    "\uc2e4\ub840.com": "an example of a name",
    "fb.me": "sentences for developers",
    "vladimirgorej.com": "a base against which an address is parsed",
    "example.com": "an example of an address",
    "swagger.io": "a base against which an address is parsed",
    "validator.swagger.io": "a validator that js/api-docs.js turns off",
    "twitter.com": "links that Markdown of ours does not make",
    "instagram.com": "links that Markdown of ours does not make",
    "www.facebook.com": "links that Markdown of ours does not make",
    "www.tiktok.com": "links that Markdown of ours does not make",
    "soundcloud.com": "links that Markdown of ours does not make",
}
"""Other hosts that the files name, and why nothing is loaded from them."""


def _entries(folder: Path) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = json.loads((folder / "VERSIONS.json").read_text())
    return found


def _lock() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((LISTS / "package-lock.json").read_text())["packages"]
    return found


FILES: Final = [(folder, name) for folder in FOLDERS for name in _entries(folder)]
CODE: Final = [each for each in FILES if each[1].endswith((".css", ".js", ".svg"))]


@pytest.mark.parametrize("folder,name", FILES, ids=[name for _, name in FILES])
def test_a_vendored_file_is_the_one_that_is_written_down(folder: Path, name: str) -> None:
    facts = _entries(folder)[name]
    assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == facts["sha256"]
    locked = _lock()[f"node_modules/{facts['package']}"]
    assert facts["version"] == locked["version"]
    assert facts["license"] == locked["license"]
    assert facts["package_integrity"] == locked["integrity"]


@pytest.mark.parametrize("folder", FOLDERS, ids=["pages", "tests"])
def test_nothing_lies_beside_what_is_written_down(folder: Path) -> None:
    beside = {path.name for path in folder.iterdir()} - {"VERSIONS.json"}
    assert {name for name in beside if not name.endswith(tuple(vendor.TWINS))} == {
        name for name in _entries(folder) if name != vendor.SPRITE
    }
    assert {facts["package"] for facts in _entries(folder).values()} == {
        package.name for package in vendor.WANTED if package.target == folder
    }


def test_each_package_comes_with_its_licence() -> None:
    for package in vendor.WANTED:
        licences = [
            name
            for name, facts in _entries(package.target).items()
            if facts["package"] == package.name and "LICENSE" in name
        ]
        assert len(licences) == len(package.licences), package.name


def test_large_files_have_a_packed_twin_with_the_same_content() -> None:
    static = FOLDERS[0]
    large = {
        (static / name).resolve()
        for name in _entries(static)
        if vendor.is_packed(name, (static / name).read_bytes())
    }
    unpacked = {".gz": gzip.decompress, ".br": brotli.decompress}
    assert unpacked.keys() == vendor.TWINS.keys()
    for ending, unpack in unpacked.items():
        assert {path.with_suffix("") for path in static.parent.rglob(f"*{ending}")} == large
        for path in large:
            assert unpack(Path(f"{path}{ending}").read_bytes()) == path.read_bytes()


@pytest.mark.parametrize("folder,name", CODE, ids=[name for _, name in CODE])
def test_a_vendored_file_loads_nothing_from_elsewhere(folder: Path, name: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert set(re.findall(r"(?:https?:)?//((?:[\w-]+\.)+[a-z]{2,})(?=[/\"'\s)])", text)) <= set(
        HOSTS
    )
    if name.endswith(".css"):
        assert "@import" not in text
        assert set(re.findall(r"url\([\"']?([^:)]*:)", text)) <= {"data:"}


def test_the_lock_file_names_no_registry() -> None:
    assert not any("resolved" in facts for facts in _lock().values())
    assert "omit-lockfile-registry-resolved=true" in (LISTS / ".npmrc").read_text()
    assert "ignore-scripts=true" in (LISTS / ".npmrc").read_text()


def test_plotlys_script_fits_the_library() -> None:
    facts = _entries(FOLDERS[0])["plotly-basic.min.js"]
    assert facts["version"] == plotly.offline.get_plotlyjs_version()


def test_plotlys_styles_are_those_of_its_script() -> None:
    script = (FOLDERS[0] / "plotly-basic.min.js").read_text(encoding="utf-8")
    assert vendor.figure_style(script) == (FOLDERS[0] / vendor.FIGURE_STYLE).read_bytes()


def test_rules_keep_the_order_in_which_plotly_would_have_inserted_them() -> None:
    script = (
        """pM={"X,X div":'font-family:"Open";',"X a:hover":"fill:#000;",Y:"top:0;"};for(Ng in pM)"""
    )
    assert vendor.figure_style(script).decode().splitlines() == [
        ".plotly-notifier{top:0;}",
        ".js-plotly-plot .plotly a:hover{fill:#000;}",
        '.js-plotly-plot .plotly,.js-plotly-plot .plotly div{font-family:"Open";}',
    ]


def test_the_sprite_holds_the_icons_of_the_list() -> None:
    wanted = (LISTS / "icons.txt").read_text(encoding="utf-8").split()
    assert wanted == sorted(set(wanted))
    assert icons.in_sprite(TREE) == wanted


def test_the_same_icons_give_the_same_sprite(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.svg").write_text(f'<svg class="bi">\n  <path d="{name}"/>\n</svg>')
    built = vendor.sprite(["b", "a", "b"], tmp_path)
    assert built == vendor.sprite(["a", "b"], tmp_path)
    assert built.decode().splitlines()[1:-1] == [
        f'<symbol id="{name}" viewBox="0 0 16 16" fill="currentColor"><path d="{name}"/></symbol>'
        for name in ("a", "b")
    ]


def test_every_icon_that_is_named_is_in_the_sprite() -> None:
    named = icons.named(TREE)
    assert {name: named[name] for name in named.keys() - set(icons.in_sprite(TREE))} == {}
    assert {"credit-card", "check-lg", "copy"} <= named.keys()


def test_icons_are_found_wherever_they_are_named(tmp_path: Path) -> None:
    code = 'class Badge:\n    word: str\n    icon: str\nBadge("x", "one" if y == "z" else "two")\n'
    tree = plant(tmp_path, app__views__words=code, app__views__menu='Badge(icon="three", word="")')
    calls = (
        '{{ ui.icon("five" if a == "b" else "six") }}{{ ui.menu("c", "seven") }}',
        '{% call ui.menu("d", symbol="eight") %}{% endcall %}{{ icon(tones.get(tone, "nine")) }}',
        '{% set icons = {"danger": "ten"} %}',
    )
    templates = {
        icons.MACROS: '{% macro menu(label, symbol="four") %}{{ icon(symbol) }}{% endmacro %}',
        "app/templates/x.html": "".join(calls),
    }
    for name, text in templates.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    assert sorted(icons.named(tree)) == sorted(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    )
