from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.methods import crypto
from app.domain.methods.crypto import Received, Standing
from app.domain.money import MAX_MINOR
from app.errors import BadInputError

UNITS = st.integers(0, MAX_MINOR)
DECIMALS = st.integers(0, 18)


@given(UNITS, DECIMALS)
def test_units_and_text_are_exact_both_ways(units: int, decimals: int) -> None:
    text = crypto.to_text(units, decimals)
    assert crypto.to_units(text, decimals) == units
    assert len(text.partition(".")[2]) == decimals


def test_a_satoshi_is_the_eighth_decimal() -> None:
    assert crypto.to_text(12_345, 8) == "0.00012345"
    assert crypto.to_units("0.00012345", 8) == 12_345
    assert crypto.to_units("1.5", 6) == 1_500_000
    assert crypto.to_text(7, 0) == "7"


@pytest.mark.parametrize(
    "text",
    ["", ".", "1.", ".5", "-1", "+1", "1e3", "1,5", "٣", "0.123456789", "9" * 20, "9" * 5000],
)
def test_what_is_not_exact_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="amount"):
        crypto.to_units(text, 8)


@pytest.mark.parametrize("units, decimals", [(-1, 8), (1, -1), (1, 19)])
def test_numbers_that_cannot_be_are_refused(units: int, decimals: int) -> None:
    with pytest.raises(ValueError, match="between 0 and 18"):
        crypto.to_text(units, decimals)


@pytest.mark.parametrize(
    "received, late, verdict",
    [
        (100_000, 0, Received.EXACT),
        (99_000, 0, Received.WITHIN),
        (101_000, 0, Received.WITHIN),
        (98_999, 0, Received.UNDER),
        (101_001, 0, Received.OVER),
        (0, 0, Received.UNDER),
        (100_000, 100_000, Received.UNDER),
        (150_000, 50_000, Received.EXACT),
    ],
)
def test_one_percent_either_way_is_within(received: int, late: int, verdict: Received) -> None:
    assert crypto.judge(100_000, received, late, 100) is verdict


@given(st.integers(1, 10**15), st.integers(0, 10**16), st.integers(0, 500), st.data())
def test_the_numbers_add_up(expected: int, received: int, bps: int, data: st.DataObject) -> None:
    late = data.draw(st.integers(0, received))
    found = crypto.standing(expected, received, late, bps)
    assert expected + found.over_units - found.missing_units == received - late
    assert 0 in {found.over_units, found.missing_units}
    if found.verdict is Received.OVER:
        assert found.over_units > 0
    if found.verdict is Received.UNDER:
        assert found.missing_units > 0
    assert (found.verdict is Received.EXACT) is (received - late == expected)


@given(st.integers(1, 10**12), st.integers(0, 10**13))
def test_without_tolerance_every_unit_counts(expected: int, received: int) -> None:
    assert crypto.judge(expected, received, 0, 0) is not Received.WITHIN


@pytest.mark.parametrize("numbers", [(0, 0, 0, 0), (1, 0, 1, 0), (1, 1, -1, 0), (1, 1, 0, -1)])
def test_a_judgement_of_nonsense_is_an_error(numbers: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="expected"):
        crypto.judge(*numbers)


def test_a_standing_in_numbers() -> None:
    assert crypto.standing(100, 30, 10, 0) == Standing(Received.UNDER, 80, 0, 10)


def test_a_quote_ends_with_its_last_moment() -> None:
    end = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert crypto.is_over(end, end)
    assert not crypto.is_over(end - timedelta(microseconds=1), end)


def test_an_asset_has_one_spelling() -> None:
    assert crypto.parse_asset(" usdc@Ethereum ") == "USDC@ethereum"
    for text in ("EUR", "DOGE", "USDC", ""):
        with pytest.raises(BadInputError, match="asset"):
            crypto.parse_asset(text)


def test_a_wallet_is_handed_the_amount_where_its_link_is_known() -> None:
    assert crypto.payment_uri("BTC", "bc1qx", "0.5") == "bitcoin:bc1qx?amount=0.5"
    assert crypto.payment_uri("USDC@ethereum", "0xab", "5.000000") == "0xab"
