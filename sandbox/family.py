"""What a family of payment methods has to know, and how most of them behave."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox import clock
from sandbox.errors import invalid
from sandbox.steps import Case, State, Step, fact, impossible, money, sums, timer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.records import Made, Timer

OPEN = frozenset(("requires_action", "processing"))
_TELLING = frozenset(("purchase", "authorize", "processing", "failed", "expired"))
FAILURES = {
    "payer_declined": "The payer declined the payment.",
    "expired": "The payer did not pay in time.",
    "payer_left": "The payer left the bank's page without an answer.",
    "debit_returned": "The payer's bank returned the debit.",
    "chain_reorganized": "The chain was reorganised and the payment is no longer in it.",
    "insufficient_amount": "Less than the amount had arrived when the time was over.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """The body of a call for a charge, checked as far as all families share it."""

    body: Mapping[str, object]
    method: Mapping[str, object]
    charge: str
    page: str
    amount_minor: int
    currency: str
    capture: bool


@dataclass(frozen=True, slots=True)
class Door:
    """A button on the payer's page or the tester's: what it does, and its words."""

    do: str
    words: str
    main: bool = False


class Family(ABC):
    """One family; `page` names the template of the payer's page, empty where there is none."""

    type: str
    page: str = ""
    dos: Mapping[str, str]

    @abstractmethod
    def facts(self, asked: Asked) -> dict[str, Any]:
        """Read the method's own fields; `method`, `page_token` and `default_seconds` are musts."""

    @abstractmethod
    def begin(self, case: Case) -> Step:
        """Tell what happens as the charge is made, besides its expiry."""

    @abstractmethod
    def state(self, case: Case) -> State:
        """Tell the status from the effects alone."""

    @abstractmethod
    def action(self, made: Made) -> dict[str, str]:
        """Tell the payer's next step, for a charge that requires one."""

    def shown(self, case: Case, state: State) -> dict[str, object]:
        """Fields of the charge that only this family fills."""
        del case, state
        return {"received_minor": None, "facts": {}, "crypto": None}

    def refundable(self, case: Case) -> int:
        return sums(case.effects).captured

    def do(self, case: Case, what: str, units: int | None = None) -> Step:
        """Do what the payer, the bank or the tester wants."""
        del units
        if what not in self.dos:
            raise impossible(f"{what} is not for {self.type}; there are {', '.join(self.dos)}.")
        step: Step = getattr(self, f"do_{what}")(case)
        return step

    def fire(self, case: Case, due: Timer) -> Step:
        """Do what was put off until now, unless it has become pointless."""
        step: Step = getattr(self, f"fire_{due.what}")(case)
        return step

    @abstractmethod
    def doors(self, case: Case) -> list[Door]:
        """Tell the buttons that the payer has now."""


class Plain(Family):
    """A payer who says yes or no in time: the last telling effect tells the status."""

    dos: Mapping[str, str] = {
        "pay": "Pay",
        "decline": "Decline",
        "late": "Fail now, pay late",
        "expire": "Expire now",
    }

    def begin(self, case: Case) -> Step:
        del case
        return Step()

    def state(self, case: Case) -> State:
        telling = [effect for effect in case.effects if effect.kind in _TELLING]
        if not telling:
            return State("requires_action")
        last = telling[-1]
        if last.kind in {"failed", "expired"}:
            return State("failed", (last.outcome, FAILURES[last.outcome]))
        if last.kind == "processing":
            return State("processing")
        return settled(case)

    def do_pay(self, case: Case) -> Step:
        refuse_if_paid(case, self)
        return self.paid(case)

    def do_decline(self, case: Case) -> Step:
        refuse_unless_open(case, self)
        return Step((fact(case, "failed", outcome="payer_declined"),))

    def do_late(self, case: Case) -> Step:
        refuse_if_paid(case, self)
        late = Step(timers=(timer(case, "late", case.settings["late_seconds"]),))
        return late if self.state(case).status == "failed" else self.do_expire(case) + late

    def do_expire(self, case: Case) -> Step:
        refuse_unless_open(case, self)
        step = self.fire_expire(case)
        if not step.effects:
            raise impossible("This charge does not expire any more.")
        return step

    def fire_expire(self, case: Case) -> Step:
        if self.state(case).status not in OPEN:
            return Step()
        outcome = "payer_left" if case.count("left") else "expired"
        return Step((fact(case, "expired", outcome=outcome, facts={"at_ms": case.now_ms}),))

    def fire_late(self, case: Case) -> Step:
        return Step() if is_paid(case, self) else self.paid(case)

    def paid(self, case: Case) -> Step:
        kind = "purchase" if case.made.facts["capture"] else "authorize"
        return Step((money(case, kind),))

    def doors(self, case: Case) -> list[Door]:
        if is_paid(case, self):
            return []
        return [Door("pay", self.dos["pay"], main=True), *self._while_open(case)]

    def _while_open(self, case: Case) -> list[Door]:
        is_open = self.state(case).status in OPEN
        return [Door(do, self.dos[do]) for do in ("decline", "late") if is_open]


def settled(case: Case) -> State:
    """Tell the status of a charge whose money has been taken or set aside."""
    total = sums(case.effects)
    if total.captured:
        return State("succeeded")
    return State("canceled" if total.voided else "authorized")


def is_paid(case: Case, family: Family) -> bool:
    return family.state(case).status in {"authorized", "succeeded", "canceled"}


def refuse_if_paid(case: Case, family: Family) -> None:
    if is_paid(case, family):
        raise impossible(f"This charge is {family.state(case).status} already.")


def refuse_unless_open(case: Case, family: Family) -> None:
    status = family.state(case).status
    if status not in OPEN:
        raise impossible(f"This charge is {status} already.")


def choice(asked: Asked, name: str, known: Mapping[str, object]) -> str:
    value = asked.method.get(name)
    if not isinstance(value, str) or value not in known:
        raise invalid(f"method.{name}", f"must be one of {', '.join(known)}.")
    return value


def only(asked: Asked, *names: str) -> None:
    """Refuse fields that this family does not have."""
    if strange := sorted(set(asked.method) - {"type", *names}):
        raise invalid(f"method.{strange[0]}", "is not known for this method.")
    if asked.body.get("source") is not None:
        raise invalid("source", "is only for cards.")


def effective_expiry(case: Case) -> int | None:
    """The moment at which the payer's time was or will be over."""
    planned: int | None = case.made.facts.get("expires_ms")
    ended = [effect.facts["at_ms"] for effect in case.effects if effect.kind == "expired"]
    return min([*ended, planned]) if planned is not None else None


def expires_at(case: Case) -> str | None:
    moment = effective_expiry(case)
    return None if moment is None else clock.iso(moment)
