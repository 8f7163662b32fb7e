"""What an invariant is: a name, the sentence that must be true, and a check that finds breaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class Violation:
    """One row that breaks an invariant: which, and how."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Result:
    """What checking one invariant found."""

    name: str
    sentence: str
    violations: tuple[Violation, ...]


class Invariant(Protocol):
    """Checked on an unscoped session that only reads; never raises for what it finds."""

    name: ClassVar[str]
    sentence: ClassVar[str]

    def check(self, session: Session) -> Sequence[Violation]:
        """Return every breach, of all merchants and both books."""
        ...
