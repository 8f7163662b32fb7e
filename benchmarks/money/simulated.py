"""A simulated provider: the sandbox's answers, given within the process instead of over a network.

Only the door to the network is replaced. What the application does before it (building the call)
and after it (reading, masking and storing the answer) is its own, and is measured.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from app.domain.identifiers import new_token
from app.providers import registry
from app.providers.http import HttpReply, ProviderHttp

if TYPE_CHECKING:
    from app.providers.http import HttpCall

CANNED_CARD: Final = {
    "brand": "visa",
    "last4": "4242",
    "fingerprint": "sbx_fp_mkjgcwbxdzsvnhtpqrylfkwc",
    "exp_month": 12,
    "exp_year": 2030,
}


class SimulatedDoor(ProviderHttp):
    """Answers each charge at once with a canned success that repeats what was asked for."""

    def send(self, call: HttpCall, *, timeout_seconds: float) -> HttpReply:
        """Return what the sandbox answers to an approved card."""
        del timeout_seconds
        asked = json.loads(call.content)
        answer = {
            "object": "charge",
            "id": f"sbx_ch_{new_token()}",
            "status": "succeeded",
            "amount_minor": asked["amount_minor"],
            "currency": asked["currency"],
            "reference": asked["reference"],
            "metadata": asked["metadata"],
            "captured_minor": asked["amount_minor"],
            "refunded_minor": 0,
            "failure": None,
            "card": CANNED_CARD,
        }
        return HttpReply(200, json.dumps(answer).encode())


def install() -> None:
    """Let every connector of this process speak to the simulated provider."""
    for connector in registry.CONNECTORS.values():
        connector.door = SimulatedDoor()
