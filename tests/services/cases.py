"""Cases at the desk as the services open them, one of each kind that has money or an operation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.adapters import clock, db
from app.models import DeskCase, Merchant
from app.providers.base import Outcome
from app.queries import desk
from app.services import attempts, closing, desk_notice, evidence, routing
from tests.services import flows
from tests.services.answers import answer, tell

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.fixtures.application import World


def _asked(world: World) -> tuple[str, str]:
    payment = flows.pay(world.owner(), world.acme, run=False)
    return payment, flows.read_operations(world.owner(), payment)[0].public_id


def second(world: World) -> str:
    """A first attempt succeeds after another one has paid."""
    payment, first = _asked(world)
    tell(world, first, Outcome.FAILED)
    route = routing.choose("card", livemode=False)
    with db.unit_of_work(world.owner()) as session:
        other = attempts.try_again(
            session, clock.now(), payment, route, card_token="tok_approve"
        ).public_id
    tell(world, other, Outcome.SUCCESS)
    tell(world, first, Outcome.SUCCESS)
    return payment


def late(world: World) -> str:
    """Money comes for a payment that was canceled, and it could not be sent back by itself."""
    with db.unit_of_work(world.staff()) as session:
        session.query(Merchant).filter_by(id=world.acme).update({"late_money": "refund"})
    payment, operation = _asked(world)
    tell(world, operation, Outcome.ACTION)
    with db.unit_of_work(world.owner()) as session:
        closing.cancel(session, clock.now(), payment, "ordered elsewhere")
    tell(world, operation, Outcome.SUCCESS)
    refund = flows.read_operations(world.owner(), payment)[-1].public_id
    tell(world, refund, Outcome.FAILED)
    return payment


def over_paid(world: World) -> str:
    """90.00 come where 60.00 were asked for."""
    payment, operation = _asked(world)
    tell(world, operation, answer(Outcome.SUCCESS, received_minor=9000))
    return payment


def more_comes(world: World, payment: str, received_minor: int) -> None:
    """The provider reports that more has come in all."""
    operation = flows.read_operations(world.owner(), payment)[0].public_id
    tell(world, operation, answer(Outcome.SUCCESS, received_minor=received_minor))


def conflicted(world: World) -> str:
    """The provider reports another amount than the one that it took."""
    payment, operation = _asked(world)
    tell(world, operation, Outcome.SUCCESS)
    tell(world, operation, answer(Outcome.SUCCESS, amount_minor=6001))
    return payment


def unknown(world: World) -> str:
    """No answer came, and the deadline is over."""
    payment, operation = _asked(world)
    tell(world, operation, Outcome.UNKNOWN, source=evidence.ANSWER)
    _notice(world, payment)
    return payment


def unknown_refund(world: World) -> str:
    """No answer came to a refund of 20.00."""
    payment, operation = _asked(world)
    tell(world, operation, Outcome.SUCCESS)
    refund = flows.refund(world.owner(), world.acme, payment, 2000, run=False)
    tell(world, refund, Outcome.UNKNOWN, source=evidence.ANSWER)
    _notice(world, payment)
    return payment


def _notice(world: World, payment: str) -> None:
    with db.unit_of_work(world.staff()) as session:
        last = flows.read_operations(world.staff(), payment)[-1]
        desk_notice.open_unknown(session, clock.now(), last)


MAKERS: Final[dict[str, Callable[[World], str]]] = {
    each.__name__: each for each in (second, late, over_paid, conflicted, unknown, unknown_refund)
}


def the_open_one(world: World) -> DeskCase:
    """Return the only case that is open."""
    with db.reading(world.staff()) as session:
        found = session.query(DeskCase).filter_by(state=desk.OPEN).one()
        assert isinstance(found, DeskCase)
        return found
