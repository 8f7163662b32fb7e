"""What the payer of an open payment can choose from, and what the form of it needs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from flask import request
from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.adapters.db import reading
from app.domain.card_numbers import scrub_text
from app.domain.methods import upi
from app.services import card_entry, open_payments, routing
from app.views import form_keys

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.domain.actors import Actor
    from app.domain.methods.rows import MethodRow
    from app.models import Payment

CARD: Final = "card"
VPA: Final = "vpa"
ASSET: Final = "asset"
METHOD: Final = "method"
_ICONS: Final = {"card": "credit-card", "upi": "send", "crypto": "wallet2", "apm": "bank"}
_NOTES: Final = {
    "card": lazy_gettext("Visa, Mastercard and others"),
    "upi": lazy_gettext("Scan a code, or open your UPI app"),
    "collect": lazy_gettext("A request is sent to your UPI app"),
    "crypto": lazy_gettext("Send coins to an address"),
    "apm": lazy_gettext("You go on to a page of your bank or provider"),
    "delayed": lazy_gettext("The payment may arrive some days later"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One way to pay: `value` is what the form sends, `asks` what has to be given beside.

    `among` are (value, title) of what is chosen from there.
    """

    value: str
    title: str
    note: str
    symbol: str
    asks: str = ""
    among: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Choice:
    """What the payer may choose, and what the form needs; `faults` are (field, sentence)."""

    options: Sequence[Option]
    keys: Mapping[str, Mapping[str, str]]
    form_key: str
    chosen: str = ""
    vpa: str = ""
    asset: str = ""
    faults: Sequence[tuple[str, str]] = ()


def offer(actor: Actor, payment: Payment) -> Choice:
    """Return what the payer may choose from; it may ask providers for their keys."""
    routes = routing.routes(livemode=payment.livemode)
    with reading(actor) as session:
        rows = open_payments.ways(session, clock.now(), payment, routes)
    has_card = any(row.family == CARD for row in rows)
    keys = card_entry.keys(routes, payment.currency) if has_card else {}
    options = [option for option in _options(rows) if option.value != CARD or keys]
    return Choice(
        options=options,
        keys={account: key.jwk() for account, key in keys.items()},
        form_key=form_keys.issue(purpose(payment.public_id)),
        chosen=options[0].value if options else "",
    )


def _options(rows: Sequence[MethodRow]) -> list[Option]:
    """Return the ways in the order of their rows; coins are one, however many assets there are."""
    coins = [row for row in rows if row.family == "crypto" and not row.details]
    found: dict[str, Option] = {}
    for row in rows:
        option = _coins_option(coins) if row in coins else _option(row)
        if option is not None:
            found.setdefault(option.value, option)
    return list(found.values())


def _coins_option(rows: Sequence[MethodRow]) -> Option:
    title = rows[0].title if len(rows) == 1 else gettext("Cryptocurrency")
    among = [(row.name, row.title) for row in rows]
    return Option("crypto", title, str(_NOTES["crypto"]), _ICONS["crypto"], ASSET, among)


def _option(row: MethodRow) -> Option | None:
    if row.family == "upi":
        return _upi_option(row)
    if row.details:
        return None
    note = _NOTES["delayed"] if row.delayed else _NOTES[row.family]
    value = f"{row.family}:{row.name}" if row.name else row.family
    return Option(value, row.title, str(note), _ICONS[row.family], CARD if value == CARD else "")


def _upi_option(row: MethodRow) -> Option | None:
    """A code and an app are one choice: which of them depends on the device."""
    if row.name == upi.QR:
        return Option("upi", gettext("UPI"), str(_NOTES["upi"]), _ICONS["upi"])
    if row.name == upi.COLLECT:
        title = gettext("UPI address")
        return Option("upi:collect", title, str(_NOTES["collect"]), _ICONS["upi"], VPA)
    return None


def again(choice: Choice, faults: Sequence[tuple[str, str]]) -> Choice:
    """Return the choice with what was chosen before, and what is wrong with it."""
    values = {option.value for option in choice.options}
    chosen = request.form.get(METHOD, "")
    return replace(
        choice,
        chosen=chosen if chosen in values else choice.chosen,
        asset=scrub_text(request.form.get(ASSET, "")),
        vpa=scrub_text(request.form.get(VPA, ""))[:255],
        faults=faults,
    )


def purpose(payment_id: str) -> str:
    """Return what the key of a payment's form is bound to."""
    return f"pay:{payment_id}"
