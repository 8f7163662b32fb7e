from __future__ import annotations

import dataclasses

import pytest

from app.domain.failures import (
    WORDS,
    Failure,
    FailureCode,
    FailureGroup,
    WhoCanAct,
    describe,
)

GIVES_AWAY = ("fraud", "stolen", "lost", "risk", "rule", "suspect", "report", "block")

every_code = pytest.mark.parametrize("code", list(FailureCode))


@every_code
def test_every_failure_is_said_in_whole_sentences(code: FailureCode) -> None:
    words = describe(code)
    for sentence in (words.for_merchant, words.for_payer, words.group_words):
        assert sentence[0].isupper()
        assert sentence.endswith(".")


@every_code
def test_the_payer_is_never_told_of_a_report_or_a_rule(code: FailureCode) -> None:
    told = describe(code).for_payer.lower()
    assert not [word for word in GIVES_AWAY if word in told]


def test_no_code_is_without_words_and_no_words_without_a_code() -> None:
    assert set(WORDS) == set(FailureCode)
    assert 45 <= len(FailureCode) <= 55


def test_all_groups_and_all_who_can_act_occur() -> None:
    assert {words.group for words in WORDS.values()} == set(FailureGroup)
    assert {words.who_can_act for words in WORDS.values()} == set(WhoCanAct)


def test_every_group_says_something_else() -> None:
    assert len({words.group_words for words in WORDS.values()}) == len(FailureGroup)


def test_fraud_looks_to_the_payer_like_any_other_decline() -> None:
    said = {words.for_payer for words in WORDS.values() if words.group == FailureGroup.FRAUD}
    assert said == {describe(FailureCode.ACCOUNT_CLOSED).for_payer}


@pytest.mark.parametrize(
    "code, group, who",
    [
        ("card_declined", FailureGroup.ASK_THE_BANK, WhoCanAct.PAYER),
        ("insufficient_funds", FailureGroup.RETRY_LATER, WhoCanAct.PAYER),
        ("processing_error", FailureGroup.RETRY_LATER, WhoCanAct.PROVIDER),
        ("authentication_failed", FailureGroup.RETRY_WITH_OTHER_DATA, WhoCanAct.PAYER),
        ("invalid_token", FailureGroup.FIX_THE_INTEGRATION, WhoCanAct.MERCHANT),
        ("account_closed", FailureGroup.DO_NOT_RETRY, WhoCanAct.PAYER),
        ("stolen_card", FailureGroup.FRAUD, WhoCanAct.MERCHANT),
    ],
)
def test_the_groups_of_everyday_failures(code: str, group: FailureGroup, who: WhoCanAct) -> None:
    words = describe(FailureCode(code))
    assert (words.group, words.who_can_act) == (group, who)


def test_a_failure_keeps_what_the_provider_said_word_for_word() -> None:
    failure = Failure(FailureCode.CARD_DECLINED, "05", "Do not honor")
    assert dataclasses.astuple(failure) == ("card_declined", "05", "Do not honor")
