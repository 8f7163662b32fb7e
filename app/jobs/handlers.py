"""Which function does a task of which kind."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from app.services import (
    applications,
    bulk,
    closing,
    desk_debts,
    desk_notice,
    execute,
    idempotency,
    inbound_apply,
    releases,
)
from app.services.approvals import lapsing
from app.services.notify import sending
from app.services.webhooks_out import delivering, resending

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.jobs.base import Handler

HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "operation": execute.run_operation,
        "bulk.check": bulk.check,
        "bulk.run": bulk.run,
        "desk.notice": desk_notice.run,
        "desk.debts": desk_debts.run,
        "payment.expire": closing.expire,
        "idempotency.expire": idempotency.run_expiry,
        "inbound.apply": inbound_apply.run,
        "approvals.lapse": lapsing.run,
        "applications.lapse": applications.run,
        "settlement.look": releases.look,
        "settlement.release": releases.run,
        "notification.send": sending.run,
        "webhook.deliver": delivering.run,
        "webhook.resend": resending.run,
    }
)
