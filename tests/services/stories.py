"""Everything that can happen to a payment, as moves of a machine over the services on MariaDB.

Whatever order people, providers and clocks choose, every invariant holds after every move. A
failing run prints the shortest list of moves that repeats it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.desk import RESOLUTIONS, CaseKind
from app.domain.identifiers import new_id
from app.errors import PayAgencyError
from app.models import DeskCase
from app.providers.base import Outcome
from app.queries import operations, payments
from app.services import attempts, captures, closing, desk_resolutions, evidence, refunds, routing
from app.services.invariants import registry
from tests.fixtures.application import empty, new_world
from tests.services import flows
from tests.services.answers import answer, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from app.models import Operation
    from app.providers.base import ProviderAnswer

AMOUNT = 6000
SOURCES = (evidence.ANSWER, evidence.LOOK_UP, evidence.EVENT)
amounts = st.integers(1, AMOUNT + 500)
outcomes = st.sampled_from(list(Outcome))


class PaymentStories(RuleBasedStateMachine):
    """One payment in a world of its own; `engine` may empty the database."""

    engine: ClassVar[Engine]

    def __init__(self) -> None:
        super().__init__()
        empty(self.engine)
        self.world = new_world()
        self.payment = ""
        self.told: list[tuple[str, ProviderAnswer]] = []

    @property
    def asked(self) -> list[Operation]:
        """The operations of the payment, oldest first."""
        return flows.read_operations(self.world.staff(), self.payment)

    @precondition(lambda self: not self.payment)
    @rule(capture=st.sampled_from(["automatic", "manual"]))
    def ask(self, capture: str) -> None:
        self.payment = flows.pay(
            self.world.owner(), self.world.acme, amount_minor=AMOUNT, capture=capture, run=False
        )

    @precondition(lambda self: self.payment)
    @rule(data=st.data(), outcome=outcomes, source=st.sampled_from(SOURCES))
    def report(self, data: st.DataObject, outcome: Outcome, source: str) -> None:
        """The provider says something of one operation, now and then what nobody asked for."""
        operation = data.draw(st.sampled_from([each.public_id for each in self.asked]))
        received = data.draw(st.none() | amounts) if self._takes(operation) else None
        wrong = data.draw(st.sampled_from([None] * 9 + [AMOUNT + 1]))
        told = answer(
            outcome,
            amount_minor=wrong,
            received_minor=received,
            provider_reference=f"sbx_{operation}",
        )
        self.told.append((operation, told))
        tell(self.world, operation, told, source=source)

    @precondition(lambda self: self.told)
    @rule(data=st.data(), source=st.sampled_from(SOURCES))
    def repeat(self, data: st.DataObject, source: str) -> None:
        """What was told before comes once more, late and out of order."""
        operation, told = data.draw(st.sampled_from(self.told))
        tell(self.world, operation, told, source=source)

    @precondition(lambda self: self.payment)
    @rule(amount=st.none() | amounts)
    def capture(self, amount: int | None) -> None:
        self._try(lambda session: captures.ask_capture(session, clock.now(), self.payment, amount))

    @precondition(lambda self: self.payment)
    @rule()
    def void(self) -> None:
        self._try(lambda session: captures.ask_void(session, clock.now(), self.payment, "machine"))

    @precondition(lambda self: self.payment)
    @rule(amount=st.none() | amounts)
    def refund(self, amount: int | None) -> None:
        self._try(
            lambda session: refunds.ask_refund(
                session, clock.now(), self.payment, amount, "machine"
            )
        )

    @precondition(lambda self: self.payment)
    @rule()
    def try_again(self) -> None:
        route = routing.choose("card", livemode=False)
        self._try(
            lambda session: attempts.try_again(
                session, clock.now(), self.payment, route, card_token="tok_approve"
            )
        )

    @precondition(lambda self: self.payment)
    @rule()
    def cancel(self) -> None:
        self._try(lambda session: closing.cancel(session, clock.now(), self.payment, "machine"))

    @precondition(lambda self: self.payment)
    @rule(data=st.data())
    def decide(self, data: st.DataObject) -> None:
        """Two people end a case at the desk in one of its ways."""
        with db.reading(self.world.staff()) as session:
            cases = session.query(DeskCase).filter_by(state="open").order_by(DeskCase.id).all()
        if not cases:
            return
        case = data.draw(st.sampled_from(cases))
        way = data.draw(st.sampled_from(RESOLUTIONS[CaseKind(case.kind)]))
        self._try(
            lambda session: desk_resolutions.resolve(
                session,
                clock.now(),
                case.public_id,
                way.ending,
                "machine",
                reference=f"sbx_{case.public_id}",
                approval=new_id("apr", clock.now()),
            ),
            self.world.staff(),
        )

    @invariant()
    def everything_holds(self) -> None:
        """Check every invariant over everything that was ever written."""
        if not self.payment:
            return
        with db.reading(Actor.house(None, "machine")) as session:
            session.info["unscoped"] = "machine"
            broken = [
                f"{each.name}: {violation.subject} {violation.text}"
                for each in registry.check_all(session)
                for violation in each.violations
            ]
        assert not broken, "\n".join(broken)

    def _takes(self, operation_id: str) -> bool:
        with db.reading(self.world.staff()) as session:
            found = operations.get(session, operation_id)
            return found is not None and found.kind == "purchase"

    def _try(self, ask: Callable[[Session], object], actor: Actor | None = None) -> None:
        """Ask for something; a refusal is an answer too, anything else is a fault."""
        try:
            with db.unit_of_work(actor or self.world.owner()) as session:
                assert payments.get(session, self.payment) is not None
                ask(session)
        except PayAgencyError:
            return
