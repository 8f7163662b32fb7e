"""Pictures of strangers: what is refused, and that nothing but colours is left of the rest."""

from __future__ import annotations

import io
import struct
import zlib
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from app.adapters.images import as_png
from app.errors import BadInputError

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_BYTES: Final = 1024 * 1024
SIDE: Final = 64
SECRET: Final = "taken at 52.5200 N 13.4050 E by Asha"


def _file(
    kind: str, size: tuple[int, int] = (200, 100), more: Mapping[str, Any] | None = None
) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, 0x2F54C9).save(file, format=kind, **(more or {}))
    return file.getvalue()


def _with_secrets(kind: str) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET
    exif[0x0112] = 6
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", SECRET)
    beside = {"pnginfo": text} if kind == "PNG" else {}
    return _file(kind, more={"exif": exif.tobytes(), **beside})


def _moving(kind: str) -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    frames[0].save(file, format=kind, save_all=True, append_images=frames[1:])
    return file.getvalue()


def _bomb(width: int, height: int) -> bytes:
    """Return a small PNG that says it is a wall, and would be one."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        sum_of = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + sum_of

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1 + width // 8) * min(height, 5000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _read(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(as_png(content, MOST_BYTES, SIDE)))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_what_is_kept_is_a_small_upright_png_without_anything_told_beside_it(kind: str) -> None:
    sent = _with_secrets(kind)
    assert SECRET.encode() in sent
    kept = as_png(sent, MOST_BYTES, SIDE)
    picture = _read(sent)
    assert (picture.format, picture.size) == ("PNG", (SIDE // 2, SIDE)), "turned as Exif says"
    assert (picture.info, dict(picture.getexif())) == ({}, {})
    assert SECRET.encode() not in kept
    assert not {b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"iCCP"} & {kept[n : n + 4] for n in range(200)}


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA"])
def test_pictures_of_every_kind_of_colour_are_read(mode: str) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (30, 20), (47, 84, 201, 128)).convert(mode).save(file, format="PNG")
    picture = _read(file.getvalue())
    assert (picture.mode, picture.size) == ("RGBA", (30, 20)), "nothing is made larger"


@pytest.mark.parametrize(
    "content, told",
    [
        (b"", "is missing"),
        (_file("PNG")[:120], "is broken"),
        (_file("JPEG")[:300], "is broken"),
        (b"\x89PNG\r\n\x1a\n", "is broken|is no PNG"),
        (b"<html><script>alert(1)</script></html>", "is no PNG, JPEG or WebP"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "is no PNG"),
        (_file("GIF"), "is no PNG"),
        (_file("BMP"), "is no PNG"),
        (_file("TIFF"), "is no PNG"),
        (_moving("PNG"), "moves"),
        (_moving("WEBP"), "moves"),
        (_bomb(30_000, 30_000), "10 million pixels"),
        (_bomb(10_000, 9_000), "10 million pixels"),
        (_bomb(100_000, 101), "10 million pixels"),
        (_file("PNG") + bytes(MOST_BYTES), "larger than 1 MB"),
    ],
)
def test_what_is_no_still_picture_of_a_fair_size_is_refused(content: bytes, told: str) -> None:
    with pytest.raises(BadInputError, match=told) as refused:
        as_png(content, MOST_BYTES, SIDE)
    assert refused.value.place == "logo"


@given(st.data())
def test_no_damage_breaks_the_reading(data: st.DataObject) -> None:
    content = bytearray(_file(data.draw(st.sampled_from(["PNG", "JPEG", "WEBP"])), (40, 30)))
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        kept = as_png(bytes(content), MOST_BYTES, SIDE)
    except BadInputError:
        return
    assert kept.startswith(b"\x89PNG")
