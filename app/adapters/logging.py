"""JSON logs with request, actor and job ids; nothing secret leaves through them."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, cast

import structlog

from app.domain.card_numbers import scrub

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger


def _scrub(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    ours = {name: value for name, value in event.items() if not name.startswith("_")}
    return {**event, **cast("EventDict", scrub(ours))}


_SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    structlog.stdlib.ExtraAdder(),
    structlog.stdlib.PositionalArgumentsFormatter(),
    _scrub,
]


def configure(level: str) -> None:
    """Send every record, ours and the libraries', through the scrubber to standard error."""
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _scrub,
            structlog.processors.JSONRenderer(default=str),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in ("httpx", "httpcore", "alembic", "flask_appbuilder", "werkzeug"):
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def bind(**names: str | int | None) -> None:
    """Add ids (request, actor, job) to every record of this request or job."""
    structlog.contextvars.bind_contextvars(**names)


def clear() -> None:
    """Forget the ids of the last request or job."""
    structlog.contextvars.clear_contextvars()
