"""The payers that the search box finds: by their whole e-mail address, one in each merchant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import gettext

from app.queries import payers
from app.queries.search import MOST
from app.views.base import read_session
from app.views.search_hits import Group, Hit, merchants_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.domain.search_terms import Terms
    from app.queries.payers import NamedPayer


def found(terms: Terms) -> Iterator[Group]:
    """Yield the payers with the e-mail address that was typed."""
    if not terms.email:
        return
    rows = payers.by_email(read_session(), terms.email, MOST)
    if rows:
        names = merchants_of([rows])
        yield Group(gettext("Payers"), [_hit(row, names) for row in rows])


def _hit(row: NamedPayer, names: dict[int, str]) -> Hit:
    about = (names.get(row.merchant_id), row.email if row.name else "")
    return Hit(
        href=url_for("PayersView.show", public_id=row.public_id),
        title=row.name or row.email,
        note=" · ".join(part for part in about if part),
        icon="person",
    )
