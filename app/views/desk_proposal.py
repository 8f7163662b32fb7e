"""Proposing how a case ends: nothing of it is done before a second person has approved it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol, TypedDict, Unpack

from app.domain.card_numbers import refuse
from app.domain.desk import CaseKind, Ending, resolution
from app.domain.money import Money
from app.errors import BadInputError, IllegalStateError, said
from app.services import desk_resolutions, previews
from app.services.approvals import requests

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.models import ApprovalRequest, DeskCase

RESOLVE: Final = "desk.resolve"
END_UNKNOWN: Final = "operation.end_unknown"


class Request(TypedDict):
    """What a second person decides on, each part named."""

    command: str
    object_type: str
    object_id: str
    object_digest: bytes
    payload: Mapping[str, str]
    sentence: str
    reason: str
    merchant_id: int | None
    amount: Money | None


class Requester(Protocol):
    """Writes the request that a second person decides on; nothing is carried out by it."""

    def __call__(
        self, session: Session, now: datetime, /, **request: Unpack[Request]
    ) -> ApprovalRequest:
        """Return the request; raises IllegalStateError where one waits for the same already."""


REQUESTER: Final[Requester] = requests.request
"""Who takes the requests of the screens."""


def seen(session: Session, case: DeskCase) -> str:
    """Return what stands for the case as it is shown now."""
    return desk_resolutions.digest(session, case.public_id).hex()


def propose(
    session: Session,
    now: datetime,
    case_id: str,
    decision: Mapping[str, str],
    requester: Requester,
) -> ApprovalRequest:
    """Ask for the approval of a decision: `ending`, `note`, `reference` and what was `seen`.

    Raises what `check` raises, IllegalStateError where the case is not what was seen any more, and
    what the requester raises; then nothing was changed.
    """
    case = check(session, case_id, decision)
    ending, note = decision["ending"], decision["note"]
    if decision["seen"] != seen(session, case):
        raise IllegalStateError(
            said("The case has changed since you looked at it. Look again before you decide.")
        )
    waits = case.amount_minor is not None and case.currency is not None
    return requester(
        session,
        now,
        command=END_UNKNOWN if case.kind == CaseKind.UNKNOWN else RESOLVE,
        object_type="desk_case",
        object_id=case.public_id,
        object_digest=desk_resolutions.digest(session, case.public_id),
        payload={
            "case": case.public_id,
            "ending": ending,
            "note": note,
            "reference": decision["reference"],
        },
        sentence=_sentence(case, ending),
        reason=note,
        merchant_id=case.merchant_id,
        amount=Money(case.amount_minor or 0, case.currency or "") if waits else None,
    )


def check(session: Session, case_id: str, decision: Mapping[str, str]) -> DeskCase:
    """Return the open case that may end so now.

    Raises NotFoundError, IllegalStateError or BadInputError at the place that is wrong.
    """
    ending = decision["ending"]
    refuse(decision["reference"], "reference")
    case = desk_resolutions.check(session, case_id, ending, decision["note"])
    if ending not in {each.ending for each in previews.offered(session, case)}:
        raise IllegalStateError(said("This case cannot end so any more. Look at it again."))
    if ending == Ending.SUCCEEDED and not decision["reference"]:
        raise BadInputError(
            "reference", said("is missing."), said("Give the provider's own id of it.")
        )
    return case


def _sentence(case: DeskCase, ending: str) -> str:
    found = resolution(case.kind, ending)
    name = found.name if found else ending
    if case.amount_minor is None or case.currency is None:
        return said("Proposed end of a case: {resolution}. {what}", resolution=name, what=case.text)
    return said(
        "Proposed end of a case about {amount}: {resolution}. {what}",
        resolution=name,
        amount=Money(case.amount_minor, case.currency),
        what=case.text,
    )
