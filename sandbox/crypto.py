"""Crypto: a fresh address, money that comes in parts, late, or not for good."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from sandbox import rates
from sandbox.errors import invalid
from sandbox.family import FAILURES, Asked, Door, Family, choice, effective_expiry, expires_at, only
from sandbox.steps import Case, State, Step, fact, impossible, money, sums, timer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.records import Effect, Made

_SECONDS = 900
_WHOLE = 100
_ENOUGH = 99  # percent of what was asked for counts as paid
_MOST_UNITS = 10**15


class CryptoFamily(Family):
    """What was seen on the chain decides, and whether it was confirmed and in time."""

    type = "crypto"
    page = "pay_crypto.html"
    dos: Mapping[str, str] = {
        "pay": "Send the rest and confirm",
        "deposit": "Send",
        "confirm": "Confirm",
        "reorganize": "Reorganise",
        "late": "Expire now, pay late",
        "expire": "Expire now",
    }

    def facts(self, asked: Asked) -> dict[str, Any]:
        asset = choice(asked, "asset", rates.ASSETS)
        only(asked, "asset")
        if asked.currency not in rates.CURRENCIES:
            raise invalid("currency", f"must be one of {', '.join(rates.CURRENCIES)} for crypto.")
        if not asked.capture:
            raise invalid("capture", "must be true for crypto.")
        units = rates.units(asset, asked.currency, asked.amount_minor)
        if units > _MOST_UNITS:
            raise invalid("amount_minor", "is more than there is of the asset.")
        return {
            "method": {"type": "crypto", "name": asset},
            "page_token": secrets.token_urlsafe(16),
            "units": units,
            "rate": rates.rate(asset, asked.currency),
            "address": rates.fresh_address(asset),
            "page": asked.page,
            "default_seconds": _SECONDS,
        }

    def begin(self, case: Case) -> Step:
        del case
        return Step()

    def state(self, case: Case) -> State:
        seen = seen_units(case)
        if _enough(case, confirmed_units(case)):
            return State("succeeded")
        if _taken_back(case):
            lost = any(e.outcome == "chain_reorganized" for e in case.effects[_last_move(case) :])
            return _failed("chain_reorganized") if lost else State("processing")
        if not case.count("expired"):
            return State("processing" if seen else "requires_action")
        if _enough(case, seen):
            return State("processing")
        return _failed("insufficient_amount" if seen else "expired")

    def action(self, made: Made) -> dict[str, str]:
        asset = made.facts["method"]["name"]
        return {
            "type": "crypto_address",
            "address": made.facts["address"],
            "asset": asset,
            "amount": rates.amount_text(asset, made.facts["units"]),
            "url": made.facts["page"],
        }

    def shown(self, case: Case, state: State) -> dict[str, object]:
        del state
        facts, seen = case.made.facts, standing(case)
        asset = facts["method"]["name"]
        needed, units = rates.ASSETS[asset].confirmations, seen_units(case)
        crypto = {
            "asset": asset,
            "decimals": rates.ASSETS[asset].decimals,
            "expected_units": facts["units"],
            "received_units": units,
            "late_units": sum(e.facts["units"] for e in seen if e.facts["late"]),
            "rate": facts["rate"],
            "address": facts["address"],
            "confirmations": needed if units and units == confirmed_units(case) else 0,
            "confirmations_needed": needed,
            "chain_reference": seen[-1].facts["transaction"] if seen else "",
            "expires_at": expires_at(case),
        }
        return {"received_minor": sums(case.effects).received, "facts": {}, "crypto": crypto}

    def refundable(self, case: Case) -> int:
        """All that arrived, also what was too little or too much, unless it is still moving."""
        return 0 if self.state(case).status == "processing" else sums(case.effects).received

    def do(self, case: Case, what: str, units: int | None = None) -> Step:
        return self._deposit(case, units) if what == "deposit" else super().do(case, what, units)

    def do_pay(self, case: Case) -> Step:
        if _enough(case, confirmed_units(case)):
            raise impossible("This charge is paid already.")
        sent = Step() if _enough(case, seen_units(case)) else self._deposit(case, None)
        return sent + self.do_confirm(case.after(sent))

    def do_confirm(self, case: Case) -> Step:
        if seen_units(case) == confirmed_units(case):
            raise impossible("There is nothing on the chain that could be confirmed.")
        return _with_purchase(case, Step((fact(case, "confirmed"),)))

    def do_reorganize(self, case: Case) -> Step:
        """Take the last deposit back; the charge waits for it to come again."""
        seen = standing(case)
        if not seen:
            raise impossible("There is nothing on the chain that could be taken back.")
        last = seen[-1]
        gone = fact(
            case,
            "deposit_reversed",
            amount_minor=last.amount_minor,
            facts={**last.facts, "deposit": last.key},
        )
        patience = timer(case, "give_up", case.settings["late_seconds"])
        return _with_purchase(case, Step((gone,), (patience,)))

    def do_late(self, case: Case) -> Step:
        if _enough(case, confirmed_units(case)):
            raise impossible("This charge is paid already.")
        late = Step(timers=(timer(case, "late", case.settings["late_seconds"]),))
        return self.fire_expire(case) + late

    def do_expire(self, case: Case) -> Step:
        step = self.fire_expire(case)
        if not step.effects:
            raise impossible("This charge has expired already.")
        return step

    def fire_expire(self, case: Case) -> Step:
        """Note that the quote holds no longer, also where it is paid: what comes now is late."""
        if case.count("expired"):
            return Step()
        ended = {"at_ms": min(case.now_ms, effective_expiry(case) or case.now_ms)}
        return Step((fact(case, "expired", outcome="expired", facts=ended),))

    def fire_late(self, case: Case) -> Step:
        return Step() if _enough(case, confirmed_units(case)) else self.do_pay(case)

    def fire_give_up(self, case: Case) -> Step:
        """Fail if the deposit that was taken back has not come again."""
        waits = _taken_back(case) and self.state(case).status == "processing"
        return Step((fact(case, "failed", outcome="chain_reorganized"),) if waits else ())

    def doors(self, case: Case) -> list[Door]:
        unconfirmed = seen_units(case) != confirmed_units(case)
        doors = [Door("confirm", "Confirm", main=True)] if unconfirmed else []
        return [*doors, Door("reorganize", "Reorganise")] if standing(case) else doors

    def _deposit(self, case: Case, units: int | None) -> Step:
        """Let units arrive at the address; the rest of what was asked for if none are named."""
        seen, expected = seen_units(case), int(case.made.facts["units"])
        units = (expected - seen if seen < expected else expected) if units is None else units
        late = case.count("expired") > 0
        percent = case.settings["late_rate_percent"] if late else _WHOLE
        facts: dict[str, Any] = {"units": units, "late": late, "percent": percent}
        amount_minor = _worth(case, standing(case), facts) - sums(case.effects).received
        if not 0 < units <= _MOST_UNITS or amount_minor <= 0:
            raise impossible("So few units are worth less than one minor unit of the currency.")
        if seen + units > _MOST_UNITS:
            raise impossible("That is more than there is of the asset.")
        facts["transaction"] = rates.fresh_transaction()
        return Step((fact(case, "deposit", amount_minor=amount_minor, facts=facts),))


def standing(case: Case) -> list[Effect]:
    """The deposits that are on the chain, oldest first."""
    gone = {e.facts["deposit"] for e in case.effects if e.kind == "deposit_reversed"}
    return [e for e in case.effects if e.kind == "deposit" and e.key not in gone]


def confirmed(case: Case) -> list[Effect]:
    """The deposits that the last confirmation covers."""
    kinds = [effect.kind for effect in case.effects]
    last = len(kinds) - 1 - kinds[::-1].index("confirmed") if "confirmed" in kinds else 0
    return [deposit for deposit in standing(case) if deposit in case.effects[:last]]


def seen_units(case: Case) -> int:
    return _units(standing(case))


def confirmed_units(case: Case) -> int:
    return _units(confirmed(case))


def _units(deposits: list[Effect]) -> int:
    return sum(deposit.facts["units"] for deposit in deposits)


def _worth(case: Case, deposits: list[Effect], *more: Mapping[str, Any]) -> int:
    """What deposits are worth in minor units: exactly the amount for exactly the units."""
    facts = (*(deposit.facts for deposit in deposits), *more)
    parts = sum(one["units"] * one["percent"] for one in facts)
    worth: int = parts * case.made.facts["amount_minor"] // (_WHOLE * case.made.facts["units"])
    return worth


def _enough(case: Case, units: int) -> bool:
    return units * _WHOLE >= int(case.made.facts["units"]) * _ENOUGH


def _last_move(case: Case) -> int:
    moves = [i for i, e in enumerate(case.effects) if e.kind in {"deposit", "deposit_reversed"}]
    return moves[-1] if moves else len(case.effects)


def _taken_back(case: Case) -> bool:
    last = case.effects[_last_move(case) :]
    return bool(last) and last[0].kind == "deposit_reversed"


def _failed(code: str) -> State:
    return State("failed", (code, FAILURES[code]))


def _with_purchase(case: Case, step: Step) -> Step:
    """Add what the shop gets, or gives back, so that it has what is confirmed, at most its amount.

    Nothing before enough is confirmed; the surplus stays with the deposits.
    """
    then = case.after(step)
    worth = min(_worth(then, confirmed(then)), case.made.facts["amount_minor"])
    paid = worth if _enough(then, confirmed_units(then)) else 0
    change = paid - sums(case.effects).captured
    if change > 0:
        return step + Step((money(case, "purchase", amount_minor=change),))
    if change < 0:
        return step + Step((fact(case, "purchase_reversed", amount_minor=-change),))
    return step
