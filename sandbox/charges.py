"""What a call makes and which effects it has: pure planning over what the store knows.

A refusal for a business reason (declined, nothing left to capture) makes a failed object, so that
the same key keeps getting the same answer. `tok_error` is such a failed charge too, with the
failure `processing_error` and no effect.
"""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sandbox import cards, fields
from sandbox.errors import invalid
from sandbox.store import Effect, Made

if TYPE_CHECKING:
    from collections.abc import Mapping

CHARGE_FIELDS = frozenset(
    ("amount_minor", "currency", "capture", "source", "reference", "return_url", "metadata")
)
PART_FIELDS = frozenset(("amount_minor", "reason", "metadata"))
VOID_FIELDS = frozenset(("metadata",))

_PREFIX = {"charge": "sbx_ch", "capture": "sbx_cp", "void": "sbx_vo", "refund": "sbx_re"}
_NOT_CAPTURABLE = ("charge_not_capturable", "Nothing of this charge is left to be captured.")
_NOT_VOIDABLE = ("charge_not_voidable", "Nothing of this charge is left to be voided.")
_NOT_REFUNDABLE = ("charge_not_refundable", "Nothing of this charge is left to be refunded.")
_TOO_MUCH = ("amount_too_large", "The amount is larger than what is left of this charge.")
_CHALLENGE_FAILED = ("authentication_failed", "The payer did not pass the challenge.")


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be written, and whether the caller is kept waiting after that."""

    made: Made
    effects: tuple[Effect, ...]
    hangs: bool = False


@dataclass(frozen=True, slots=True)
class Sums:
    """What the effects of a charge add up to, in minor units."""

    authorized: int
    captured: int
    voided: int
    refunded: int

    @property
    def capturable(self) -> int:
        return self.authorized - self.voided - self.captured


def sums(effects: list[Effect]) -> Sums:
    total = dict.fromkeys(("purchase", "authorize", "capture", "void", "refund"), 0)
    for effect in effects:
        if effect.kind in total:
            total[effect.kind] += effect.amount_minor
    authorized = total["purchase"] + total["authorize"]
    captured = total["purchase"] + total["capture"]
    return Sums(authorized, captured, total["void"], total["refund"])


def new_charge(body: Mapping[str, object], key: str, public_url: str) -> Plan:
    scenario, card = cards.resolve(body.get("source"))
    return_url = fields.web_address(body, "return_url")
    charge_id = _new_id("charge")
    reference = fields.text(body, "reference", 255)
    if not reference:
        raise invalid("reference", "is needed.")
    token = secrets.token_urlsafe(16) if scenario.challenged else None
    made = Made(
        id=charge_id,
        kind="charge",
        charge=charge_id,
        key=key,
        reference=reference,
        facts={
            "amount_minor": fields.amount(body),
            "currency": fields.currency(body),
            "capture": fields.flag(body, "capture", default=True),
            "metadata": fields.metadata(body),
            "return_url": return_url,
            "card": asdict(card) if card else None,
            "failure": scenario.failure,
            "challenge_token": token,
            "challenge_url": f"{public_url}/challenge/{charge_id}" if token else None,
        },
    )
    happens = scenario.failure is None and not scenario.challenged
    return Plan(made, (_charge_effect(made),) if happens else (), scenario.hangs)


def capture(charge: Made, effects: list[Effect], body: Mapping[str, object], key: str) -> Plan:
    left = sums(effects).capturable
    return _part(charge, "capture", body, key, left=left, nothing=_NOT_CAPTURABLE)


def void(charge: Made, effects: list[Effect], body: Mapping[str, object], key: str) -> Plan:
    left = sums(effects).capturable
    asked = {**body, "amount_minor": left or charge.facts["amount_minor"]}
    return _part(charge, "void", asked, key, left=left, nothing=_NOT_VOIDABLE)


def refund(charge: Made, effects: list[Effect], body: Mapping[str, object], key: str) -> Plan:
    total = sums(effects)
    left = total.captured - total.refunded
    return _part(charge, "refund", body, key, left=left, nothing=_NOT_REFUNDABLE)


def _part(
    charge: Made,
    kind: str,
    body: Mapping[str, object],
    key: str,
    *,
    left: int,
    nothing: tuple[str, str],
) -> Plan:
    amount = fields.amount(body)
    failure = nothing if left == 0 else _TOO_MUCH if amount > left else None
    made = Made(
        id=_new_id(kind),
        kind=kind,
        charge=charge.id,
        key=key,
        reference=charge.reference,
        facts={
            "amount_minor": amount,
            "currency": charge.facts["currency"],
            "reason": fields.text(body, "reason", 500),
            "metadata": fields.metadata(body),
            "failure": failure,
        },
    )
    return Plan(made, () if failure else (_effect(made, kind),))


def challenge_result(charge: Made, *, approved: bool) -> tuple[Effect, ...]:
    """Effects of the payer's answer: the answer itself, and the charge if it was a yes."""
    result = Effect(
        kind="challenge_result",
        object=charge.id,
        charge=charge.id,
        key=f"challenge:{charge.id}",
        amount_minor=charge.facts["amount_minor"],
        currency=charge.facts["currency"],
        our_reference=charge.reference,
        our_operation=charge.facts["metadata"].get("operation", ""),
        outcome="approved" if approved else "declined",
    )
    return (result, _charge_effect(charge)) if approved else (result,)


