"""UPI: a QR code or a link that the payer's app opens, or a request to the payer's address."""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sandbox.errors import invalid
from sandbox.family import Asked, Plain, choice, is_paid, only
from sandbox.steps import Case, State, Step, fact, timer

if TYPE_CHECKING:
    from sandbox.records import Made, Timer

_FLOWS = {"qr": "qr", "intent": "upi_intent", "collect": ""}
_VPA = re.compile(r"[A-Za-z0-9.\-_]{2,200}@[A-Za-z0-9]{2,60}")
_SECONDS = 300
_PAISE = 100
_RRN_DIGITS = 11
# What these payers do with a request; any other one has to open the page.
_PAYERS = {"success@sandbox": "collected", "failure@sandbox": "refused", "late@sandbox": "delayed"}


class UpiFamily(Plain):
    """Rupees only; a failed payment may still come."""

    type = "upi"
    page = "pay_upi.html"

    def facts(self, asked: Asked) -> dict[str, Any]:
        flow = choice(asked, "flow", _FLOWS)
        only(asked, "flow", "vpa")
        if asked.currency != "INR":
            raise invalid("currency", "must be INR for UPI.")
        if not asked.capture:
            raise invalid("capture", "must be true for UPI.")
        return {
            "method": {"type": "upi", "name": flow},
            "page_token": secrets.token_urlsafe(16),
            "vpa": _vpa(asked, flow),
            "payload": None if flow == "collect" else _payload(asked),
            "page": asked.page,
            "default_seconds": _SECONDS,
        }

    def begin(self, case: Case) -> Step:
        if case.made.facts["method"]["name"] != "collect":
            return Step()
        what = _PAYERS.get(case.made.facts["vpa"])
        asked = Step((fact(case, "processing"),))
        if what is None:
            return asked
        return asked + Step(timers=(timer(case, what, case.settings["collect_seconds"]),))

    def fire(self, case: Case, due: Timer) -> Step:
        if due.what not in _PAYERS.values():
            return super().fire(case, due)
        if self.state(case).status != "processing":
            return Step()
        answers = {"collected": self.paid, "refused": self.do_decline, "delayed": self.do_late}
        return answers[due.what](case)

    def action(self, made: Made) -> dict[str, str]:
        kind = _FLOWS[made.facts["method"]["name"]]
        return {"type": kind, "payload": made.facts["payload"], "url": made.facts["page"]}

    def shown(self, case: Case, state: State) -> dict[str, object]:
        facts = {}
        if is_paid(case, self):
            facts["rrn"] = _rrn(case.made.id)
            facts["vpa"] = _masked(case.made.facts["vpa"] or "payer@sandbox")
        elif case.made.facts["vpa"]:
            facts["vpa"] = _masked(case.made.facts["vpa"])
        return {**super().shown(case, state), "facts": facts}


def _vpa(asked: Asked, flow: str) -> str | None:
    vpa = asked.method.get("vpa")
    if flow != "collect":
        if vpa is not None:
            raise invalid("method.vpa", "is only for collect.")
        return None
    if not isinstance(vpa, str) or not _VPA.fullmatch(vpa):
        raise invalid("method.vpa", "must be an address such as success@sandbox.")
    return vpa


def _payload(asked: Asked) -> str:
    rupees, paise = divmod(asked.amount_minor, _PAISE)
    fields = {
        "pa": "shop@sandbox",
        "pn": "Sandbox Shop",
        "mc": "5411",
        "tr": asked.charge,
        "tn": asked.body["reference"],
        "am": f"{rupees}.{paise:02d}",
        "cu": "INR",
    }
    return "upi://pay?" + "&".join(
        f"{name}={quote(str(value), safe='@')}" for name, value in fields.items()
    )


def _rrn(charge: str) -> str:
    """The bank's number of the payment: twelve digits, always the same for a charge."""
    digest = int.from_bytes(hashlib.sha256(charge.encode()).digest())
    return f"4{digest % 10**_RRN_DIGITS:0{_RRN_DIGITS}d}"


def _masked(vpa: str) -> str:
    name, _, bank = vpa.partition("@")
    return f"{name[:2]}…@{bank}"
