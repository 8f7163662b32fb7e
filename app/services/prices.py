"""Price lists: drafted, changed, published once and for all; every change leaves a trace."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import IntegrityError

from app.domain import policies
from app.domain.card_numbers import refuse
from app.domain.currencies import parse_currency
from app.domain.fees import ListTerms, check_list, check_moment
from app.domain.identifiers import new_id
from app.errors import BadInputError, IllegalStateError, NotFoundError, said
from app.models import PriceList, PriceRule
from app.models.tenancy import actor_of
from app.queries import operations, prices
from app.services import audit, fees

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.fees import FeeRule, Tier
    from app.models import ApprovalRequest

METHODS: Final = ("card", "upi", "crypto", "apm")
PAYLOAD: Final = "price_list"
"""The key of a request's payload that names the list to publish."""

_BEGINS = "%Y-%m-%d %H:%M UTC"


def draft(session: Session, now: datetime, merchant_id: int, wanted: ListTerms) -> PriceList:
    """Write a draft of a merchant's price list in the actor's book; it counts for nothing yet.

    Raises BadInputError naming the place, `rules-0-method` for a rule.
    """
    _check(session, now, merchant_id, wanted)
    actor = actor_of(session)
    row = PriceList(
        public_id=new_id("prl", now),
        merchant_id=merchant_id,
        livemode=bool(actor.livemode),
        state=prices.DRAFT,
        created_by=actor.label[:255],
        created_at=now,
        **_columns(wanted),
    )
    session.add(row)
    _flush(session)
    _add_rules(session, now, row, wanted.rules)
    audit.of_row(
        session,
        now,
        row,
        "prices.draft",
        said("Drafted prices in {currency}", currency=row.currency),
        after=as_data(session, row),
    )
    return row


def change(session: Session, now: datetime, public_id: str, wanted: ListTerms) -> PriceList:
    """Write a draft anew. Raises like `draft`, NotFoundError, IllegalStateError if published."""
    row = _draft_of(session, public_id)
    before = as_data(session, row)
    _check(session, now, row.merchant_id, wanted, but=row.id)
    for name, value in _columns(wanted).items():
        setattr(row, name, value)
    for rule in prices.rules(session, row.id):
        session.delete(rule)
    _flush(session)
    _add_rules(session, now, row, wanted.rules)
    audit.of_row(
        session,
        now,
        row,
        "prices.change",
        said("Changed the draft of prices in {currency}", currency=row.currency),
        before=before,
        after=as_data(session, row),
    )
    return row


def discard(session: Session, now: datetime, public_id: str) -> None:
    """Throw a draft away. Raises NotFoundError, or IllegalStateError if it is published."""
    row = _draft_of(session, public_id)
    sentence = said("Discarded the draft of prices in {currency}", currency=row.currency)
    audit.of_row(session, now, row, "prices.discard", sentence, before=as_data(session, row))
    for rule in prices.rules(session, row.id):
        session.delete(rule)
    session.flush()
    session.delete(row)
    session.flush()


