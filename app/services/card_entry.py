"""Cards that come encrypted: to whose key, and what becomes of an operation without its card.

What is encrypted (a compact JWE, RFC 7516) lives in the memory of one request. The attempt keeps
only that its card came so: whoever finds it later without the card cannot send it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import structlog

from app.adapters.db import reading
from app.domain.actors import Actor
from app.domain.failure_codes import FailureCode
from app.domain.operations import OperationState
from app.errors import BadInputError, PayAgencyError, said
from app.providers import registry
from app.providers.base import ConnectorConfig
from app.queries import operations
from app.services import methods, outcomes

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import Attempt, Operation, Payment
    from app.providers.card_keys import CardKey
    from app.services.new_payment import NewPayment
    from app.services.routing import Route, Routes

log = structlog.get_logger()

PLACE: Final = "encrypted_cards"
LONGEST: Final = 4096
MOST_KEYS: Final = 4
"""To so many accounts a browser encrypts a card at most."""
_ENTRY: Final = "card_entry"
_ENCRYPTED: Final = "jwe"
COMPACT: Final = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){4}$"
"""What a compact JWE looks like (RFC 7516 §7.1)."""
_COMPACT: Final = re.compile(COMPACT)


def check(asked: NewPayment, route: Route) -> None:
    """Raise BadInputError unless the card, if one came encrypted, is one for the route's account.

    Its place is `encrypted_cards`.
    """
    if not asked.encrypted_cards:
        return
    if route.row.family != "card":
        raise BadInputError(PLACE, said("are only for cards."), said("Leave them out."))
    if asked.card_token:
        raise BadInputError(PLACE, said("come beside a token."), said("Send one of the two."))
    if not takes_encrypted(route):
        reason = said("cannot be taken by the provider of this payment.")
        raise BadInputError(PLACE, reason, said("Send the token of a stored card."))
    sealed = asked.encrypted_cards.get(route.account)
    if sealed is None:
        raise BadInputError(
            PLACE,
            said("have none for {account}, which takes this payment.", account=route.account),
            said("Encrypt the card to the key of that account."),
        )
    if len(sealed) > LONGEST or not _COMPACT.fullmatch(sealed):
        raise BadInputError(
            PLACE,
            said("are no compact JWE."),
            said("Encrypt the card with RSA-OAEP-256 and A256GCM."),
        )


def takes_encrypted(route: Route) -> bool:
    """Tell whether the provider of a route takes cards that a browser encrypted."""
    return "jwe" in registry.get(route.connector).capabilities.card_entry


def chosen(asked: Mapping[str, str], route: Route) -> str | None:
    """Return the card for the account of a route, if one came encrypted."""
    return asked.get(route.account) if route.row.family == "card" else None


def details(asked: NewPayment) -> dict[str, str]:
    """Return what an attempt keeps of how it is paid: what was given, and how its card came."""
    came = {_ENTRY: _ENCRYPTED} if asked.encrypted_cards else {}
    return {**asked.details, **came}


def is_encrypted(attempt: Attempt) -> bool:
    """Tell whether the card of an attempt came encrypted, so that it is stored nowhere."""
    return methods.details_of(attempt).get(_ENTRY) == _ENCRYPTED


def give_up(session: Session, now: datetime, payment: Payment, operation: Operation) -> None:
    """End an operation that was never sent and whose card is gone; the payer may enter it again.

    The payment's row is locked by the caller.
    """
    before = OperationState(operation.state)
    operation.state = OperationState.FAILED
    operation.failure_code = FailureCode.CARD_DETAILS_GONE
    operation.changed_at = now
    note = said("the card was kept in memory only, and is gone")
    outcomes.event(session, now, operation, before, OperationState.FAILED, None, note)
    outcomes.recompute(session, now, payment)


def keys(routes: Routes, currency: str = "") -> dict[str, CardKey]:
    """Return account → public key of those that may take a card in `currency` (empty: in any).

    Those that do not tell their key are left out. It may ask providers: call it outside any
    transaction.
    """
    accounts = [way.account_id for way in routes.takers("card", currency) if takes_encrypted(way)]
    found: dict[str, CardKey] = {}
    for config in _configurations(accounts[:MOST_KEYS], livemode=routes.livemode):
        try:
            key = registry.get(config.connector).card_key(config)
        except PayAgencyError as error:
            log.warning("card_key_not_told", account=config.account, reason=error.detail)
            continue
        if key is not None:
            found[config.account] = key
    return found


def _configurations(account_ids: Sequence[int], *, livemode: bool) -> list[ConnectorConfig]:
    with reading(Actor.house(livemode, "card keys")) as session:
        accounts = [operations.connector_account(session, each) for each in account_ids]
        return [
            ConnectorConfig(
                connector=account.connector,
                account=account.public_id,
                base_url=account.base_url,
                credentials=json.loads(account.credentials),
            )
            for account in accounts
        ]
