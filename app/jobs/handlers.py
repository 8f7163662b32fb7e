"""Which function does a task of which kind."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from app.services import bulk, desk_notice, execute, releases

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.jobs.base import Handler

HANDLERS: Mapping[str, Handler] = MappingProxyType(
    {
        "operation": execute.run_operation,
        "bulk.check": bulk.check,
        "bulk.run": bulk.run,
        "desk.notice": desk_notice.run,
        "settlement.look": releases.look,
        "settlement.release": releases.run,
    }
)
