"""What each connector needs for the contract: one line each, and a file of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.contracts import sandbox_sample

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from app.providers.base import Outcome, Verb
    from app.providers.facts import ActionType


@dataclass(frozen=True)
class Sample:
    """How a provider signs calls, and an answer of its own for every outcome.

    `answers` is keyed by verb and outcome; `refusal` is the body of its 4xx answers;
    `other_money` is a success about another amount, currency and reference than was asked.
    `actions` are its answers to a purchase, one for each kind of action that it knows. `messages`
    are its webhooks by what they are about (None: a kind that we do not know), and `sign` gives
    the headers with which it would send such bytes at a moment.
    """

    credentials: Mapping[str, str]
    key_header: str
    answers: Mapping[tuple[Verb, Outcome], tuple[int, dict[str, Any]]]
    refusal: dict[str, Any]
    other_money: dict[str, Any]
    actions: Mapping[ActionType, tuple[int, dict[str, Any]]] = field(default_factory=dict)
    messages: Mapping[Verb | None, dict[str, Any]] = field(default_factory=dict)
    sign: Callable[[Mapping[str, str], bytes, datetime], dict[str, str]] | None = None


SAMPLES: Mapping[str, Sample] = {
    "sandbox": Sample(**sandbox_sample.SAMPLE),
}
