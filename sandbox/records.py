"""The rows of the store as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Made:
    """An object as it was made; its present state follows from the effects."""

    id: str
    kind: str
    charge: str
    key: str
    reference: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that really happened, at most once per key.

    The key of the call that asked for it; what happens by itself has a key with a space in it,
    which no call can have.
    """

    kind: str
    object: str
    charge: str
    key: str
    amount_minor: int
    currency: str
    our_reference: str
    our_operation: str
    outcome: str = "done"
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that will happen at `due_ms`, exactly once per key."""

    key: str
    charge: str
    object: str
    what: str
    due_ms: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What the first call with a key was told; `digest` stands for its body."""

    digest: str
    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A line of the call log; `body` is masked before it comes here."""

    account: str | None
    verb: str
    key: str | None
    body: Mapping[str, object] | None
    status: int
    replayed: bool = False
