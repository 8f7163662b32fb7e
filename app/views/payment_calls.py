"""What was said to a provider and what it answered, masked, for those who may read it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.domain.permissions import Permission
from app.queries import operations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import ProviderCall


@dataclass(frozen=True, slots=True)
class Call:
    """A masked request to a provider and its answer."""

    row: ProviderCall
    request: str
    response: str

    @property
    def path(self) -> str:
        """What of the provider was called: the address without the provider itself."""
        return urlsplit(self.row.url).path or self.row.url


def of_operations(session: Session, actor: Actor, ids: Sequence[int]) -> list[Call]:
    """Return the calls made for these operations, oldest first; none for others."""
    if not actor.may(Permission.PAYMENTS_READ_CALLS):
        return []
    return [
        Call(row, _pretty(row.request), _pretty(row.response))
        for row in operations.provider_calls(session, ids)
    ]


def _pretty(text: str | None) -> str:
    return json.dumps(json.loads(text), indent=2, ensure_ascii=False) if text else ""
