"""Reasons that people give: never empty, never with a card number in them."""

from __future__ import annotations

from app.domain.card_numbers import refuse
from app.errors import BadInputError, said


def checked(reason: str, way_out: str) -> str:
    """Return a reason without blanks around it; `way_out` says what to write where it is missing.

    Raises BadInputError or CardNumberRefusedError.
    """
    refuse(reason, "reason")
    if not reason.strip():
        raise BadInputError("reason", said("is missing."), way_out)
    return reason.strip()
