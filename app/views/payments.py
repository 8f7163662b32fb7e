"""The payments: list, page, form, refund and look-up."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from flask import flash, jsonify, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, ngettext

from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.permissions import Permission
from app.errors import (
    IdempotencyInFlightError,
    IdempotencyMismatchError,
    NotFoundError,
    PayAgencyError,
    said,
)
from app.queries import listing, payment_list, payments
from app.services import look_up, methods, routing
from app.views import (
    account_words,
    codes,
    dispute_words,
    form_keys,
    lists,
    payment_commands,
    payment_form,
    payment_method,
    payment_page,
    payment_refund,
    payments_list,
    show,
)
from app.views.amounts import read_amount
from app.views.base import current_actor, needs, read_session
from app.views.locales import told, translate
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.domain.actors import Actor
    from app.domain.methods.rows import MethodRow
    from app.models import Payment
    from app.services.look_up import LookUp
    from app.views.payment_commands import Asked
    from app.views.payment_refund import RefundPage


class PaymentsView(Screen):
    """`/payments/` and everything below it."""

    route_base = "/payments"
    class_permission_name = "payments"
    default_view = "listed"

    @expose("/")
    @needs(Permission.PAYMENTS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the payments, newest first."""
        page = lists.read(payments_list.find, payments_list.LIST, count=payments_list.count)
        choices = payments_list.choices(current_actor())
        text = self.render(
            "payments/list.html", title=gettext("Payments"), listed=page, choices=choices
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.PAYMENTS_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns of the list that the reader wants."""
        return lists.keep_columns(payments_list.LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.PAYMENTS_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out the list, or the payments that were ticked, as a file."""
        wanted = replace(payments_list.wanted(), ids=lists.ids())
        return lists.download(
            payments_list.LIST,
            lambda session, window: payment_list.payments(session, wanted, window),
        )

    @expose("/look-up", methods=["POST"])
    @needs(Permission.PAYMENTS_LOOK_UP)
    def look_up_all(self) -> ResponseReturnValue:
        """Let the providers be asked about the payments that were ticked."""
        try:
            asked = retry_when_busy(_ask_all)(current_actor(), lists.ids())
        except PayAgencyError as error:
            flash(told(error), "warning")
        else:
            flash(
                ngettext(
                    "The provider is being asked about %(num)s payment. Look again in a moment.",
                    "The providers are being asked about %(num)s payments. Look again in a moment.",
                    asked,
                ),
                "info",
            )
        return redirect(lists.back("PaymentsView.listed"), 303)

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
        except IdempotencyInFlightError as error:
            flash(told(error), "info")
            return redirect(url_for("PaymentsView.show", public_id=error.data["object_id"]), 303)
        except IdempotencyMismatchError as error:
            return self._form(filled, {"form": _sent_before(error)}, error.status)
        except PayAgencyError as error:
            return self._form(filled, payment_form.refused(error), error.status)
        _say(
            made.payment_id,
            gettext("This form had been sent before; nothing was asked twice. This is its payment.")
            if made.is_replay
            else "",
        )
        return redirect(url_for("PaymentsView.show", public_id=made.payment_id), 303)

    @expose("/<string:public_id>")
    @needs(Permission.PAYMENTS_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one payment."""
        payment = _get(public_id)
        page = payment_page.build(read_session(), current_actor(), payment)
        return self.render(
            "payments/show.html",
            title=_title(payment),
            page=page,
            payment=payment,
            method_word=codes.method_word,
            by=payment_method.build(read_session(), payment, page.attempts),
            dispute_badge=dispute_words.dispute_badge,
            account_name=account_words.namer(read_session(), current_actor(), page.account_codes),
        )

    @expose("/<string:public_id>/refund")
    @needs(Permission.PAYMENTS_REFUND)
    def refund_form(self, public_id: str) -> ResponseReturnValue:
        """Ask what to refund, then say what would happen; nothing is changed yet."""
        return self._refund(payment_refund.asked(read_session(), _get(public_id), request.args))

    @expose("/<string:public_id>/refund", methods=["POST"])
    @needs(Permission.PAYMENTS_REFUND)
    def refund(self, public_id: str) -> ResponseReturnValue:
        """Ask for a refund, once for each form that was given out."""
        payment, typed = _get(public_id), payment_refund.typed(request.form)
        try:
            made = payment_commands.ask_refund(
                current_actor(),
                form_keys.read(_refund_form(public_id)),
                payment,
                read_amount(typed.amount, payment.currency).amount_minor,
                typed.reason,
            )
        except IdempotencyInFlightError as error:
            flash(told(error), "info")
            return redirect(url_for("PaymentsView.show", public_id=public_id), 303)
        except IdempotencyMismatchError as error:
            words = _sent_before(error)
            return self._refund(payment_refund.refused(_get(public_id), typed, error, words))
        except PayAgencyError as error:
            return self._refund(payment_refund.refused(_get(public_id), typed, error))
        flash(_refund_told(made), "info")
        return redirect(url_for("PaymentsView.show", public_id=public_id), 303)

    @expose("/<string:public_id>/look-up", methods=["POST"])
    @needs(Permission.PAYMENTS_LOOK_UP)
    def look_up(self, public_id: str) -> ResponseReturnValue:
        """Ask the provider now how an open payment stands."""
        _get(public_id)
        try:
            look_up.run(retry_when_busy(_ask_look_up)(current_actor(), public_id))
        except PayAgencyError as error:
            flash(translate(error.detail), "warning")
        else:
            _say(public_id, "")
        return redirect(url_for("PaymentsView.show", public_id=public_id), 303)

    def _form(self, values: dict[str, str], errors: dict[str, str], status: int) -> tuple[str, int]:
        is_live = bool(current_actor().livemode)
        text = self.render(
            "payments/new.html",
            title=gettext("New payment"),
            values=values,
            errors=errors,
            faults=payment_form.faults(errors),
            labels=payment_form.LABELS,
            example=show.current().plain_amount(105000, "EUR"),
            form_key=form_keys.issue("payment"),
            methods=payment_form.choices(_offered(current_actor())),
            method_word=codes.method_word,
            tokens=() if is_live else payment_form.SANDBOX_TOKENS,
            addresses=() if is_live else payment_form.SANDBOX_VPAS,
        )
        return text, status

    def _refund(self, page: RefundPage) -> tuple[str, int]:
        payment = page.payment
        text = self.render(
            "payments/refund.html",
            title=gettext("Refund of payment %(reference)s", reference=payment.reference),
            page=page,
            payment=payment,
            form_key=form_keys.issue(_refund_form(payment.public_id)) if page.amount_minor else "",
        )
        return text, page.status


def _get(public_id: str) -> Payment:
    payment = payments.get(read_session(), public_id)
    if payment is None:
        raise NotFoundError(said("There is no payment {id}.", id=public_id))
    return payment


def _offered(actor: Actor) -> list[MethodRow]:
    if actor.merchant_id is None:
        return []
    routes = routing.routes(livemode=bool(actor.livemode))
    return methods.offered(read_session(), clock.now(), actor.merchant_id, routes)


def _ask_all(actor: Actor, ids: tuple[str, ...]) -> int:
    release_reads()
    with unit_of_work(actor) as session:
        return look_up.ask_all(session, clock.now(), ids)


def _ask_look_up(actor: Actor, public_id: str) -> LookUp:
    release_reads()
    with unit_of_work(actor) as session:
        return look_up.ask(session, clock.now(), public_id)


def _refund_told(made: Asked) -> str:
    if made.is_replay:
        return str(gettext("This form had been sent before; the refund was not asked twice."))
    if made.request_id:
        return str(gettext("Nothing goes back yet: a second person has to approve the refund."))
    return str(gettext("The refund has been asked for. Its outcome stands in the operations."))


def _refund_form(public_id: str) -> str:
    return f"refund:{public_id}"


def _title(payment: Payment) -> str:
    return str(gettext("Payment %(reference)s", reference=payment.reference))


def _sent_before(error: IdempotencyMismatchError) -> str:
    sentence = gettext(
        "%(title)s: this form was sent before with other values, and that was done. "
        "Look at the list before you send it again.",
        title=translate(error.title),
    )
    return str(sentence)


def _say(public_id: str, instead: str) -> None:
    """Tell what happened to a payment; the page behind it shows the rest."""
    release_reads()
    payment, shown = _get(public_id), show.current()
    told = gettext(
        "%(amount)s, reference %(reference)s: %(status)s.",
        amount=shown.money(payment.amount_minor, payment.currency),
        reference=payment.reference,
        status=shown.payment_status(payment.status).word,
    )
    flash(instead or told, "info")
