"""The accounts of the ledger in the reader's words: whose, and what for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask_babel import gettext, lazy_gettext

from app.domain.actors import ActorKind
from app.domain.ledger.accounts import AccountType
from app.queries import ledger_pages
from app.views import codes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor

CHART: Final = {
    "merchant:pending": lazy_gettext("Pending"),
    "merchant:available": lazy_gettext("Available"),
    "merchant:reserve": lazy_gettext("Reserve"),
    "merchant:disputed": lazy_gettext("Disputed"),
    "merchant:in_refund": lazy_gettext("On the way to payers"),
    "merchant:in_payout": lazy_gettext("On the way to the merchant"),
    "provider:receivable": lazy_gettext("Owed by the provider"),
    "provider:disputed": lazy_gettext("Disputed at the provider"),
    "suspense": lazy_gettext("Money not matched yet"),
    "agent:commission": lazy_gettext("Commission"),
    "revenue:mdr": lazy_gettext("Revenue from percentages"),
    "revenue:fixed": lazy_gettext("Revenue from fixed parts"),
    "revenue:refund_fee": lazy_gettext("Revenue from fees of refunds"),
    "revenue:chargeback_fee": lazy_gettext("Revenue from fees of chargebacks"),
    "expense:provider_fee": lazy_gettext("Fees of providers"),
    "expense:network_fee": lazy_gettext("Fees of networks"),
    "expense:chargeback_loss": lazy_gettext("Losses from chargebacks"),
    "tax:fee": lazy_gettext("Tax on our fees"),
}
"""What each account of the chart is called."""

TYPES: Final = {
    AccountType.ASSET: lazy_gettext("Asset"),
    AccountType.LIABILITY: lazy_gettext("Liability"),
    AccountType.REVENUE: lazy_gettext("Revenue"),
    AccountType.EXPENSE: lazy_gettext("Expense"),
    AccountType.POSITION: lazy_gettext("Position"),
}


def name(code: str, actor: Actor, owners: Mapping[str, str]) -> str:
    """Return what an account is called; the house reads whose it is too (`owners`: id → name).

    A merchant meets its own accounts only, so without an owner.
    """
    if actor.kind is not ActorKind.STAFF:
        return codes.account_word(code, actor)
    kind, owner = _parts(code)
    word = str(CHART.get(kind, code))
    if not owner:
        return word
    whose = owners.get(owner, owner)
    return str(gettext("%(owner)s: %(account)s", owner=whose, account=word))


def namer(session: Session, actor: Actor, known: Iterable[str]) -> Callable[[str], str]:
    """Return what turns one of these codes into the account's name for this reader."""
    is_staff = actor.kind is ActorKind.STAFF
    owners = ledger_pages.owners(session, known) if is_staff else {}
    return lambda code: name(code, actor, owners)


def type_word(kind: str) -> str:
    """Return what a type of account is called."""
    return str(TYPES[AccountType(kind)])


def owner_id(code: str) -> str:
    """Return the id of the merchant or connector account that a code names; empty for the house."""
    return _parts(code)[1]


def _parts(code: str) -> tuple[str, str]:
    """Return the account of the chart and the owner's id, such as ("merchant:pending", "mer_x")."""
    if code in CHART:
        return code, ""
    head, _, rest = code.partition(":")
    owner, _, tail = rest.partition(":")
    return f"{head}:{tail}" if tail else head, owner
