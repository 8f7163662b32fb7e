"""The one merchant that a page of a single merchant is about, as its address says it."""

from __future__ import annotations

from app.errors import BadInputError, said
from app.queries import listing
from app.views import lists
from app.views.base import current_actor, read_session

ARGUMENT = "merchant"


def chosen() -> int | None:
    """Return the key of the merchant: one's own, else the one asked for, None where none is.

    Raises BadInputError where the address names no merchant, or may mean several.
    """
    own = current_actor().merchant_id
    text = lists.text(ARGUMENT)
    if own is not None or not text:
        return own
    found = listing.merchant_ids(read_session(), text)
    if not found:
        raise BadInputError(
            ARGUMENT, said("is no merchant's name."), said("Choose one of those suggested.")
        )
    if len(found) > 1:
        raise BadInputError(
            ARGUMENT, said("may mean several merchants."), said("Choose one of those suggested.")
        )
    return found[0]
