from __future__ import annotations

import pytest

from app.domain.fees import FeeRule
from app.domain.fees.versions import MOST_RULES, ListTerms, check_list
from app.errors import BadInputError


@pytest.mark.parametrize(
    "count, told", [(0, "are missing"), (MOST_RULES + 1, f"are more than {MOST_RULES}")]
)
def test_a_list_has_rules_and_not_too_many(count: int, told: str) -> None:
    rules = [FeeRule(250, 0, "EUR", method="card", brand=f"brand {n}") for n in range(count)]
    wanted = ListTerms(currency="EUR", effective_from=None, rules=tuple(rules))
    with pytest.raises(BadInputError, match=told) as refused:
        check_list(wanted, ["card"])
    assert refused.value.place == "rules"


def test_the_longest_list_is_taken() -> None:
    rules = [FeeRule(250, 0, "EUR", method="card", brand=f"b{n}") for n in range(MOST_RULES)]
    check_list(ListTerms(currency="EUR", effective_from=None, rules=tuple(rules)), ["card"])
