"""Disputes: opened by a card made for it or by a tester, and moved on by testers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox import clock, fields
from sandbox.errors import invalid
from sandbox.records import Effect, Made, Timer
from sandbox.steps import Case, Step, effect, fact, impossible, new_id, sums

if TYPE_CHECKING:
    from collections.abc import Mapping

STAGES = ("inquiry", "chargeback", "pre_arbitration", "arbitration")
STATUSES = ("open", "under_review", "won", "lost", "accepted", "expired")
OPEN_FIELDS = frozenset(("amount_minor", "stage", "withdrawn"))
CHANGE_FIELDS = frozenset(("stage", "status", "withdrawn"))
_OVER_AGAINST = frozenset(("lost", "accepted", "expired"))
_UNDECIDED = frozenset(("open", "under_review"))
_ANSWER_SECONDS = 7 * 24 * 60 * 60
_REASON = ("10.4", "Other Fraud – Card-Absent Environment")


def opened(case: Case, body: Mapping[str, object]) -> Step:
    """Open a dispute over a charge, of all that was captured unless an amount is named."""
    captured = sums(case.effects).captured
    if not captured:
        raise impossible("Nothing of this charge was captured, so nothing can be disputed.")
    amount = fields.amount(body) if "amount_minor" in body else captured
    if amount > captured:
        raise invalid("amount_minor", "is more than was captured.")
    stage = _word(body, "stage", STAGES, "chargeback")
    withdrawn = fields.flag(body, "withdrawn", default=stage != "inquiry")
    number = case.count("dispute_opened") + 1
    operation = case.made.facts["metadata"].get("operation")
    due_ms = case.now_ms + _ANSWER_SECONDS * clock.MS
    dispute = Made(
        id=new_id("dispute"),
        kind="dispute",
        charge=case.made.id,
        key=f"{case.made.id} dispute {number}",
        reference=case.made.reference,
        facts={
            "amount_minor": amount,
            "currency": case.made.facts["currency"],
            "metadata": {"operation": operation} if operation else {},
            "reason": _REASON,
            "due_ms": due_ms,
        },
    )
    state = {"stage": stage, "status": "open", "withdrawn": withdrawn}
    told = effect(dispute, "dispute_opened", key=f"{dispute.id} opened", facts=state)
    lapse = Timer(f"{dispute.id} lapse", case.made.id, dispute.id, "lapse", due_ms)
    moved = _money(case, dispute, state)
    return Step((told, *moved), (lapse,), (dispute,))


def changed(case: Case, dispute: Made, body: Mapping[str, object]) -> Step:
    """Move a dispute on; what is not named stays."""
    now = state_of(case, dispute)
    state = {
        "stage": _word(body, "stage", STAGES, now["stage"]),
        "status": _word(body, "status", STATUSES, now["status"]),
        "withdrawn": fields.flag(body, "withdrawn", default=now["withdrawn"]),
    }
    if state == now:
        return Step()
    told = fact(case, "dispute_changed", dispute, facts=state)
    return Step((told, *_money(case, dispute, state)))


def lapse(case: Case, dispute: Made) -> Step:
    """Let a dispute that nobody answered in time be over."""
    if state_of(case, dispute)["status"] != "open":
        return Step()
    return changed(case, dispute, {"status": "expired"})


def state_of(case: Case, dispute: Made) -> Mapping[str, Any]:
    """Tell stage, status and whether the money was withdrawn, as they were told last."""
    told = [
        effect.facts
        for effect in case.effects
        if effect.object == dispute.id and effect.kind in {"dispute_opened", "dispute_changed"}
    ]
    return told[-1]


def _money(case: Case, dispute: Made, state: Mapping[str, Any]) -> tuple[Effect, ...]:
    """Take the money, or give it back, as the state demands: a won dispute gives it back."""
    against = state["status"] in _OVER_AGAINST and state["stage"] != "inquiry"
    held = state["status"] in _UNDECIDED and state["withdrawn"]
    moves = [e.kind for e in case.effects if e.object == dispute.id]
    stands = moves.count("dispute") > moves.count("dispute_reversed")
    if stands == (against or held):
        return ()
    return (fact(case, "dispute_reversed" if stands else "dispute", dispute),)


def _word(body: Mapping[str, object], name: str, known: tuple[str, ...], now: str) -> str:
    value = body.get(name, now)
    if value not in known:
        raise invalid(name, f"must be one of {', '.join(known)}.")
    return str(value)
