"""The limits of merchants: their changes are asked for by one person and decided by another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy.exc import IntegrityError

from app.domain import policies
from app.domain.money import Money
from app.errors import BadInputError, NotFoundError, said
from app.models import AmountLimit, Merchant
from app.queries import approvals
from app.queries import records as rows
from app.services import records
from app.services.approvals.base import Command, digest_of
from app.services.approvals.requests import request
from app.services.record_rules import clean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import ApprovalRequest

Verb = Literal["create", "update", "delete"]
_MOST = "max_minor"


def ask(
    session: Session, now: datetime, verb: Verb, key: int, values: Mapping[str, Any], reason: str
) -> ApprovalRequest:
    """Ask for a new limit, another amount of one, or none any more; `key` is the limit's.

    Raises BadInputError naming the field, NotFoundError, ConflictError where a new one exists
    already, and what `requests.request` raises.
    """
    kept = clean(AmountLimit, values)
    if verb == "create":
        return _ask_new(session, now, kept, reason)
    found = rows.by_keys(session, AmountLimit, [key])
    if not found:
        raise NotFoundError(said("This {record} does not exist.", record="amount limit"))
    (limit,) = found
    before = {_MOST: limit.max_minor}
    if verb == "delete":
        return _request(session, now, limit, verb, before, {}, reason)
    if kept.get(_MOST, limit.max_minor) == limit.max_minor:
        raise BadInputError(_MOST, said("is what it is already."), said("Write another amount."))
    return _request(session, now, limit, verb, before, {_MOST: kept[_MOST]}, reason)


def _ask_new(
    session: Session, now: datetime, values: Mapping[str, Any], reason: str
) -> ApprovalRequest:
    limit = AmountLimit(**values)
    place = approvals.limit_place(
        _merchant(session, limit.merchant_id).public_id, limit.kind, limit.currency
    )
    if approvals.limit_facts(session, place) is not None:
        raise records.ConflictError(
            said("The same exists already. Change that one, or choose other values.")
        )
    return _request(
        session, now, limit, "create", {}, {_MOST: limit.max_minor}, reason, place=place
    )


def _request(  # what a request about a limit is made of
    session: Session,
    now: datetime,
    limit: AmountLimit,
    verb: Verb,
    before: dict[str, int],
    after: dict[str, int],
    reason: str,
    *,
    place: str = "",
) -> ApprovalRequest:
    object_id, currency = place or limit.public_id, limit.currency
    merchant = _merchant(session, limit.merchant_id)
    return request(
        session,
        now,
        command=policies.LIMIT,
        object_type="amount_limit",
        object_id=object_id,
        object_digest=_digest(session, object_id),
        payload={
            "verb": verb,
            "values": {
                "merchant_id": limit.merchant_id,
                "kind": limit.kind,
                "currency": currency,
                **after,
            },
            "before": {**before, "currency": currency} if before else {},
            "after": {**after, "currency": currency} if after else {},
        },
        sentence=_sentence(merchant.name, limit.kind, currency, before, after),
        reason=reason,
        merchant_id=limit.merchant_id,
        amount=Money((after or before)[_MOST], currency),
    )


def _sentence(
    merchant: str, method: str, currency: str, before: Mapping[str, int], after: Mapping[str, int]
) -> str:
    if not before:
        return said(
            "Limit a single payment of {merchant} by {method} to {after}",
            merchant=merchant,
            method=method,
            after=Money(after[_MOST], currency),
        )
    if not after:
        return said(
            "Remove the limit of {before} of a single payment of {merchant} by {method}",
            merchant=merchant,
            method=method,
            before=Money(before[_MOST], currency),
        )
    return said(
        "Change the limit of a single payment of {merchant} by {method} from {before} to {after}",
        merchant=merchant,
        method=method,
        before=Money(before[_MOST], currency),
        after=Money(after[_MOST], currency),
    )


def _merchant(session: Session, merchant_id: int) -> Merchant:
    found = rows.by_keys(session, Merchant, [merchant_id])
    if not found:
        raise NotFoundError(said("The merchant does not exist."))
    merchant: Merchant = found[0]
    return merchant


def _digest(session: Session, object_id: str) -> bytes:
    facts = approvals.limit_facts(session, object_id)
    return digest_of(*(facts or ()))


def _execute(
    session: Session, now: datetime, payload: Mapping[str, Any], row: ApprovalRequest
) -> str:
    verb, values = payload["verb"], payload["values"]
    if verb == "create":
        return _create(session, now, values)
    key = approvals.limit_id(session, row.object_id)
    if key is None:
        raise NotFoundError(said("This {record} does not exist.", record="amount limit"))
    if verb == "delete":
        records.delete(session, now, AmountLimit, [key])
    else:
        records.update(session, now, AmountLimit, key, {_MOST: values[_MOST]})
    return row.object_id


def _create(session: Session, now: datetime, values: Mapping[str, Any]) -> str:
    try:
        with session.begin_nested():
            limit: AmountLimit = records.create(session, now, AmountLimit, values)
    except IntegrityError as error:
        raise records.conflict(error) from error
    return limit.public_id


COMMAND = Command(_digest, _execute, approvals.lock_limit)
