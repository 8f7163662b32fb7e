"""The search box: what has an id, payments, merchants, pages; as a page or for the palette."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import current_app, jsonify, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.domain import search_terms
from app.domain.permissions import Permission
from app.errors import BadInputError, CardNumberRefusedError
from app.queries import search
from app.views import search_others, search_payers, words
from app.views.amounts import decimal_mark
from app.views.base import current_actor, needs, read_session
from app.views.locales import reader
from app.views.search_hits import Group, Hit, merchants_of
from app.views.show import Screen, Show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask.typing import ResponseReturnValue

    from app.domain.search_terms import Terms
    from app.queries.search import Rows


class SearchView(Screen):
    """`/search/`."""

    route_base = "/search"
    class_permission_name = "search"
    default_view = "search"

    @expose("/")
    @needs(Permission.HOME_READ)
    def search(self) -> ResponseReturnValue:
        """Find what `q` may mean; JSON for whoever asks for it, else a page."""
        typed, groups, fault = request.args.get("q", ""), [], ""
        try:
            terms = _read(typed)
            groups = list(_found(terms)) if terms.text else []
        except BadInputError as error:
            # What was typed is not repeated: it may be what must not be written down.
            typed, fault = "", _refusal(error)
        status = 422 if fault else 200
        kinds = ["text/html", "application/json"]
        if request.accept_mimetypes.best_match(kinds) == "application/json":
            return jsonify(groups=[asdict(group) for group in groups], fault=fault), status
        page = self.render(
            "search/results.html",
            title=gettext("Search"),
            typed=typed,
            groups=groups,
            fault=fault,
        )
        return page, status


def _refusal(error: BadInputError) -> str:
    sentence = gettext("This is too long or cannot be printed. Search for a part of it.")
    if isinstance(error, CardNumberRefusedError):
        sentence = gettext(
            "This looks like a full card number. Nothing of it was kept. "
            "Search for its last four digits."
        )
    return str(sentence)


def _read(typed: str) -> Terms:
    cards = {"card", gettext("card").lower()}
    return search_terms.read(typed, decimal_mark=decimal_mark(), card_words=cards)


def _found(terms: Terms) -> Iterator[Group]:
    """Yield the groups that are not empty, the most exact one first."""
    actor = current_actor()
    if actor.may(Permission.PAYMENTS_READ):
        yield from search_payers.found(terms)
        yield from _payments(terms)
    yield from search_others.found(terms)
    if actor.may(Permission.MERCHANTS_READ):
        found = search.merchants(read_session(), terms.text, terms.merchant_id)
        if found:
            yield Group(gettext("Merchants"), [_merchant(row) for row in found])
    pages = list(_pages(terms.text.lower()))
    if pages:
        yield Group(gettext("Pages"), pages)


def _payments(terms: Terms) -> Iterator[Group]:
    session, text = read_session(), terms.text
    ways: tuple[tuple[str, object, Callable[[], Rows]], ...] = (
        (
            gettext("Payments by id"),
            terms.payment_id,
            lambda: search.payments_by_id(session, terms.payment_id),
        ),
        (
            gettext("Payment of this operation"),
            terms.operation_id,
            lambda: search.payments_by_operation(session, terms.operation_id),
        ),
        (
            gettext("Payments by the provider's reference"),
            text,
            lambda: search.payments_by_provider_reference(session, text),
        ),
        (
            gettext("Payments by reference"),
            text,
            lambda: search.payments_by_reference(session, text),
        ),
        (
            gettext("Payments by e-mail address"),
            terms.email,
            lambda: search.payments_by_email(session, terms.email),
        ),
        (
            gettext("Payments by the last four digits of the card"),
            terms.last4,
            lambda: search.payments_by_last4(session, terms.last4),
        ),
        (
            gettext("Payments by amount"),
            terms.amounts,
            lambda: search.payments_by_amount(session, terms.amounts),
        ),
    )
    found = [(label, find()) for label, asked, find in ways if asked]
    names = merchants_of(rows for _, rows in found)
    show = Show(current_actor(), reader())
    for label, rows in found:
        if rows:
            yield Group(label, [_payment(show, row, names) for row in rows])


def _payment(show: Show, row: Any, names: dict[int, str]) -> Hit:
    badge = words.payment_badge(row.status, show.actor)
    about = (names.get(row.merchant_id), show.short(row.public_id), show.when(row.created_at))
    return Hit(
        href=url_for("PaymentsView.show", public_id=row.public_id),
        title=row.reference,
        note=" · ".join(str(part) for part in about if part),
        icon=badge.icon,
        amount=f"{show.amount(row.amount_minor, row.currency)} {row.currency}",
        status=str(badge.word),
        tone=badge.tone,
    )


def _merchant(row: Any) -> Hit:
    return Hit(
        href=url_for("MerchantsView.show", pk=row.public_id),
        title=row.name,
        note=f"{row.key} · {row.country}",
        icon="shop",
    )


def _pages(text: str) -> Iterator[Hit]:
    """Yield the reader's menu entries of which every word typed begins a word."""
    typed = text.split()
    # The menu knows this screen, so this screen takes the menu from where templates find it.
    sections: Any = current_app.jinja_env.globals["sections"]
    for section in sections():
        for line in section.entries:
            label = f"{section.label} {line.label}".lower().split()
            if all(any(word.startswith(part) for word in label) for part in typed):
                yield Hit(href=line.href, title=line.label, note=section.label, icon=line.icon)
