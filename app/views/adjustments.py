"""Adjusting the ledger by hand: what is asked of a second person, and the question before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext

from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.ledger.adjustments import ADJUSTABLE, MOST_LINES
from app.domain.ledger.journals import JournalKind
from app.domain.permissions import Permission
from app.errors import PayAgencyError
from app.queries import adjustments as rows
from app.services import adjustments, idempotency, refusals
from app.services.approvals import requests
from app.views import account_words, adjustment_form, form_keys
from app.views.adjustment_form import Filled
from app.views.base import current_actor, needs, read_session
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.domain.actors import Actor
    from app.services.adjustments import Ask

ASK: Ask = requests.request
"""How a second person is asked."""

_ADDRESSES: Final = {
    JournalKind.ADJUSTMENT: "AdjustmentsView.new",
    JournalKind.WRITE_OFF: "AdjustmentsView.write_off",
}


class AdjustmentsView(Screen):
    """`/ledger/adjustments/`: a form each for adjustments and write-offs."""

    route_base = "/ledger/adjustments"
    class_permission_name = "ledger"
    default_view = "new"

    @expose("/new")
    @needs(Permission.LEDGER_ADJUST)
    def new(self) -> ResponseReturnValue:
        """Show the empty form."""
        return self._page(JournalKind.ADJUSTMENT)

    @expose("/new", methods=["POST"])
    @needs(Permission.LEDGER_ADJUST)
    def ask(self) -> ResponseReturnValue:
        """Say what will be asked; once that is confirmed, ask a second person."""
        return self._asked(JournalKind.ADJUSTMENT)

    @expose("/write-off")
    @needs(Permission.LEDGER_ADJUST)
    def write_off(self) -> ResponseReturnValue:
        """Show the empty form."""
        return self._page(JournalKind.WRITE_OFF)

    @expose("/write-off", methods=["POST"])
    @needs(Permission.LEDGER_ADJUST)
    def ask_write_off(self) -> ResponseReturnValue:
        """Say what will be asked; once that is confirmed, ask a second person."""
        return self._asked(JournalKind.WRITE_OFF)

    def _page(self, kind: JournalKind) -> ResponseReturnValue:
        return self._drawn(kind, Filled(adjustment_form.typed(kind, request.args)))

    def _asked(self, kind: JournalKind) -> ResponseReturnValue:
        given = request.form.to_dict()
        if adjustment_form.CONFIRMED not in given:
            return self._drawn(kind, adjustment_form.read(read_session(), kind, given))
        try:
            key = form_keys.read(kind)
            is_new = _ask_once(current_actor(), key, kind, given)
        except PayAgencyError as error:
            values = adjustment_form.typed(kind, given)
            return self._drawn(kind, adjustment_form.refused(values, error))
        flash(
            gettext("A second person has been asked. It is posted once that person has approved.")
            if is_new
            else gettext("This form had been sent before; nothing was asked twice."),
            "info",
        )
        return redirect(url_for("LedgerView.accounts", merchant=given.get("merchant")), 303)

    def _drawn(self, kind: JournalKind, filled: Filled) -> ResponseReturnValue:
        is_adjustment = kind is JournalKind.ADJUSTMENT
        text = self.render(
            "ledger/adjust.html" if is_adjustment else "ledger/write_off.html",
            title=gettext("Adjust the ledger") if is_adjustment else gettext("Write off a debt"),
            filled=filled,
            address=url_for(_ADDRESSES[kind]),
            form_key=form_keys.issue(kind) if filled.checked else "",
            accounts=[(code, account_words.CHART[code]) for code in ADJUSTABLE],
            account_word=lambda code: account_words.CHART[code],
            rows=range(1, MOST_LINES + 1),
            connectors=[
                (row.public_id, row.name) for row in rows.connector_accounts(read_session())
            ],
        )
        return text, filled.status


def _ask_once(actor: Actor, key: str, kind: JournalKind, given: dict[str, str]) -> bool:
    """Ask once for this key; what is refused leaves a trace."""
    merchant = rows.merchant_by_key(read_session(), given.get("merchant", "").strip())
    public_id, merchant_id = (merchant.public_id, merchant.id) if merchant else ("", None)
    release_reads()
    with refusals.audited(
        actor,
        action=adjustments.ADJUST if kind is JournalKind.ADJUSTMENT else adjustments.WRITE_OFF,
        object_type="merchant",
        object_id=public_id,
        merchant_id=merchant_id,
    ):
        return retry_when_busy(_propose)(actor, key, kind, given)


def _propose(actor: Actor, key: str, kind: JournalKind, given: dict[str, str]) -> bool:
    """Ask once for this key; answers False where that was done before."""
    now = clock.now()
    with unit_of_work(actor) as session:
        payload = adjustment_form.payload_of(session, kind, given)
        checked = adjustments.check(session, payload)
        known = idempotency.begin(
            session,
            now,
            key,
            idempotency.digest("POST", url_for(_ADDRESSES[kind]), payload),
            checked.merchant.public_id,
            merchant_id=checked.merchant.id,
        )
        if known is None:
            adjustments.propose(session, now, payload, ASK)
        return known is None
