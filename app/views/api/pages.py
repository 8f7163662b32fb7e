"""Pages of the API's lists: by the row at their edge, in either direction, never by a number."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.errors import NotFoundError, said
from app.queries.listing import Slice, Window
from app.views.api.entrance import bad

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.services.told.shapes import PaymentEventTold
    from app.views.api.shapes import ListQuery


def moment(text: str, name: str) -> datetime | None:
    """Return a moment that was sent. Raises BadInputError at `name`."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise bad(f"/{name}", "is no moment.", "Write it like 2026-03-01T12:00:00Z.")
    return found.astimezone(UTC)


def page(query: ListQuery, find: Callable[[Window], Slice]) -> tuple[list[str], str | None]:
    """Return the public ids of one page, newest first, and the cursor of the page after it.

    With `ending_before` the page is the one just newer than that row, and the page after it is
    newer still. Raises BadInputError where both directions are asked for, NotFoundError for an
    edge that is no row of the caller's.
    """
    one_way(query)
    window = Window(older=query.starting_after, newer=query.ending_before, limit=query.limit)
    found = find(window)
    ids = [str(row.public_id) for row in found.rows]
    if not query.ending_before:
        return ids, found.older
    # Where less than a page is newer, the first page is found, which holds the edge and older rows.
    if query.ending_before in ids:
        ids = ids[: ids.index(query.ending_before)]
    return ids, found.newer


def part(
    query: ListQuery, told: Sequence[PaymentEventTold]
) -> tuple[list[PaymentEventTold], str | None]:
    """Return one page of a list that is known whole, newest first, as `page` would.

    Raises what `page` raises.
    """
    one_way(query)
    first, before = (
        moment(query.created_gte, "created[gte]"),
        moment(query.created_lt, "created[lt]"),
    )
    rest = _beyond(query, told)
    found = [each for each in rest if _is_within(each.created, first, before)]
    shown = found[: query.limit]
    cursor = shown[-1].id if len(found) > query.limit else None
    return (shown[::-1] if query.ending_before else shown), cursor


def _beyond(query: ListQuery, told: Sequence[PaymentEventTold]) -> list[PaymentEventTold]:
    """Return what lies beyond the edge that is asked for, the nearest first."""
    edge = query.starting_after or query.ending_before
    if not edge:
        return list(told)
    place = next((number for number, each in enumerate(told) if each.id == edge), None)
    if place is None:
        raise NotFoundError(said("This page of the list does not exist. Open the list again."))
    return list(told[:place])[::-1] if query.ending_before else list(told[place + 1 :])


def one_way(query: ListQuery) -> None:
    """Refuse to go both ways at once. Raises BadInputError."""
    if query.starting_after and query.ending_before:
        raise bad("/ending_before", "cannot stand beside starting_after.", "Send one of them.")


def _is_within(created: str, first: datetime | None, before: datetime | None) -> bool:
    at = datetime.fromisoformat(created)
    return (first is None or at >= first) and (before is None or at < before)