def digest(session: Session, public_id: str) -> bytes:
    """Return what a list is now, whole: it changes with every word of it. Raises NotFoundError."""
    row = get(session, public_id)
    text = json.dumps(as_data(session, row), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def publish(session: Session, now: datetime, public_id: str) -> PriceList:
    """Let a draft count from its moment on, or from now where it names none; it never changes then.

    Raises NotFoundError, IllegalStateError where it is no draft (any more), and BadInputError where
    its moment has passed or does not come after every list that is published.
    """
    row = get(session, public_id)
    known = prices.locked(session, row.merchant_id, row.currency)
    if row.state != prices.DRAFT:
        raise _published(row)
    effective_from = row.effective_from or now
    ended = check_moment(effective_from, now, _last(known))
    if not prices.publish(session, row.id, effective_from, now):
        raise _published(row)
    session.refresh(row)
    sentence = said(
        "Published prices in {currency}, in force from {begins}",
        currency=row.currency,
        begins=effective_from.strftime(_BEGINS),
    )
    audit.of_row(
        session,
        now,
        row,
        "prices.publish",
        sentence,
        before={"price_list": ended},
        after=as_data(session, row),
    )
    return row


def propose(
    session: Session,
    now: datetime,
    public_id: str,
    reason: str,
    ask: Callable[..., ApprovalRequest],
) -> ApprovalRequest:
    """Ask a second person to publish a draft.

    `ask` is how a second person is asked. Raises what `publish` would raise now, and what `ask`
    raises.
    """
    row = get(session, public_id)
    if row.state != prices.DRAFT:
        raise _published(row)
    check_moment(
        row.effective_from or now,
        now,
        _last(prices.versions(session, row.merchant_id, row.currency)),
    )
    begins = row.effective_from
    sentence = (
        said("Publish prices in {currency} at once", currency=row.currency)
        if begins is None
        else said(
            "Publish prices in {currency}, in force from {begins}",
            currency=row.currency,
            begins=begins.strftime(_BEGINS),
        )
    )
    return ask(
        session,
        now,
        command=policies.PUBLISH,
        object_type="price_list",
        object_id=public_id,
        object_digest=digest(session, public_id),
        payload={PAYLOAD: public_id},
        sentence=sentence,
        reason=reason,
        merchant_id=row.merchant_id,
    )


def publish_command(
    session: Session, now: datetime, payload: Mapping[str, Any], request: object
) -> str:
    """Publish the list that an approved request names; answers its id. Raises like `publish`."""
    del request
    return publish(session, now, str(payload[PAYLOAD])).public_id


def agree(session: Session, now: datetime, merchant_id: int, wanted: ListTerms) -> PriceList:
    """Draft and publish a list in one go: for set-up by command and seed. Raises like both."""
    return publish(session, now, draft(session, now, merchant_id, wanted).public_id)


def get(session: Session, public_id: str) -> PriceList:
    """Return a list that the actor may see; raises NotFoundError."""
    found = prices.get(session, public_id)
    if found is None:
        raise NotFoundError(said("There is no price list {id}.", id=public_id))
    return found


def terms(session: Session, row: PriceList) -> ListTerms:
    """Return a list as it was written."""
    return ListTerms(
        currency=row.currency,
        effective_from=row.effective_from,
        rules=tuple(fees.rules_of(session, row)),
        terms=fees.terms_of(row),
        refund_fee_minor=row.refund_fee_minor,
        chargeback_fee_minor=row.chargeback_fee_minor,
        returns_fee=row.returns_fee,
        note=row.note,
    )


def as_data(session: Session, row: PriceList) -> dict[str, Any]:
    """Return a whole list as plain data, for its digest and its trace."""
    return {
        "price_list": row.public_id,
        "merchant": operations.merchant_of(session, row.merchant_id).public_id,
        "livemode": row.livemode,
        "currency": row.currency,
        "effective_from": row.effective_from.isoformat() if row.effective_from else None,
        "tax_bps": row.tax_bps,
        "agent": row.agent,
        "agent_bps": row.agent_bps,
        "refund_fee_minor": row.refund_fee_minor,
        "chargeback_fee_minor": row.chargeback_fee_minor,
        "returns_fee": row.returns_fee,
        "note": row.note,
        "rules": [
            {
                "method": rule.method,
                "brand": rule.brand,
                "percent_bps": rule.percent_bps,
                "fixed_minor": rule.fixed_minor,
                "minimum_minor": rule.minimum_minor,
                "maximum_minor": rule.maximum_minor,
                "tiers": json.loads(rule.tiers),
            }
            for rule in prices.rules(session, row.id)
        ],
    }


def _check(
    session: Session, now: datetime, merchant_id: int, wanted: ListTerms, *, but: int = 0
) -> None:
    for place, text in (("agent", wanted.terms.agent), ("note", wanted.note)):
        refuse(text, place)
    for number, rule in enumerate(wanted.rules):
        refuse(rule.brand, f"rules-{number}-brand")
    check_list(wanted, METHODS)
    begins = wanted.effective_from
    known = prices.locked(session, merchant_id, parse_currency(wanted.currency))
    if begins is None:
        return
    check_moment(begins, now, _last(known))
    same = [each for each in known if each.id != but and each.effective_from == begins]
    if same:
        raise _same_moment(same[0].public_id)


def _last(known: Sequence[PriceList]) -> tuple[str, datetime] | None:
    """Return the id and the beginning of the newest published list."""
    begun = [
        (each.effective_from, each.public_id)
        for each in known
        if each.state == prices.PUBLISHED and each.effective_from is not None
    ]
    if not begun:
        return None
    begins, public_id = max(begun)
    return public_id, begins


def _columns(wanted: ListTerms) -> dict[str, Any]:
    return {
        "currency": wanted.currency,
        "effective_from": wanted.effective_from,
        "tax_bps": wanted.terms.tax_bps,
        "agent": wanted.terms.agent,
        "agent_bps": wanted.terms.agent_bps,
        "refund_fee_minor": wanted.refund_fee_minor,
        "chargeback_fee_minor": wanted.chargeback_fee_minor,
        "returns_fee": wanted.returns_fee,
        "note": wanted.note,
    }


def _add_rules(session: Session, now: datetime, row: PriceList, rules: Sequence[FeeRule]) -> None:
    for rule in rules:
        session.add(
            PriceRule(
                public_id=new_id("prr", now),
                merchant_id=row.merchant_id,
                livemode=row.livemode,
                price_list_id=row.id,
                method=rule.method,
                brand=rule.brand.casefold(),
                percent_bps=rule.percent_bps,
                fixed_minor=rule.fixed_minor,
                minimum_minor=rule.minimum_minor,
                maximum_minor=rule.maximum_minor,
                tiers=json.dumps([_tier(tier) for tier in rule.tiers]),
            )
        )
        # One at a time, so that their keys keep the order in which they were written.
        session.flush()


def _tier(tier: Tier) -> dict[str, int]:
    return {
        "from_minor": tier.from_minor,
        "percent_bps": tier.percent_bps,
        "fixed_minor": tier.fixed_minor,
    }


def _draft_of(session: Session, public_id: str) -> PriceList:
    row = get(session, public_id)
    prices.locked(session, row.merchant_id, row.currency)
    if row.state != prices.DRAFT:
        raise _published(row)
    return row


def _published(row: PriceList) -> IllegalStateError:
    return IllegalStateError(
        said(
            "Price list {id} is published and never changes. Draft a new one that follows it.",
            id=row.public_id,
        )
    )


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError:
        raise _same_moment(said("of the same merchant and currency")) from None


def _same_moment(which: str) -> BadInputError:
    return BadInputError(
        "effective_from",
        said("is the moment of another draft, {which}.", which=which),
        said("Change or discard that one, or choose another moment."),
    )
