"""Who asks and who decides in these tests, and the steps that they take again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.permissions import ROLES, RoleName
from app.models import AmountLimit, ApprovalRequest, AuditEntry
from app.queries import approvals
from app.services.approvals import decisions, limits, refund
from tests.services import flows

if TYPE_CHECKING:
    from tests.fixtures.application import World


def _staff(user_id: int, name: str, role: RoleName) -> Actor:
    return Actor.staff(user_id, False, name, ROLES[role])


OPERATIONS: Final = _staff(1, "operations", RoleName.OPERATIONS)
FINANCE: Final = _staff(21, "finance", RoleName.FINANCE)
FINANCE_2: Final = _staff(22, "finance-2", RoleName.FINANCE)
COMPLIANCE: Final = _staff(31, "compliance", RoleName.COMPLIANCE)
COMPLIANCE_2: Final = _staff(32, "compliance-2", RoleName.COMPLIANCE)
COMPLIANCE_3: Final = _staff(33, "compliance-3", RoleName.COMPLIANCE)


def paid(world: World, amount_minor: int = 5_000_00, reference: str = "order-1") -> str:
    """Make a payment that was captured."""
    return flows.pay(world.owner(), world.acme, amount_minor=amount_minor, reference=reference)


def ask_refund(actor: Actor, payment: str, amount_minor: int | None = 2_000_00) -> str:
    """Ask for a refund; answers its id, or that of the request for it."""
    with db.unit_of_work(actor) as session:
        return refund.ask(session, clock.now(), payment, amount_minor, "returned goods").public_id


def set_limit(world: World, most_minor: int = 500_00) -> str:
    """Have compliance and its second person set acme's limit of cards in EUR; answers its id."""
    request = ask_limit(world, most_minor)
    return approve(COMPLIANCE_2, request).result_id


def ask_limit(world: World, most_minor: int, key: int = 0) -> str:
    """Ask for a limit, or (by its key) for another amount of one."""
    slot = {"merchant_id": world.acme, "kind": "card", "currency": "EUR"}
    values = {"max_minor": most_minor, **({} if key else slot)}
    with db.unit_of_work(COMPLIANCE) as session:
        verb: limits.Verb = "update" if key else "create"
        return limits.ask(session, clock.now(), verb, key, values, "grown business").public_id


def approve(actor: Actor, request: str) -> decisions.Executed:
    """Approve a request."""
    with db.unit_of_work(actor) as session:
        return decisions.approve(session, clock.now(), request, "checked the order")


def read(request: str) -> ApprovalRequest:
    """Return a request as it is stored now."""
    with db.reading(OPERATIONS) as session:
        found = approvals.get(session, request)
        assert found is not None
        return found


def limit() -> AmountLimit | None:
    """Return the only limit there is."""
    with db.reading(OPERATIONS) as session:
        return session.scalars(select(AmountLimit)).one_or_none()


def traces(object_id: str) -> list[str]:
    """Return the actions of the audit trail about an object, oldest first."""
    with db.reading(OPERATIONS) as session:
        found = select(AuditEntry.action).where(AuditEntry.object_id == object_id)
        return list(session.scalars(found.order_by(AuditEntry.id)))
