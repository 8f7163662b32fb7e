"""Who acts: the one value that decides which rows are seen and what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from app.domain.permissions import Permission

# True is the live book, False the test book; never anything in between.
Livemode: TypeAlias = bool

_NOTHING: frozenset[Permission] = frozenset()


class ActorKind(StrEnum):
    """What kind of actor it is, and so which rows it meets."""

    NONE = "none"
    MERCHANT = "merchant"
    STAFF = "staff"
    SYSTEM = "system"
    HOUSE = "house"


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone or something that acts in one book.

    none sees nothing. merchant is a person (or, without `user_id`, a key) of exactly one merchant.
    staff sees all merchants by permission. system is a job, a payer's page or a provider's message
    about one merchant. house is a process that works on house tables only; its `livemode` may be
    None where those know no book. system and house hold no permissions: what they carry out was
    allowed when a person asked for it.

    Raises ValueError for a combination that cannot be.
    """

    kind: ActorKind
    livemode: Livemode | None
    merchant_id: int | None
    user_id: int | None
    label: str
    permissions: frozenset[Permission]

    def __post_init__(self) -> None:
        faults = [fault for is_wrong, fault in self._rules() if is_wrong]
        if faults:
            raise ValueError(f"impossible actor of kind {self.kind}: {'; '.join(faults)}")

    @classmethod
    def none(cls) -> Actor:
        """Nobody: sees nothing, may do nothing."""
        return cls(ActorKind.NONE, None, None, None, "nobody", _NOTHING)

    @classmethod
    def merchant(
        cls,
        merchant_id: int,
        livemode: Livemode,
        user_id: int | None,
        label: str,
        permissions: frozenset[Permission],
    ) -> Actor:
        """A merchant's person, or their key where `user_id` is None."""
        return cls(ActorKind.MERCHANT, livemode, merchant_id, user_id, label, permissions)

    @classmethod
    def staff(
        cls, user_id: int, livemode: Livemode, label: str, permissions: frozenset[Permission]
    ) -> Actor:
        """A person of the house."""
        return cls(ActorKind.STAFF, livemode, None, user_id, label, permissions)

    @classmethod
    def system(cls, merchant_id: int, livemode: Livemode, label: str) -> Actor:
        """A process that works for one merchant in one book."""
        return cls(ActorKind.SYSTEM, livemode, merchant_id, None, label, _NOTHING)

    @classmethod
    def house(cls, livemode: Livemode | None, label: str) -> Actor:
        """A process that works on house tables only."""
        return cls(ActorKind.HOUSE, livemode, None, None, label, _NOTHING)

    def may(self, permission: Permission) -> bool:
        """Whether it holds the permission."""
        return permission in self.permissions

    def _has_plain_livemode(self) -> bool:
        # A driver's 1 equals True but is not it, and would be compared with `is` somewhere.
        return self.livemode is None or type(self.livemode) is bool

    def _rules(self) -> tuple[tuple[bool, str], ...]:
        kind = self.kind
        has_merchant = kind in {ActorKind.MERCHANT, ActorKind.SYSTEM}
        has_book = has_merchant or kind is ActorKind.STAFF
        is_person = kind in {ActorKind.MERCHANT, ActorKind.STAFF}
        return (
            (not self._has_plain_livemode(), "livemode is no truth value"),
            (has_book and self.livemode is None, "it needs a book"),
            (kind is ActorKind.NONE and self.livemode is not None, "it has no book"),
            (has_merchant is (self.merchant_id is None), "merchant_id is missing or too much"),
            (kind is ActorKind.STAFF and self.user_id is None, "user_id is missing"),
            (not is_person and self.user_id is not None, "user_id is too much"),
            (not is_person and bool(self.permissions), "it holds permissions"),
            (not self.label, "label is empty"),
        )
