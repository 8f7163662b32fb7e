"""What the search box tells: lines, in groups that say how they were found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.queries import listing
from app.views.base import current_actor, read_session

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from app.queries.payers import NamedPayer
    from app.queries.search import Rows


@dataclass(frozen=True, slots=True)
class Hit:
    """One line that was found, in words for this reader; `tone` colours the icon's word."""

    href: str
    title: str
    note: str = ""
    icon: str = ""
    amount: str = ""
    status: str = ""
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that were found in the same way; the label says in which."""

    label: str
    hits: list[Hit]


def merchants_of(found: Iterable[Rows | Sequence[NamedPayer]]) -> dict[int, str]:
    """Return the names of the merchants of these rows, for whoever sees several."""
    if current_actor().merchant_id is not None:
        return {}
    ids = {row.merchant_id for rows in found for row in rows if row.merchant_id is not None}
    return listing.merchant_names(read_session(), ids)
