"""What follows from a call, from the payer's answer or from the passing of time: pure planning."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sandbox import cards, clock
from sandbox.errors import ApiError
from sandbox.records import Effect, Made, Timer

if TYPE_CHECKING:
    from collections.abc import Mapping

Failure = tuple[str, str]

_PREFIX = {
    "charge": "sbx_ch",
    "capture": "sbx_cp",
    "void": "sbx_vo",
    "refund": "sbx_re",
    "dispute": "sbx_dp",
    "event": "sbx_ev",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A charge, what happened to it, the moment, and the controls."""

    made: Made
    effects: tuple[Effect, ...]
    now_ms: int
    settings: Mapping[str, int]

    def count(self, kind: str) -> int:
        return sum(effect.kind == kind for effect in self.effects)

    def after(self, step: Step) -> Case:
        return replace(self, effects=self.effects + step.effects)


@dataclass(frozen=True, slots=True)
class Step:
    """What will be written: objects, effects, and timers for what comes later."""

    effects: tuple[Effect, ...] = ()
    timers: tuple[Timer, ...] = ()
    made: tuple[Made, ...] = ()

    def __add__(self, other: Step) -> Step:
        return Step(
            self.effects + other.effects, self.timers + other.timers, self.made + other.made
        )


@dataclass(frozen=True, slots=True)
class State:
    """The status that the API shows, and why a charge failed."""

    status: str
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class Sums:
    """What the effects of a charge add up to, in minor units, less what was taken back.

    `asked` are refunds that are still under way; `received` is what came in on a chain.
    """

    authorized: int
    captured: int
    voided: int
    refunded: int
    asked: int
    received: int

    @property
    def capturable(self) -> int:
        return self.authorized - self.voided - self.captured


def sums(effects: tuple[Effect, ...]) -> Sums:
    def total(*kinds: str) -> int:
        return sum(effect.amount_minor for effect in effects if effect.kind in kinds)

    purchased = total("purchase") - total("purchase_reversed")
    ended = {effect.object for effect in effects if effect.kind in {"refund", "refund_failed"}}
    return Sums(
        authorized=purchased + total("authorize"),
        captured=purchased + total("capture") - total("capture_reversed"),
        voided=total("void"),
        refunded=total("refund") - total("refund_reversed"),
        asked=sum(
            effect.amount_minor
            for effect in effects
            if effect.kind == "refund_asked" and effect.object not in ended
        ),
        received=total("deposit") - total("deposit_reversed"),
    )


def effect(
    made: Made,
    kind: str,
    *,
    key: str | None = None,
    amount_minor: int | None = None,
    outcome: str = "done",
    facts: Mapping[str, Any] | None = None,
) -> Effect:
    """Plan an effect on an object, of its whole amount and under its key unless told otherwise."""
    return Effect(
        kind=kind,
        object=made.id,
        charge=made.charge,
        key=key or made.key,
        amount_minor=made.facts["amount_minor"] if amount_minor is None else amount_minor,
        currency=made.facts["currency"],
        our_reference=made.reference,
        our_operation=made.facts["metadata"].get("operation", ""),
        outcome=outcome,
        facts=facts or {},
    )


def fact(
    case: Case,
    kind: str,
    made: Made | None = None,
    *,
    amount_minor: int | None = None,
    outcome: str = "done",
    facts: Mapping[str, Any] | None = None,
) -> Effect:
    """Plan an effect that nobody's call asked for."""
    made = made or case.made
    key = f"{made.id} {kind} {case.count(kind) + 1}"
    return effect(made, kind, key=key, amount_minor=amount_minor, outcome=outcome, facts=facts)


def money(
    case: Case, kind: str, made: Made | None = None, *, amount_minor: int | None = None
) -> Effect:
    """Plan what a call asked for: under its key the first time, under one of our own later."""
    made = made or case.made
    if any(one.key == made.key for one in case.effects):
        return fact(case, kind, made, amount_minor=amount_minor)
    return effect(made, kind, amount_minor=amount_minor)


def timer(case: Case, what: str, seconds: int, about: str | None = None) -> Timer:
    """Plan that `what` happens to an object of the charge, so many seconds from now."""
    about = about or case.made.id
    key = f"{about} {what} {len(case.effects) + 1}"
    return Timer(key, case.made.id, about, what, case.now_ms + seconds * clock.MS)


def dispute_watch(case: Case) -> tuple[Timer, ...]:
    """Plan the dispute that the cards for it get once, after the charge has succeeded."""
    if not case.made.facts.get("disputed"):
        return ()
    due_ms = case.now_ms + case.settings["dispute_seconds"] * clock.MS
    charge = case.made.id
    return (Timer(f"{charge} dispute", charge, charge, "dispute", due_ms),)


def new_id(kind: str) -> str:
    return f"{_PREFIX[kind]}_{cards.letters(secrets.token_bytes(15))}"


def impossible(reason: str) -> ApiError:
    return ApiError(409, "not_possible", reason)
