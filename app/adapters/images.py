"""The door to pictures of strangers: read with care, and made anew before anybody sees them."""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw, ImageOps, UnidentifiedImageError

from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Sequence

    Points = tuple[tuple[int, int], ...]

PLACE: Final = "logo"
FORMATS: Final = ("PNG", "JPEG", "WEBP")
MOST_PIXELS: Final = 10_000_000
"""How many a picture may have before it is read: a small file may hold a wall of one colour."""
_MEGABYTE: Final = 1024 * 1024
_TWO_IN_ONE: Final = "MPO"
"""What some cameras call a JPEG with a small picture beside the large one."""
_BROKEN: Final = (
    *(OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError),
    *(OverflowError, struct.error),
)
"""What the reader of a broken picture may raise."""


def as_png(content: bytes, most_bytes: int, most_a_side: int) -> bytes:
    """Return a picture as a PNG of our own making, at most so many pixels wide and high.

    Nothing but its colours is left: no text, place or camera. Raises BadInputError at `logo` for
    what is empty, too large, moving, broken or no PNG, JPEG or WebP.
    """
    if not content:
        raise BadInputError(PLACE, said("is missing."), said("Choose a file."))
    if len(content) > most_bytes:
        raise _too_large(most_bytes)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
            _check(picture)
            return _made_anew(picture, most_a_side)
    except UnidentifiedImageError as error:
        raise _unknown() from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except BadInputError:
        raise
    except _BROKEN as error:
        raise BadInputError(
            PLACE, said("is broken and cannot be read."), said("Save it anew and send that.")
        ) from error


def drawn(side: int, outlines: Sequence[tuple[str, Points]]) -> bytes:
    """Return a square PNG with shapes, each a colour and the points of its outline."""
    picture = Image.new("RGBA", (side, side))
    pen = ImageDraw.Draw(picture)
    for colour, points in outlines:
        pen.polygon(points, fill=colour)
    return _as_file(picture)


def _check(picture: Image.Image) -> None:
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_many_pixels()
    if getattr(picture, "is_animated", False) and picture.format != _TWO_IN_ONE:
        raise BadInputError(PLACE, said("moves."), said("Choose a picture that stands still."))


def _made_anew(picture: Image.Image, most_a_side: int) -> bytes:
    upright = ImageOps.exif_transpose(picture).convert("RGBA")
    upright.thumbnail((most_a_side, most_a_side), Image.Resampling.LANCZOS)
    bare = Image.new("RGBA", upright.size)
    bare.paste(upright)
    return _as_file(bare)


def _as_file(picture: Image.Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, format="PNG", optimize=True)
    return file.getvalue()


def _unknown() -> BadInputError:
    return BadInputError(
        PLACE,
        said("is no PNG, JPEG or WebP picture."),
        said("Save it as PNG and send that."),
    )


def _too_large(most_bytes: int) -> BadInputError:
    return BadInputError(
        PLACE,
        said("is larger than {size} MB.", size=most_bytes // _MEGABYTE),
        said("Make it smaller and send that."),
    )


def _too_many_pixels() -> BadInputError:
    return BadInputError(
        PLACE,
        said("has more than {most} million pixels.", most=MOST_PIXELS // 1_000_000),
        said("Make it smaller and send that."),
    )
