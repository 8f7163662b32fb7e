"""Cards: told at once, or after a challenge that the payer answers once."""

from __future__ import annotations

import secrets
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sandbox import cards
from sandbox.errors import invalid
from sandbox.family import FAILURES, Asked, Door, Family, refuse_unless_open, settled
from sandbox.steps import Case, State, Step, dispute_watch, effect, fact, money

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.records import Effect, Made

_CHALLENGE_FAILED = ("authentication_failed", "The payer did not pass the challenge.")


class CardFamily(Family):
    """The scenario of the card decides."""

    type = "card"
    dos: Mapping[str, str] = {"pay": "Approve", "decline": "Decline", "expire": "Expire now"}

    def facts(self, asked: Asked) -> dict[str, Any]:
        if strange := sorted(set(asked.method) - {"type"}):
            raise invalid(f"method.{strange[0]}", "is not known for this method.")
        scenario, card = cards.resolve(asked.body.get("source"))
        token = secrets.token_urlsafe(16) if scenario.challenged else None
        page = asked.page.replace("/pay/", "/challenge/")
        return {
            "method": {"type": "card", "name": ""},
            "card": asdict(card) if card else None,
            "failure": scenario.failure,
            "disputed": scenario.disputed,
            "hangs": scenario.hangs,
            "silent": scenario.silent,
            "challenge_token": token,
            "challenge_url": page if token else None,
            "default_seconds": None,
        }

    def begin(self, case: Case) -> Step:
        if case.made.facts["failure"] or case.made.facts["challenge_token"]:
            return Step()
        return _charged(case)

    def state(self, case: Case) -> State:
        answered = challenge_outcome(case.effects)
        if case.made.facts["failure"]:
            return State("failed", case.made.facts["failure"])
        if answered == "declined":
            return State("failed", _CHALLENGE_FAILED)
        if case.made.facts["challenge_token"] and answered is None:
            expired = ("expired", FAILURES["expired"])
            return State("failed", expired) if case.count("expired") else State("requires_action")
        return settled(case)

    def action(self, made: Made) -> dict[str, str]:
        return {"type": "redirect", "url": made.facts["challenge_url"]}

    def do_pay(self, case: Case) -> Step:
        """Effects of a yes: the answer itself, and the charge."""
        refuse_unless_open(case, self)
        return Step((_answer(case, "approved"),)) + _charged(case)

    def do_decline(self, case: Case) -> Step:
        refuse_unless_open(case, self)
        return Step((_answer(case, "declined"),))

    def do_expire(self, case: Case) -> Step:
        refuse_unless_open(case, self)
        return self.fire_expire(case)

    def fire_expire(self, case: Case) -> Step:
        if self.state(case).status != "requires_action":
            return Step()
        ended = {"at_ms": case.now_ms}
        return Step((fact(case, "expired", outcome="expired", facts=ended),))

    def doors(self, case: Case) -> list[Door]:
        del case
        return []


def challenge_outcome(effects: tuple[Effect, ...]) -> str | None:
    """The payer's answer to the challenge: approved, declined, or None while there is none."""
    results = [effect.outcome for effect in effects if effect.kind == "challenge_result"]
    return results[0] if results else None


def _answer(case: Case, outcome: str) -> Effect:
    key = f"challenge:{case.made.id}"
    return effect(case.made, "challenge_result", key=key, outcome=outcome)


def _charged(case: Case) -> Step:
    captures = case.made.facts["capture"]
    charged = money(case, "purchase" if captures else "authorize")
    return Step((charged,), dispute_watch(case) if captures else ())
