"""What a connector declares: its verbs, the methods it takes, and what may be done in doubt."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.domain.methods.rows import MethodRow

LookUp = Literal["by_key", "by_reference", "by_id"]


class Verb(StrEnum):
    """What a provider can be asked for."""

    PURCHASE = "purchase"
    AUTHORIZE = "authorize"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"
    LOOK_UP = "look_up"
    DISPUTE = "dispute"
    """Never asked for: a provider reports one, and it can be looked up."""


@dataclass(frozen=True, slots=True)
class Idempotency:
    """Whether a call may be repeated with its key, and for how many seconds after the first."""

    kind: Literal["key", "none"]
    ttl_seconds: int


@dataclass(frozen=True, slots=True)
class VerbCapability:
    """What may be done when a call of this verb got no answer."""

    idempotency: Idempotency
    lookup: frozenset[LookUp]


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connector can do.

    `methods` are families, `rows` the single methods of each. `currencies` None means every ISO
    4217 currency; `exponents` lists only deviations from ISO 4217; `card_entry` is how card data
    may reach the provider, of which `jwe` is encrypted to what `Connector.card_key` tells;
    `one_time_tokens` says that a card token is used up by its first call and must not be stored.
    """

    methods: frozenset[str]
    currencies: frozenset[str] | None
    verbs: Mapping[Verb, VerbCapability]
    card_entry: frozenset[Literal["token", "jwe", "redirect"]]
    one_time_tokens: bool = False
    exponents: Mapping[str, int] = field(default_factory=dict)
    rows: tuple[MethodRow, ...] = ()

    def row(self, method: str, name: str) -> MethodRow | None:
        """Return the method of a family by its name; None where the connector has none such."""
        return next((row for row in self.rows if (row.family, row.name) == (method, name)), None)
