from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.bulk_rows import HeaderError
from app.errors import CardNumberRefusedError
from app.services.bulk import table
from app.services.bulk.refusals import FileRefusedError
from app.services.bulk.table import Delimiter, Record

CELLS = st.text(alphabet='ab",;\t\n\r \u00e9\u2028', max_size=12)
RECORDS = st.lists(st.lists(CELLS, min_size=1, max_size=4), max_size=12)
LINE_ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def physical(text: str) -> io.StringIO:
    return io.StringIO(text, newline="")


@given(RECORDS, st.sampled_from(list(Delimiter)), LINE_ENDS)
def test_each_record_is_named_by_the_physical_line_on_which_it_starts(
    written: list[list[str]], delimiter: Delimiter, end: str
) -> None:
    out = physical("")
    writer = csv.writer(out, delimiter=delimiter.mark, lineterminator=end, quoting=csv.QUOTE_ALL)
    expected = []
    for cells in written:
        so_far = out.getvalue().replace("\r\n", "\n").replace("\r", "\n")
        if any(cell.strip() for cell in cells):
            expected.append(Record(so_far.count("\n") + 1, cells))
        writer.writerow(cells)
    assert list(table.records(physical(out.getvalue()), delimiter)) == expected


def test_blank_lines_and_lines_of_empty_cells_count_but_hold_no_record() -> None:
    found = table.records(physical("a,b\n\n,\n \t,\nc,d\n"), Delimiter.COMMA)
    assert [(record.line, record.cells) for record in found] == [(1, ["a", "b"]), (5, ["c", "d"])]


@pytest.mark.parametrize(
    "text, line",
    [('a,b\nc,"d"e\nf,g\n', 2), ('a,b\nc,d\n"e,f\ng,h\n', 3), ('a\n"b\nc"x\n', 2)],
)
def test_quotation_marks_that_do_not_match_refuse_the_file_at_their_line(
    text: str, line: int
) -> None:
    with pytest.raises(FileRefusedError) as refused:
        list(table.records(physical(text), Delimiter.COMMA))
    assert refused.value.place == f"line {line}"


@pytest.mark.parametrize("delimiter", list(Delimiter))
def test_the_delimiter_is_the_one_that_the_header_makes_sense_with(delimiter: Delimiter) -> None:
    line = delimiter.mark.join(["Method", '"Currency"', " amount ", "reference", "metadata.a,b;c"])
    head = table.read_head(line.replace("metadata.a,b;c", '"metadata.a,b;c"') + "\r\n")
    assert head.delimiter is delimiter
    assert head.header.columns[:4] == ("method", "currency", "amount", "reference")


def test_a_header_that_makes_no_sense_is_explained_by_the_delimiter_that_cuts_most() -> None:
    with pytest.raises(HeaderError) as refused:
        table.read_head("reference;amount;currency;sum,x\n")
    assert refused.value.missing == ("method",)


def test_data_in_place_of_a_header_with_a_card_number_is_not_repeated() -> None:
    with pytest.raises(CardNumberRefusedError) as refused:
        table.read_head("order-1,10.00,EUR,4242424242424242\n")
    assert "4242" not in refused.value.detail


def test_a_file_beyond_the_most_rows_is_refused_at_the_first_surplus_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(table, "MOST_ROWS", 2)
    head = "reference,amount,currency,method\n"
    _, found = table.rows(
        physical(f"{head}a,1,EUR,card\nb,1,EUR,card\n\nc,1,EUR,card\n"), Delimiter.COMMA
    )
    with pytest.raises(FileRefusedError, match="line 5: is beyond 2 rows"):
        list(found)
