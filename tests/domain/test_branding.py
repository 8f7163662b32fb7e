"""A merchant's colour: whatever it is, what stands on it and in it can be read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain import branding
from app.domain.branding import (
    DARK_GROUNDS,
    LEAST_CONTRAST,
    LEAST_OF_SHAPES,
    LIGHT_GROUNDS,
    contrast,
    parse_colour,
)
from app.errors import BadInputError

COLOURS: Final = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
THEMES: Final = (
    (branding.light_shades, LIGHT_GROUNDS),
    (branding.dark_shades, DARK_GROUNDS),
)
TOKENS: Final = Path("app/static/css/tokens.css")
ON_PAGES: Final = ("ground", "surface", "raised", "sunken", "hover")


@given(COLOURS)
@example("#ffffff")
@example("#000000")
@example("#ffff00")
@example("#777777")
@example("#757575")
def test_every_colour_is_readable_on_light_and_dark_pages(colour: str) -> None:
    for shades_of, grounds in THEMES:
        shades = shades_of(colour)
        assert shades.fill == colour, "no colour is refused or exchanged"
        for fill in (shades.fill, shades.fill_hover):
            assert contrast(shades.ink, fill) >= LEAST_CONTRAST
        for ground in grounds:
            assert contrast(shades.accent, ground) >= LEAST_CONTRAST
            assert contrast(shades.accent_hover, ground) >= LEAST_CONTRAST
            assert contrast(shades.edge, ground) >= LEAST_OF_SHAPES


@given(COLOURS)
def test_a_colour_that_is_readable_already_stays(colour: str) -> None:
    for shades_of, grounds in THEMES:
        is_readable = all(contrast(colour, ground) >= LEAST_CONTRAST for ground in grounds)
        assert (shades_of(colour).accent == colour) is is_readable


def test_contrast_is_that_of_the_standard() -> None:
    assert float(contrast("#000000", "#ffffff")) == pytest.approx(21)
    assert contrast("#123456", "#123456") == 1
    assert float(contrast("#767676", "#ffffff")) == pytest.approx(4.542, abs=0.001)
    assert float(contrast("#ff0000", "#ffffff")) == pytest.approx(3.998, abs=0.001)
    assert float(contrast("#0000ff", "#0a0a0a")) == pytest.approx(2.304, abs=0.001)


def test_the_grounds_are_those_of_the_tokens() -> None:
    light, dark = re.findall(r"--ground: #[^}]*", TOKENS.read_text())
    for block, grounds in ((light, LIGHT_GROUNDS), (dark, DARK_GROUNDS)):
        values = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        assert {values[name] for name in ON_PAGES} == set(grounds)


@pytest.mark.parametrize(
    "typed, kept",
    [("", ""), ("  ", ""), (" #2F54C9 ", "#2f54c9"), ("2f54c9", "#2f54c9"), ("#fA0", "#ffaa00")],
)
def test_colours_are_kept_in_one_spelling(typed: str, kept: str) -> None:
    assert parse_colour(typed) == kept


@pytest.mark.parametrize("typed", ["red", "#12345", "#12345g", "#1234567", "rgb(0,0,0)", "#fff;}"])
def test_what_is_no_colour_is_refused_at_its_field(typed: str) -> None:
    with pytest.raises(BadInputError) as refused:
        parse_colour(typed)
    assert refused.value.place == "colour"
