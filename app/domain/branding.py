"""A merchant's colour on the pages of its payers, so that every text on them stays readable.

A merchant chooses any colour. Buttons are filled with it, with white or near-black text, whichever
reads better; as the colour of text and edges it is darkened on light pages and lightened on dark
ones until it reaches the contrast that WCAG 2.2 asks of text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_CONTRAST: Final = Fraction(9, 2)
"""WCAG 2.2, 1.4.3: what text and its ground must at least have."""
LEAST_OF_SHAPES: Final = Fraction(3)
"""WCAG 2.2, 1.4.11: what a shape and its ground must at least have."""
WHITE: Final = "#ffffff"
NEAR_BLACK: Final = "#050505"
LIGHT_GROUNDS: Final = ("#ffffff", "#f6f7f9", "#eef0f3", "#f1f4fa")
"""What text stands on in light pages; a test compares it with `tokens.css`."""
DARK_GROUNDS: Final = ("#171b21", "#0f1216", "#12161b", "#1d222a", "#1f2630")
"""As LIGHT_GROUNDS, in dark pages."""

# The curve of sRGB by WCAG 2.2: straight up to this channel (0.04045 of 255), a power beyond.
_STRAIGHT: Final = 10
_WEIGHTS: Final = (2126, 7152, 722)
_FLARE: Final = 5 * 10**11
"""What stray light adds to a luminance: 0.05, in the unit of `_luminance`."""
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


def contrast(one: str, other: str) -> Fraction:
    """Return the contrast of two colours by WCAG 2.2: from 1, for the same, to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return Fraction(lighter + _FLARE, darker + _FLARE)


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


def _luminance(colour: str) -> int:
    """Return the relative luminance by WCAG 2.2: from 0, for black, to 10^13."""
    pairs = zip(_WEIGHTS, _channels(colour), strict=True)
    return sum(weight * _LINEAR[channel] for weight, channel in pairs)


def _linear(channel: int) -> int:
    """Return how much light a channel of 0 to 255 gives, from 0 to 10^9."""
    if channel <= _STRAIGHT:
        return channel * 10**10 // 32_946  # 255 * 12.92
    # The 2.4th power of (channel + 14.025) out of 269.025, which are 255 times 0.055 and 1.055.
    base = Decimal(1000 * channel + 14_025).ln() - Decimal(269_025).ln()
    return int((Decimal("2.4") * base).exp().scaleb(9))


_LINEAR: Final = tuple(_linear(channel) for channel in range(256))
