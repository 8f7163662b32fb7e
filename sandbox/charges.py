"""What a call makes and which effects it has: pure planning over what the store knows.

A refusal for a business reason (declined, nothing left to capture) makes a failed object, so that
the same key keeps getting the same answer. `tok_error` is such a failed charge too, with the
failure `processing_error` and no effect.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sandbox import clock, families, fields
from sandbox.errors import invalid
from sandbox.family import Asked
from sandbox.records import Made, Timer
from sandbox.steps import (
    Case,
    Failure,
    State,
    Step,
    dispute_watch,
    effect,
    fact,
    impossible,
    money,
    new_id,
    sums,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

CHARGE_FIELDS = frozenset(
    (
        *("amount_minor", "currency", "capture", "source", "reference", "return_url", "metadata"),
        *("method", "expires_seconds"),
    )
)
PART_FIELDS = frozenset(("amount_minor", "reason", "metadata"))
VOID_FIELDS = frozenset(("metadata",))

_NOT_CAPTURABLE = ("charge_not_capturable", "Nothing of this charge is left to be captured.")
_NOT_VOIDABLE = ("charge_not_voidable", "Nothing of this charge is left to be voided.")
_NOT_REFUNDABLE = ("charge_not_refundable", "Nothing of this charge is left to be refunded.")
_TOO_MUCH = ("amount_too_large", "The amount is larger than what is left of this charge.")
_UNDONE = ("processing_error", "It was accepted and could not be carried out.")
_OUTCOMES = ("succeeded", "failed")


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be written, and whether the caller is kept waiting after that."""

    made: Made
    step: Step
    hangs: bool = False


def new_charge(
    body: Mapping[str, object],
    key: str,
    *,
    public_url: str,
    now_ms: int,
    settings: Mapping[str, int],
) -> Plan:
    method = fields.method(body)
    family = families.named(method)
    charge = new_id("charge")
    if not fields.text(body, "reference", 255):
        raise invalid("reference", "is needed.")
    asked = Asked(
        body=body,
        method=method,
        charge=charge,
        page=f"{public_url}/pay/{charge}",
        amount_minor=fields.amount(body),
        currency=fields.currency(body),
        capture=fields.flag(body, "capture", default=True),
    )
    own = family.facts(asked)
    seconds = fields.seconds(body, "expires_seconds") or own.pop("default_seconds")
    facts = {
        "amount_minor": asked.amount_minor,
        "currency": asked.currency,
        "capture": asked.capture,
        "metadata": fields.metadata(body),
        "return_url": fields.web_address(body, "return_url"),
        "expires_ms": now_ms + seconds * clock.MS if seconds else None,
        **own,
    }
    made = Made(charge, "charge", charge, key, fields.text(body, "reference", 255), facts)
    step = family.begin(Case(made, (), now_ms, settings)) + Step(timers=_expiry(made))
    return Plan(made, replace(step, made=(made,)), hangs=bool(facts.get("hangs")))


def _expiry(made: Made) -> tuple[Timer, ...]:
    due_ms = made.facts["expires_ms"]
    return (Timer(f"{made.id} expire", made.id, made.id, "expire", due_ms),) if due_ms else ()


def capture(case: Case, body: Mapping[str, object], key: str) -> Plan:
    left = sums(case.effects).capturable
    planned = _part(case, "capture", body, key, left=left, nothing=_NOT_CAPTURABLE)
    if planned.step.effects and not sums(case.effects).captured:
        return replace(planned, step=planned.step + Step(timers=dispute_watch(case)))
    return planned


def void(case: Case, body: Mapping[str, object], key: str) -> Plan:
    left = sums(case.effects).capturable
    asked = {**body, "amount_minor": left or case.made.facts["amount_minor"]}
    return _part(case, "void", asked, key, left=left, nothing=_NOT_VOIDABLE)


def refund(case: Case, body: Mapping[str, object], key: str) -> Plan:
    return _part(case, "refund", body, key, left=_refundable(case), nothing=_NOT_REFUNDABLE)


def _refundable(case: Case) -> int:
    total = sums(case.effects)
    return max(families.of(case.made).refundable(case) - total.refunded - total.asked, 0)


def _part(
    case: Case,
    kind: str,
    body: Mapping[str, object],
    key: str,
    *,
    left: int,
    nothing: Failure,
) -> Plan:
    amount = fields.amount(body)
    failure = nothing if left == 0 else _TOO_MUCH if amount > left else None
    made = Made(
        id=new_id(kind),
        kind=kind,
        charge=case.made.id,
        key=key,
        reference=case.made.reference,
        facts={
            "amount_minor": amount,
            "currency": case.made.facts["currency"],
            "reason": fields.text(body, "reason", 500),
            "metadata": fields.metadata(body),
            "failure": failure,
        },
    )
    if failure:
        return Plan(made, Step(made=(made,)))
    waits = kind == "refund" and case.settings["refunds_pending"]
    happens = fact(case, "refund_asked", made) if waits else effect(made, kind)
    return Plan(made, Step((happens,), made=(made,)))


def part_state(case: Case, part: Made) -> State:
    """Tell the status of a capture, void or refund: the last effect on it counts."""
    if part.facts["failure"]:
        return State("failed", part.facts["failure"])
    kinds = [effect.kind for effect in case.effects if effect.object == part.id]
    if not kinds or kinds[-1] == part.kind:
        return State("succeeded")
    if kinds[-1] == "refund_asked":
        return State("processing")
    return State("failed", _UNDONE)


def end_part(case: Case, part: Made, outcome: object) -> Step:
    """Let a refund or capture end as the tester wants, also after it had ended otherwise."""
    if part.kind not in {"refund", "capture"}:
        raise impossible(f"A {part.kind} ends by itself.")
    if outcome not in _OUTCOMES:
        raise invalid("outcome", f"must be {' or '.join(_OUTCOMES)}.")
    status = part_state(case, part).status
    if part.facts["failure"]:
        raise impossible(f"This {part.kind} was refused from the beginning.")
    if status == outcome:
        return Step()
    if outcome == "failed":
        kind = "refund_failed" if status == "processing" else f"{part.kind}_reversed"
        return Step((fact(case, kind, part),))
    if status == "failed" and _left(case, part) < part.facts["amount_minor"]:
        raise impossible("Too little is left of the charge.")
    return Step((money(case, part.kind, part),))


def _left(case: Case, part: Made) -> int:
    return _refundable(case) if part.kind == "refund" else sums(case.effects).capturable
