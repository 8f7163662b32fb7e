"""What a command that needs a second person is made of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from app.domain.card_numbers import refuse
from app.errors import BadInputError, said
from app.models import ApprovalRequest

MOST_REASON = 200

Digest: TypeAlias = Callable[[Session, str], bytes]
Lock: TypeAlias = Callable[[Session, str], None]
Execute: TypeAlias = Callable[[Session, datetime, Mapping[str, Any], ApprovalRequest], str]


def _nothing(_session: Session, _object_id: str) -> None:
    """Lock nothing."""


@dataclass(frozen=True, slots=True)
class Command:
    """How a request of a kind is carried out.

    `digest` stands for the object of a request as it is now, and changes with whatever the checker
    relies on. `execute` does what was asked, in the checker's unit of work, and answers the public
    id of what it made. `lock` keeps others from changing the object between the two; without it,
    an object may change in that moment, so leave it out only where nothing can.
    """

    digest: Digest
    execute: Execute
    lock: Lock = _nothing


def digest_of(*facts: object) -> bytes:
    """Return 32 bytes that stand for these facts: texts, integers, truth values or None."""
    text = json.dumps(facts, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).digest()


def checked_reason(reason: str) -> str:
    """Return a reason in one line.

    Raises BadInputError where it is missing or too long, CardNumberRefusedError.
    """
    refuse(reason, "reason")
    kept = " ".join(reason.split())
    if not kept:
        raise BadInputError("reason", said("is missing."), said("Say why."))
    if len(kept) > MOST_REASON:
        raise BadInputError(
            "reason",
            said("is longer than {most} characters.", most=MOST_REASON),
            said("Shorten it."),
        )
    return kept
