"""The families by the type that the API calls them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.apm import ApmFamily
from sandbox.card import CardFamily
from sandbox.crypto import CryptoFamily
from sandbox.errors import invalid
from sandbox.upi import UpiFamily

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.family import Family
    from sandbox.records import Made

_BY_TYPE: dict[str, Family] = {
    family.type: family for family in (CardFamily(), UpiFamily(), CryptoFamily(), ApmFamily())
}


def named(method: Mapping[str, object]) -> Family:
    family = _BY_TYPE.get(str(method.get("type")))
    if family is None:
        raise invalid("method.type", f"must be one of {', '.join(_BY_TYPE)}.")
    return family


def of(charge: Made) -> Family:
    """Find the family of a charge; those made before there were several are cards."""
    return _BY_TYPE[charge.facts.get("method", {"type": "card"})["type"]]