def challenge_outcome(effects: list[Effect]) -> str | None:
    """The payer's answer to the challenge: approved, declined, or None while there is none."""
    results = [effect.outcome for effect in effects if effect.kind == "challenge_result"]
    return results[0] if results else None


def view(made: Made, effects: list[Effect]) -> dict[str, object]:
    """Show an object as the API does, in the state that the effects give it."""
    return _charge_view(made, effects) if made.kind == "charge" else _part_view(made)


def _charge_view(made: Made, effects: list[Effect]) -> dict[str, object]:
    total = sums(effects)
    status, failure = _charge_state(made, effects, total)
    action = {"type": "redirect", "url": made.facts["challenge_url"]}
    return {
        "id": made.id,
        "object": "charge",
        "status": status,
        "amount_minor": made.facts["amount_minor"],
        "currency": made.facts["currency"],
        "captured_minor": total.captured,
        "refunded_minor": total.refunded,
        "reference": made.reference,
        "metadata": made.facts["metadata"],
        "card": made.facts["card"],
        "action": action if status == "requires_action" else None,
        "failure": _failure_view(failure),
    }


def _charge_state(
    made: Made, effects: list[Effect], total: Sums
) -> tuple[str, tuple[str, str] | None]:
    answered = challenge_outcome(effects)
    if made.facts["failure"]:
        return "failed", made.facts["failure"]
    if answered == "declined":
        return "failed", _CHALLENGE_FAILED
    if made.facts["challenge_token"] and answered is None:
        return "requires_action", None
    if total.captured:
        return "succeeded", None
    return ("canceled" if total.voided else "authorized"), None


def _part_view(made: Made) -> dict[str, object]:
    failure: Any = made.facts["failure"]
    return {
        "id": made.id,
        "object": made.kind,
        "charge": made.charge,
        "status": "failed" if failure else "succeeded",
        "amount_minor": made.facts["amount_minor"],
        "currency": made.facts["currency"],
        "reason": made.facts["reason"],
        "reference": made.reference,
        "metadata": made.facts["metadata"],
        "failure": _failure_view(failure),
    }


def _failure_view(failure: tuple[str, str] | None) -> dict[str, str] | None:
    return {"code": failure[0], "message": failure[1]} if failure else None


def _charge_effect(made: Made) -> Effect:
    return _effect(made, "purchase" if made.facts["capture"] else "authorize")


def _effect(made: Made, kind: str) -> Effect:
    return Effect(
        kind=kind,
        object=made.id,
        charge=made.charge,
        key=made.key,
        amount_minor=made.facts["amount_minor"],
        currency=made.facts["currency"],
        our_reference=made.reference,
        our_operation=made.facts["metadata"].get("operation", ""),
    )


def _new_id(kind: str) -> str:
    return f"{_PREFIX[kind]}_{cards.letters(secrets.token_bytes(15))}"
