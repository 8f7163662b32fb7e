"""The second person of what a test asks for at the screens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.models import ApprovalRequest

if TYPE_CHECKING:
    from tests.views.people import People


def waiting(people: People) -> list[str]:
    """Return the requests that wait, the oldest first."""
    with people.engine.connect() as connection:
        found = select(ApprovalRequest.__table__.c.public_id).where(
            ApprovalRequest.__table__.c.state == "waiting"
        )
        return list(connection.scalars(found.order_by(ApprovalRequest.__table__.c.id)))


def approve_waiting(people: People, by: str = "compliance") -> None:
    """Have somebody approve all that waits."""
    for request in waiting(people):
        answer = people.browser(by).post(f"/approvals/{request}/approve", {"reason": "checked"})
        assert answer.status_code == 303
    assert waiting(people) == []
