"""Every command that can be approved. A new one is one line here and one in `domain/policies`."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from app.domain import policies
from app.services.approvals import limits, refund

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.services.approvals.base import Command

COMMANDS: Mapping[str, Command] = MappingProxyType(
    {
        policies.REFUND: refund.COMMAND,
        policies.LIMIT: limits.COMMAND,
    }
)
