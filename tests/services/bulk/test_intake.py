from __future__ import annotations

import codecs
import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.bulk_rows import HeaderError
from app.errors import BadInputError
from app.services.bulk import intake
from app.services.bulk.encodings import Encoding
from app.services.bulk.refusals import FileRefusedError, FileTooLargeError

HEAD = "reference,amount,currency,method,customer_name\r\n"
LATIN = HEAD + "o-1,10.50,EUR,card,José Müller\r\no-2,11.00,EUR,card,Åse Ødegård\r\n"
MOST = 1024 * 1024


def workbook() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.xml", "<x/>")
    return out.getvalue()


def received(data: bytes) -> tuple[intake.Examined, str]:
    source, target = io.BytesIO(data), io.BytesIO()
    examined = intake.examine(source, MOST)
    intake.copy(source, examined.encoding, target)
    return examined, target.getvalue().decode()


@pytest.mark.parametrize(
    "data, encoding",
    [
        (LATIN.encode(), Encoding.UTF_8),
        (codecs.BOM_UTF8 + LATIN.encode(), Encoding.UTF_8),
        (LATIN.encode("utf-16"), Encoding.UTF_16),
        (codecs.BOM_UTF16_BE + LATIN.encode("utf-16-be"), Encoding.UTF_16),
        (LATIN.encode("cp1252"), Encoding.WINDOWS_1252),
        ((HEAD * 1 + "o-1,1,EUR,card,“Zoë” – 5 €\n").encode("cp1252"), Encoding.WINDOWS_1252),
    ],
)
def test_text_is_kept_as_utf_8_whatever_it_came_in(data: bytes, encoding: Encoding) -> None:
    examined, kept = received(data)
    assert examined.encoding is encoding
    assert examined.size_bytes == len(data)
    assert kept.startswith("reference,amount")
    assert "José Müller" in kept or "“Zoë” – 5 €" in kept


REFUSED = {
    "empty": (b"", "file", "is empty"),
    "blank lines only": (b"\r\n \r\n", "file", "is empty"),
    "workbook": (workbook(), "file", "Excel workbook"),
    "old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1", "file", "old Excel workbook"),
    "picture": (b"\x89PNG\r\n\x1a\n\0\0", "file", "picture"),
    "PDF": (b"%PDF-1.7\n", "file", "PDF"),
    "NUL bytes": (HEAD.encode() + b"o-1,10\0,EUR,card,\r\n", "line 2", "NUL byte"),
    "UTF-16 without its mark": (HEAD.encode("utf-16-le"), "line 1", "NUL byte"),
    "a Cyrillic code page": (
        (HEAD + "o-1,1,EUR,card,Иван Петров\r\n").encode("cp1251"),
        "line 2",
        "neither UTF-8 nor Windows-1252",
    ),
    "a Mac code page": (
        (HEAD + "o-1,1,EUR,card,Müller Käse\r\n").encode("mac_roman"),
        "line 2",
        "neither UTF-8 nor Windows-1252",
    ),
    "a Japanese code page": (
        (HEAD + "\r\no-1,1,JPY,card,山田太郎\r\n").encode("shift_jis"),
        "line 3",
        "neither UTF-8 nor Windows-1252",
    ),
    "cut UTF-8": ((HEAD + "o-1,1,EUR,card,\u00e9a\u00e9").encode()[:-1], "line 2", "neither UTF-8"),
    "broken UTF-16": (HEAD.encode("utf-16") + b"\x00", "after line 1", "no UTF-16 text"),
    "a very long line": (HEAD.encode() + b"x" * 200_000, "line 2", "longer than"),
    "no header": (b"o-1,10.50,EUR,card\r\n", "header", "missing: reference, amount"),
    "an unknown column": (HEAD.replace("customer", "buyer").encode(), "header", "buyer_name"),
    "a missing column": (b"reference,amount,method\r\n", "header", "missing: currency"),
    "HTML": (b"<!doctype html><html></html>", "header", "unknown"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_used_is_refused_with_place_reason_and_way_out(name: str) -> None:
    data, place, reason = REFUSED[name]
    with pytest.raises(BadInputError) as refused:
        received(data)
    assert refused.value.place == place
    assert reason in refused.value.reason
    assert refused.value.way_out


def test_a_file_beyond_the_cap_is_not_read_to_its_end() -> None:
    class Endless(io.BytesIO):
        asked = 0

        def read(self, size: int | None = -1) -> bytes:
            assert size is not None
            self.asked += size
            return b"x," * (size // 2)

    source = Endless()
    with pytest.raises(FileTooLargeError, match="1,024 KiB"):
        intake.examine(source, MOST)
    assert source.asked <= MOST + intake._BLOCK_BYTES


def test_no_full_card_number_is_kept() -> None:
    rows = "o-1,10.50,EUR,card,4242 4242 4242 4242\no-2,1,EUR,card,\uff14\uff12" + "42" * 7 + "\n"
    _, kept = received((HEAD + rows).encode())
    assert kept.count("[card number removed]") == 2
    assert "4242" not in kept


@given(st.lists(st.text(alphabet="ab \u00e9\u0416\U0001f600", max_size=20), max_size=30))
def test_lines_and_their_ends_are_kept_as_they_are(names: list[str]) -> None:
    content = HEAD + "".join(f"o,1,EUR,card,{name}\r\n" for name in names)
    for codec in ("utf-8", "utf-8-sig", "utf-16"):
        assert received(content.encode(codec))[1] == content


def test_the_header_error_says_how_the_first_line_should_look() -> None:
    with pytest.raises(HeaderError, match="The first line names the columns: reference"):
        received(b"a;b;c\n")


def test_a_stream_that_changes_meanwhile_is_refused_not_mangled() -> None:
    with pytest.raises(FileRefusedError, match="there is no UTF-8 text any more"):
        list(intake.lines(io.BytesIO(b"a\n\xff"), Encoding.UTF_8))
