"""A merchant's colour on the pages of its payers, so that every text on them stays readable.

A merchant chooses any colour. Buttons are filled with it, with white or near-black text, whichever
reads better; as the colour of text and edges it is darkened on light pages and lightened on dark
ones until it reaches the contrast that WCAG 2.2 asks of text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_CONTRAST: Final = 4.5
"""WCAG 2.2, 1.4.3: what text and its ground must at least have."""
LEAST_OF_SHAPES: Final = 3.0
"""WCAG 2.2, 1.4.11: what a shape and its ground must at least have."""
WHITE: Final = "#ffffff"
NEAR_BLACK: Final = "#050505"
LIGHT_GROUNDS: Final = ("#ffffff", "#f6f7f9", "#eef0f3", "#f1f4fa")
"""What text stands on in light pages; a test compares it with `tokens.css`."""
DARK_GROUNDS: Final = ("#171b21", "#0f1216", "#12161b", "#1d222a", "#1f2630")
"""As LIGHT_GROUNDS, in dark pages."""

# The curve of sRGB by WCAG 2.2: straight up to here, a power beyond.
_STRAIGHT: Final = 0.04045
_COLOUR: Final = re.compile(r"#?([0-9a-f]{6}|[0-9a-f]{3})")
_SHORT: Final = 3
_STEPS: Final = 32
_HOVER: Final = 4


@dataclass(frozen=True, slots=True)
class Shades:
    """What a page of one theme needs: fill and text of buttons, their edge, and text on the page.

    All are `#rrggbb`; those that end in `hover` are for what the pointer is on.
    """

    fill: str
    fill_hover: str
    ink: str
    edge: str
    accent: str
    accent_hover: str


def parse_colour(text: str) -> str:
    """Return a colour as `#rrggbb`, empty for none. Raises BadInputError at `colour`."""
    typed = text.strip().lower()
    if not typed:
        return ""
    found = _COLOUR.fullmatch(typed)
    if found is None:
        raise BadInputError(
            "colour", said("is no colour."), said("Write # and six of 0-9 and a-f, as #2f54c9.")
        )
    digits = found[1]
    return "#" + ("".join(2 * each for each in digits) if len(digits) == _SHORT else digits)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours by WCAG 2.2: from 1, for the same, to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def ink_on(colour: str) -> str:
    """Return white or near-black, whichever reads better on a colour; one of them always does."""
    return max((WHITE, NEAR_BLACK), key=lambda ink: contrast(ink, colour))


def light_shades(colour: str) -> Shades:
    """Return what a light page needs of a colour `#rrggbb`."""
    return _shades(colour, LIGHT_GROUNDS, NEAR_BLACK)


def dark_shades(colour: str) -> Shades:
    """Return what a dark page needs of a colour `#rrggbb`."""
    return _shades(colour, DARK_GROUNDS, WHITE)


def _shades(colour: str, grounds: Sequence[str], towards: str) -> Shades:
    """Derive everything; `towards` is where text on these grounds gets more readable."""
    ink = ink_on(colour)
    accent = _readable(colour, grounds, towards)
    is_seen = all(contrast(colour, ground) >= LEAST_OF_SHAPES for ground in grounds)
    return Shades(
        fill=colour,
        # Away from its ink, so that what stands on it only gets more readable.
        fill_hover=_mixed(colour, NEAR_BLACK if ink == WHITE else WHITE, _HOVER),
        ink=ink,
        edge=colour if is_seen else accent,
        accent=accent,
        accent_hover=_mixed(accent, towards, _HOVER),
    )


def _readable(colour: str, grounds: Sequence[str], towards: str) -> str:
    """Return the colour, changed no more than needed to be read on each of these grounds."""
    mixed = (_mixed(colour, towards, step) for step in range(_STEPS + 1))
    return next(
        each
        for each in mixed
        if all(contrast(each, ground) >= LEAST_CONTRAST for ground in grounds)
    )


def _mixed(colour: str, towards: str, step: int) -> str:
    """Return a colour moved by so many of `_STEPS` steps towards another."""
    pairs = zip(_channels(colour), _channels(towards), strict=True)
    return "#" + "".join(f"{one + (two - one) * step // _STEPS:02x}" for one, two in pairs)


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def _luminance(colour: str) -> float:
    """Return the relative luminance by WCAG 2.2: from 0, for black, to 1."""
    red, green, blue = (_linear(channel / 255) for channel in _channels(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _STRAIGHT else float(((channel + 0.055) / 1.055) ** 2.4)
