import pytest

from app.domain.bulk_header import HeaderError, read_header
from app.errors import CardNumberRefusedError

REQUIRED = ["reference", "amount", "currency", "method"]


def test_columns_come_in_any_order_and_case() -> None:
    header = read_header(["\ufeffMETHOD", " Amount ", "currency", "Reference", "Card_Token"])

    assert header.columns == ("method", "amount", "currency", "reference", "card_token")


def test_a_metadata_name_keeps_its_case() -> None:
    header = read_header([*REQUIRED, "Metadata.orderId", "metadata. shop "])

    assert header.columns[4:] == ("metadata.orderId", "metadata.shop")


def test_nameless_columns_at_the_end_are_dropped() -> None:
    assert read_header([*REQUIRED, "", " "]).columns == tuple(REQUIRED)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(HeaderError) as caught:
        read_header(["reference", "amount", "Amount", "colour", "", "metadata.", "method"])

    error = caught.value
    assert error.code == "header_invalid"
    assert error.place == "header"
    assert error.unknown == ("colour", "(a column without name)", "metadata.")
    assert error.missing == ("currency",)
    assert error.doubled == ("amount",)
    assert error.reason == (
        "unknown: colour, (a column without name), metadata.; missing: currency; doubled: amount."
    )
    assert "reference, amount, currency, method" in error.way_out


@pytest.mark.parametrize("cells", [[], [""], ["", " "]])
def test_a_file_without_header_misses_all(cells: list[str]) -> None:
    with pytest.raises(HeaderError) as caught:
        read_header(cells)

    assert caught.value.missing == tuple(REQUIRED)


def test_strange_names_are_repeated_shortly_and_harmlessly() -> None:
    with pytest.raises(HeaderError) as caught:
        read_header([*REQUIRED, "a\x1b[31mb", "x" * 99, *"abcdefghijkl"])

    shown = caught.value.unknown
    assert shown[0] == "a?[31mb"
    assert shown[1] == "x" * 40
    assert len(shown) == 11
    assert shown[-1] == "…"


def test_a_card_number_in_the_first_line_is_refused_without_being_repeated() -> None:
    with pytest.raises(CardNumberRefusedError) as caught:
        read_header(["order-1", "4242 4242 4242 4242"])

    assert caught.value.place == "header, column 2"
    assert "4242" not in str(caught.value)


def test_metadata_has_limits() -> None:
    read_header([*REQUIRED, *(f"metadata.k{number}" for number in range(20))])
    with pytest.raises(HeaderError, match="more than 20 metadata columns"):
        read_header([*REQUIRED, *(f"metadata.k{number}" for number in range(21))])
    read_header([*REQUIRED, "metadata." + "k" * 40])
    with pytest.raises(HeaderError, match="longer than 40"):
        read_header([*REQUIRED, "metadata." + "k" * 41])


def test_a_metadata_name_holds_no_control_character() -> None:
    with pytest.raises(HeaderError, match="unknown"):
        read_header([*REQUIRED, "metadata.a\x00b"])
