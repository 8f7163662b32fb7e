"""The payers that the search box finds: by their whole e-mail address, one in each merchant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import url_for
from flask_babel import gettext, ngettext

from app.queries import payers
from app.queries.listing import Window
from app.queries.payers import PayerFilter
from app.queries.search import MOST
from app.views.base import current_actor, read_session
from app.views.locales import reader
from app.views.search_hits import Group, Hit, merchants_of
from app.views.show import Show

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.domain.search_terms import Terms
    from app.queries.payers import PayerRow


def found(terms: Terms) -> Iterator[Group]:
    """Yield the payers with the e-mail address that was typed."""
    if not terms.email:
        return
    wanted = PayerFilter(email=terms.email)
    rows = payers.page(read_session(), wanted, Window(limit=MOST)).rows
    if rows:
        show, names = Show(current_actor(), reader()), merchants_of([rows])
        yield Group(gettext("Payers"), [_hit(show, row, names) for row in rows])


def _hit(show: Show, row: PayerRow, names: dict[int, str]) -> Hit:
    number = ngettext(
        "%(number)s payment", "%(number)s payments", row.number, number=show.number(row.number)
    )
    about = (names.get(row.merchant_id), row.email if row.name else "", number)
    return Hit(
        href=url_for("PayersView.show", public_id=row.public_id),
        title=row.name or row.email,
        note=" · ".join(str(part) for part in about if part),
        icon="person",
    )
