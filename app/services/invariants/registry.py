"""Every invariant there is. A new one is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.services.invariants.approvals import ApprovedOnce, MakerIsNotChecker
from app.services.invariants.audited import Audited
from app.services.invariants.balances import Balances
from app.services.invariants.base import Result
from app.services.invariants.bulk_rows import BulkRows
from app.services.invariants.capture_limits import CaptureLimits
from app.services.invariants.captured_once import CapturedOnce
from app.services.invariants.evidence_once import EvidenceOnce
from app.services.invariants.inbound_once import InboundOnce
from app.services.invariants.ledger_zero import LedgerZero
from app.services.invariants.lots import Lots
from app.services.invariants.money_apart import MoneyApart
from app.services.invariants.outbound_once import OutboundOnce
from app.services.invariants.payment_summaries import PaymentSummaries
from app.services.invariants.provider_keys import ProviderKeys
from app.services.invariants.refund_limits import RefundLimits
from app.services.invariants.state_edges import StateEdges
from app.services.invariants.task_keys import TaskKeys
from app.services.invariants.tasks_end import TasksEnd
from app.services.invariants.tenants import Tenants
from app.services.invariants.unknown_on_desk import UnknownOnDesk

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.services.invariants.base import Invariant

INVARIANTS: tuple[Invariant, ...] = (
    LedgerZero(),
    Balances(),
    Lots(),
    CapturedOnce(),
    RefundLimits(),
    CaptureLimits(),
    UnknownOnDesk(),
    MoneyApart(),
    PaymentSummaries(),
    StateEdges(),
    ProviderKeys(),
    EvidenceOnce(),
    InboundOnce(),
    OutboundOnce(),
    TasksEnd(),
    TaskKeys(),
    BulkRows(),
    Audited(),
    MakerIsNotChecker(),
    ApprovedOnce(),
    Tenants(),
)


def check_all(session: Session) -> list[Result]:
    """Check every invariant on an unscoped session that only reads."""
    return [
        Result(invariant.name, invariant.sentence, tuple(invariant.check(session)))
        for invariant in INVARIANTS
    ]
