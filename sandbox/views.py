"""Objects as the API and the events show them, in the state that the effects give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox import charges, clock, disputes, families
from sandbox.family import expires_at
from sandbox.steps import Case, Failure, sums

if TYPE_CHECKING:
    from sandbox.records import Made
    from sandbox.store import Transaction


def view(tx: Transaction, account: str, made: Made) -> dict[str, object]:
    return show(case_of(tx, account, made), made)


def case_of(tx: Transaction, account: str, made: Made) -> Case:
    """Read the charge that an object belongs to, with what happened to it, only to be shown."""
    charge = made if made.kind == "charge" else tx.by_id(account, made.charge)
    if charge is None:
        raise LookupError(f"{made.id} belongs to no charge")
    return charge_case(tx, charge)


def charge_case(tx: Transaction, charge: Made) -> Case:
    return Case(charge, tuple(tx.effects(charge.id)), tx.now_ms, {})


def show(case: Case, made: Made) -> dict[str, object]:
    """Show an object of the charge of a case."""
    if made.kind == "charge":
        return _charge(case)
    return _dispute(case, made) if made.kind == "dispute" else _part(case, made)


def _charge(case: Case) -> dict[str, object]:
    made, family = case.made, families.of(case.made)
    total, state = sums(case.effects), family.state(case)
    return {
        "id": made.id,
        "object": "charge",
        "status": state.status,
        "method": made.facts.get("method", {"type": "card", "name": ""}),
        "amount_minor": made.facts["amount_minor"],
        "currency": made.facts["currency"],
        "captured_minor": total.captured,
        "refunded_minor": total.refunded,
        "reference": made.reference,
        "metadata": made.facts["metadata"],
        "card": made.facts.get("card"),
        "action": family.action(made) if state.status == "requires_action" else None,
        "failure": _failure(state.failure),
        "expires_at": expires_at(case),
        **family.shown(case, state),
    }


def _part(case: Case, made: Made) -> dict[str, object]:
    state = charges.part_state(case, made)
    return {
        "id": made.id,
        "object": made.kind,
        "charge": made.charge,
        "status": state.status,
        "amount_minor": made.facts["amount_minor"],
        "currency": made.facts["currency"],
        "reason": made.facts["reason"],
        "reference": made.reference,
        "metadata": made.facts["metadata"],
        "failure": _failure(state.failure),
    }


def _dispute(case: Case, made: Made) -> dict[str, object]:
    reason_code, reason = made.facts["reason"]
    return {
        "id": made.id,
        "object": "dispute",
        "charge": made.charge,
        "amount_minor": made.facts["amount_minor"],
        "currency": made.facts["currency"],
        **disputes.state_of(case, made),
        "reason_code": reason_code,
        "reason": reason,
        "due_at": clock.iso(made.facts["due_ms"]),
        "reference": made.reference,
        "metadata": made.facts["metadata"],
    }


def _failure(failure: Failure | None) -> dict[str, str] | None:
    return {"code": failure[0], "message": failure[1]} if failure else None
