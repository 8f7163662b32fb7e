"""The payments: list, page, form, refund and look-up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, jsonify, redirect, request, url_for
from flask_appbuilder import expose

from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.card_numbers import scrub_text
from app.domain.money import Money
from app.domain.permissions import Permission
from app.errors import BadInputError, IdempotencyMismatchError, NotFoundError, PayAgencyError
from app.queries import listing, payment_list, payments
from app.queries.payment_list import PaymentFilter
from app.services import look_up
from app.services.payments import words as money_words
from app.views import form_keys, lists, payment_commands, payment_form, payment_page, words
from app.views.base import current_actor, needs, read_session
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.domain.actors import Actor
    from app.models import Payment
    from app.queries.listing import Slice, Window
    from app.services.look_up import LookUp


class PaymentsView(Screen):
    """`/payments/` and everything below it."""

    route_base = "/payments"
    class_permission_name = "payments"
    default_view = "listed"

    @expose("/")
    @needs(Permission.PAYMENTS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the payments, newest first."""
        actor, session = current_actor(), read_session()
        page = lists.read(_find)
        ids = {row.merchant_id for row in page.found.rows}
        text = self.render(
            "payments/list.html",
            title="Payments",
            listed=page,
            merchants=listing.merchant_names(session, ids),
            statuses=words.choices(actor),
            methods=[(method, method) for method in words.METHODS],
        )
        return text, page.status

    @expose("/merchants")
    @needs(Permission.MERCHANTS_READ)
    def merchants(self) -> ResponseReturnValue:
        """Suggest merchants for the filter, at most 20."""
        text = lists.text("q")
        found = listing.merchants_like(read_session(), text) if text else []
        return jsonify([{"key": row.key, "name": row.name} for row in found])

    @expose("/new")
    @needs(Permission.PAYMENTS_CREATE)
    def new(self) -> ResponseReturnValue:
        """Show the empty form."""
        return self._form({}, {}, 200)

    @expose("/new", methods=["POST"])
    @needs(Permission.PAYMENTS_CREATE)
    def create(self) -> ResponseReturnValue:
        """Ask for a payment, once for each form that was given out."""
        filled = payment_form.filled(request.form)
        asked, errors = payment_form.read(filled)
        if asked is None:
            return self._form(filled, errors, 422)
        try:
            made = payment_commands.ask_payment(current_actor(), form_keys.read("payment"), asked)
        except IdempotencyMismatchError as error:
            return self._form(filled, {"form": _sent_before(error)}, error.status)
        except PayAgencyError as error:
            place = error.place if isinstance(error, BadInputError) else "form"
            return self._form(filled, {place: error.detail}, error.status)
        _say(
            made.payment_id,
            "This form had been sent before; nothing was asked twice. This is its payment."
            if made.is_replay
            else "",
        )
        return redirect(url_for("PaymentsView.show", public_id=made.payment_id), 303)

    @expose("/<string:public_id>")
    @needs(Permission.PAYMENTS_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one payment."""
        return self._page(_get(public_id), {}, 200)

    @expose("/<string:public_id>/refund", methods=["POST"])
    @needs(Permission.PAYMENTS_REFUND)
    def refund(self, public_id: str) -> ResponseReturnValue:
        """Ask for a refund, once for each form that was given out."""
        _get(public_id)
        amount = request.form.get("amount", "").strip()
        reason = " ".join(request.form.get("reason", "").split())
        try:
            made = payment_commands.ask_refund(
                current_actor(), form_keys.read(_refund_form(public_id)), public_id, amount, reason
            )
        except IdempotencyMismatchError as error:
            return self._page(_get(public_id), {"fault": _sent_before(error)}, error.status)
        except PayAgencyError as error:
            kept = {"amount": scrub_text(amount), "reason": scrub_text(reason)}
            return self._page(_get(public_id), {"fault": error.detail, **kept}, error.status)
        flash(
            "This form had been sent before; the refund was not asked twice."
            if made.is_replay
            else "The refund has been asked for. Its outcome stands in the list of operations.",
            "info",
        )
        return redirect(url_for("PaymentsView.show", public_id=public_id), 303)

    @expose("/<string:public_id>/look-up", methods=["POST"])
    @needs(Permission.PAYMENTS_LOOK_UP)
    def look_up(self, public_id: str) -> ResponseReturnValue:
        """Ask the provider now how an open payment stands."""
        _get(public_id)
        try:
            look_up.run(retry_when_busy(_ask_look_up)(current_actor(), public_id))
        except PayAgencyError as error:
            flash(error.detail, "warning")
        else:
            _say(public_id, "")
        return redirect(url_for("PaymentsView.show", public_id=public_id), 303)

    def _form(self, values: dict[str, str], errors: dict[str, str], status: int) -> tuple[str, int]:
        text = self.render(
            "payments/new.html",
            title="New payment",
            values=values,
            errors=errors,
            form_key=form_keys.issue("payment"),
            tokens=() if current_actor().livemode else payment_form.SANDBOX_TOKENS,
        )
        return text, status

    def _page(self, payment: Payment, form: dict[str, str], status: int) -> tuple[str, int]:
        page = payment_page.build(read_session(), current_actor(), payment)
        text = self.render(
            "payments/show.html",
            title=f"Payment {payment.reference}",
            page=page,
            payment=payment,
            form=form,
            form_key=form_keys.issue(_refund_form(payment.public_id)) if page.can_refund else "",
        )
        return text, status


def _find(window: Window) -> Slice:
    actor: Actor = current_actor()
    first, before = lists.moments()
    known = [status for status, _ in words.choices(actor)]
    wanted = PaymentFilter(
        created_from=first,
        created_before=before,
        statuses=words.stored_statuses(lists.many_of("status", known), actor),
        method=lists.one_of("method", words.METHODS),
        currency=lists.text("currency"),
        merchant=lists.text("merchant"),
        reference=lists.text("reference"),
        upload=lists.text("upload"),
    )
    return payment_list.payments(read_session(), wanted, window)


def _get(public_id: str) -> Payment:
    payment = payments.get(read_session(), public_id)
    if payment is None:
        raise NotFoundError(f"There is no payment {public_id}.")
    return payment


def _ask_look_up(actor: Actor, public_id: str) -> LookUp:
    release_reads()
    with unit_of_work(actor) as session:
        return look_up.ask(session, clock.now(), public_id)


def _refund_form(public_id: str) -> str:
    return f"refund:{public_id}"


def _sent_before(error: IdempotencyMismatchError) -> str:
    return (
        f"{error.title}: this form was sent before with other values, and that was done. "
        "Look at the list before you send it again."
    )


def _say(public_id: str, instead: str) -> None:
    """Tell what happened to a payment; the page behind it shows the rest."""
    release_reads()
    payment = _get(public_id)
    badge = words.payment_badge(payment.status, current_actor())
    amount = money_words(Money(payment.amount_minor, payment.currency))
    flash(instead or f"{amount}, reference {payment.reference}: {badge.word}.", "info")
