"""What each connector needs for the contract: one line each, and a file of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.contracts import sandbox_sample

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.providers.base import Outcome, Verb


@dataclass(frozen=True)
class Sample:
    """How a provider signs calls, and an answer of its own for every outcome.

    `answers` is keyed by verb and outcome; `refusal` is the body of its 4xx answers;
    `other_money` is a success about another amount, currency and reference than was asked.
    """

    credentials: Mapping[str, str]
    key_header: str
    answers: Mapping[tuple[Verb, Outcome], tuple[int, dict[str, Any]]]
    refusal: dict[str, Any]
    other_money: dict[str, Any]


SAMPLES: Mapping[str, Sample] = {
    "sandbox": Sample(**sandbox_sample.SAMPLE),
}
