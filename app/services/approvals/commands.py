"""Every command that can be approved. A new one is one line here and one in `domain/policies`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from app.domain import policies
from app.services import adjustments, desk_resolutions, prices
from app.services.approvals import limits, refund
from app.services.approvals.base import Command

if TYPE_CHECKING:
    from collections.abc import Mapping

_ADJUST = Command(adjustments.digest, adjustments.execute)
_RESOLVE = Command(desk_resolutions.digest, desk_resolutions.execute, desk_resolutions.lock)

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        policies.REFUND: refund.COMMAND,
        policies.LIMIT: limits.COMMAND,
        policies.ADJUST: _ADJUST,
        policies.WRITE_OFF: _ADJUST,
        policies.RESOLVE: _RESOLVE,
        policies.END_UNKNOWN: _RESOLVE,
        policies.PUBLISH: Command(prices.digest, prices.publish_command),
    }
)
