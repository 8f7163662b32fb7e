"""The parts of the sandbox's objects, read strictly: anything unexpected raises."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from app.providers.base import CardFacts, CryptoFacts, DisputeFacts, NextAction
from app.providers.facts import ACTION_FIELDS, is_decimal

if TYPE_CHECKING:
    from collections.abc import Mapping

DISPUTE_STAGES = frozenset(("inquiry", "chargeback", "pre_arbitration", "arbitration"))
_LONGEST_REASON = 255
_LONGEST_ADDRESS = 128


def text(body: Mapping[str, Any], name: str) -> str:
    value = body[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} is no text")
    return value


def text_or_none(body: Mapping[str, Any], name: str) -> str | None:
    """Read a text that may be missing, null or empty."""
    return text(body, name) if body.get(name) not in {None, ""} else None


def whole(body: Mapping[str, Any], name: str) -> int:
    value = body[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is no whole number")
    return value


def whole_or_none(body: Mapping[str, Any], name: str) -> int | None:
    return whole(body, name) if body.get(name) is not None else None


def count(body: Mapping[str, Any], name: str) -> int:
    value = whole(body, name)
    if not 0 <= value < 2**63:
        raise ValueError(f"{name} is out of range")
    return value


def moment(body: Mapping[str, Any], name: str) -> datetime:
    """Read a moment such as 2026-11-26T22:52:13Z; without a zone it is not read."""
    when = datetime.fromisoformat(text(body, name))
    if when.tzinfo is None:
        raise ValueError(f"{name} has no time zone")
    return when


def action(body: Mapping[str, Any]) -> NextAction:
    """Read what the payer must do; the page is where it can be done, or the payer be played."""
    told = body["action"]
    kind = told["type"]
    fields = {name: text(told, name) for name in ACTION_FIELDS[kind]}
    return NextAction(kind, text(told, "url"), fields)


def card(body: Mapping[str, Any]) -> CardFacts | None:
    told = body.get("card")
    if told is None:
        return None
    return CardFacts(text(told, "brand"), text(told, "last4"), text(told, "fingerprint"))


def _short(body: Mapping[str, Any], name: str, longest: int) -> str:
    value = text(body, name)
    if len(value) > longest:
        raise ValueError(f"{name} is too long")
    return value


def facts(body: Mapping[str, Any]) -> Mapping[str, str]:
    told = body.get("facts") or {}
    return {name: text(told, name) for name in told}


def crypto(body: Mapping[str, Any]) -> CryptoFacts | None:
    told = body.get("crypto")
    if told is None:
        return None
    received, late = count(told, "received_units"), count(told, "late_units")
    if late > received:
        raise ValueError("more came late than came at all")
    if not is_decimal(text(told, "rate")):
        raise ValueError("the rate is no decimal number")
    return CryptoFacts(
        asset=text(told, "asset"),
        decimals=count(told, "decimals"),
        expected_units=count(told, "expected_units"),
        received_units=received,
        late_units=late,
        rate=text(told, "rate"),
        address=_short(told, "address", _LONGEST_ADDRESS),
        confirmations=count(told, "confirmations"),
        confirmations_needed=count(told, "confirmations_needed"),
        chain_reference=text_or_none(told, "chain_reference") or "",
        expires_at=moment(told, "expires_at"),
    )


def dispute(body: Mapping[str, Any]) -> DisputeFacts:
    stage, withdrawn = text(body, "stage"), body["withdrawn"]
    if stage not in DISPUTE_STAGES or not isinstance(withdrawn, bool):
        raise ValueError("a dispute in a stage that the sandbox does not document")
    reason = text_or_none(body, "reason")
    return DisputeFacts(
        stage=stage,
        status=text(body, "status"),
        withdrawn=withdrawn,
        reason_code=text_or_none(body, "reason_code"),
        reason_text=reason[:_LONGEST_REASON] if reason else None,
        due_at=moment(body, "due_at") if body.get("due_at") is not None else None,
    )
