"""Bank pages, a mandate with a debit that may bounce, a voucher that is paid days later."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.errors import invalid
from sandbox.family import OPEN, Asked, Door, Plain, choice, only
from sandbox.steps import Case, Step, fact, impossible, sums, timer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.records import Made

_REDIRECT_SECONDS = 1800
_VOUCHER_SECONDS = 3 * 24 * 60 * 60
_CODE_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Apm:
    """How one method differs: `debits` later, prints a `voucher`, may wait for a `capture`."""

    title: str
    debits: bool = False
    voucher: bool = False
    capture: bool = False

    @property
    def seconds(self) -> int:
        return _VOUCHER_SECONDS if self.voucher else _REDIRECT_SECONDS


APMS = {
    "ideal": Apm("iDEAL"),
    "bancontact": Apm("Bancontact"),
    "sepa_debit": Apm("SEPA Direct Debit", debits=True),
    "multibanco": Apm("Multibanco", voucher=True),
    "klarna": Apm("Klarna", capture=True),
    "alipay": Apm("Alipay"),
}


class ApmFamily(Plain):
    """All of them by the flags of `APMS`."""

    type = "apm"
    page = "pay_bank.html"
    dos: Mapping[str, str] = {**Plain.dos, "return": "Return the debit"}

    def facts(self, asked: Asked) -> dict[str, Any]:
        name = choice(asked, "name", APMS)
        only(asked, "name")
        if not asked.capture and not APMS[name].capture:
            raise invalid("capture", f"must be true for {name}.")
        return {
            "method": {"type": "apm", "name": name},
            "page_token": secrets.token_urlsafe(16),
            "code": _code(asked.charge) if APMS[name].voucher else None,
            "page": asked.page,
            "default_seconds": APMS[name].seconds,
        }

    def action(self, made: Made) -> dict[str, str]:
        page = made.facts["page"]
        if apm_of(made).voucher:
            return {"type": "voucher", "code": made.facts["code"], "url": page}
        return {"type": "redirect", "url": page}

    def do_pay(self, case: Case) -> Step:
        """Pay; a mandate that is signed makes the debit wait first."""
        waits = apm_of(case.made).debits and self.state(case).status == "requires_action"
        if not waits:
            return super().do_pay(case)
        debit = timer(case, "debit", case.settings["debit_seconds"])
        return Step((fact(case, "processing"),), (debit,))

    def do_return(self, case: Case) -> Step:
        """Return a debit, before or after it was booked."""
        status = self.state(case).status
        if not apm_of(case.made).debits or status not in {"processing", "succeeded"}:
            raise impossible("Only a debit that was sent can be returned.")
        failed = fact(case, "failed", outcome="debit_returned")
        captured = sums(case.effects).captured
        if not captured:
            return Step((failed,))
        return Step((fact(case, "purchase_reversed", amount_minor=captured), failed))

    def do_leave(self, case: Case) -> Step:
        """Note that the payer has left; the charge stays open until its time is over."""
        return Step(() if case.count("left") else (fact(case, "left"),))

    def do(self, case: Case, what: str, units: int | None = None) -> Step:
        return self.do_leave(case) if what == "leave" else super().do(case, what, units)

    def fire_debit(self, case: Case) -> Step:
        return self.paid(case) if self.state(case).status == "processing" else Step()

    def fire_expire(self, case: Case) -> Step:
        """A signed mandate does not expire."""
        if apm_of(case.made).debits and self.state(case).status == "processing":
            return Step()
        return super().fire_expire(case)

    def doors(self, case: Case) -> list[Door]:
        status, apm = self.state(case).status, apm_of(case.made)
        if apm.voucher:
            return [Door("pay", "Pay the voucher", main=True)] if status in OPEN else []
        if apm.debits and status in {"processing", "succeeded"}:
            return [Door("return", self.dos["return"])]
        if status != "requires_action":
            return []
        yes = "Sign the mandate" if apm.debits else "Approve"
        return [Door("pay", yes, main=True), Door("decline", "Decline"), Door("leave", "Leave")]


def apm_of(made: Made) -> Apm:
    return APMS[made.facts["method"]["name"]]


def _code(charge: str) -> str:
    number = int.from_bytes(hashlib.sha256(charge.encode()).digest()) % 10**_CODE_DIGITS
    digits = f"{number:0{_CODE_DIGITS}d}"
    return f"{digits[:2]} {digits[2:5]} {digits[5:]}"
