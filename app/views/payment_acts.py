"""What can be done to a payment now, by whom: only that is offered on its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.domain.permissions import Permission
from app.services import attempts, captures, closing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import Operation, Payment


@dataclass(frozen=True, slots=True)
class Acts:
    """The actions that are legal now and allowed to the reader, besides look-up and refund.

    `left_minor` is what may still be captured, whoever may do it.
    """

    left_minor: int
    can_capture: bool
    can_try_again: bool
    can_void: bool
    can_cancel: bool

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return self.can_capture or self.can_try_again or self.can_void or self.can_cancel


def of(session: Session, actor: Actor, payment: Payment, asked: Sequence[Operation]) -> Acts:
    """Return what this actor may do to a payment now."""
    left = captures.left_to_capture(payment)
    gives_up = actor.may(Permission.PAYMENTS_VOID)
    return Acts(
        left_minor=left,
        can_capture=left > 0 and actor.may(Permission.PAYMENTS_CAPTURE),
        can_try_again=actor.may(Permission.PAYMENTS_CREATE)
        and bool(asked)
        and attempts.may_try_again(payment, asked),
        can_void=gives_up and captures.can_void(payment),
        can_cancel=gives_up and closing.can_cancel(session, payment),
    )
