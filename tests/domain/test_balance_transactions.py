"""Public ids of ledger lines, which no column holds."""

from __future__ import annotations

import pytest

from app.domain.balance_transactions import id_of, number_of


@pytest.mark.parametrize("number", [1, 31, 32, 2**63 - 1])
def test_an_id_tells_its_number(number: int) -> None:
    assert number_of(id_of(number)) == number


@pytest.mark.parametrize("number", [-1, 0, 2**63])
def test_what_no_line_can_have_has_no_id(number: int) -> None:
    with pytest.raises(ValueError, match="no line"):
        id_of(number)


@pytest.mark.parametrize("text", ["", "btx_", "btx_1", "pay_0000000000001", "btx_zzzzzzzzzzzzz"])
def test_what_is_no_id_tells_no_number(text: str) -> None:
    assert number_of(text) is None
