"""Routes as nobody should write them: what the crawl must find."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort, flash, redirect
from sqlalchemy import select

from app.adapters import db
from app.domain.actors import Actor
from app.models import Payment

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

planted = Blueprint("planted", __name__, url_prefix="/planted")


def _payment(public_id: str) -> Payment:
    with db.reading(Actor.none()) as session:
        session.info["unscoped"] = "planted"
        found = session.scalars(select(Payment).where(Payment.public_id == public_id)).one_or_none()
    return found if found is not None else abort(404)


@planted.get("/body/<string:public_id>")
def body(public_id: str) -> ResponseReturnValue:
    return f"<p>{_payment(public_id).customer_name}</p>"


@planted.get("/body/<string:name>")
def shadowed(name: str) -> ResponseReturnValue:
    return name


@planted.get("/amount/<string:public_id>")
def amount(public_id: str) -> ResponseReturnValue:
    payment = _payment(public_id)
    return f"<p>{payment.amount_minor / 100} <b>{payment.currency}</b></p>"


@planted.get("/list")
def listed() -> ResponseReturnValue:
    with db.reading(Actor.none()) as session:
        session.info["unscoped"] = "planted"
        return [payment.public_id for payment in session.scalars(select(Payment))]


@planted.get("/header/<string:public_id>")
def header(public_id: str) -> ResponseReturnValue:
    return redirect(f"https://elsewhere.example/{_payment(public_id).description}")


@planted.get("/flash/<string:public_id>")
def cookie(public_id: str) -> ResponseReturnValue:
    flash(f"Looked at {_payment(public_id).reference}.")
    return "done"


@planted.get("/crash/<string:public_id>")
def crash(public_id: str) -> ResponseReturnValue:
    message = f"{_payment(public_id).currency} is unknown"
    raise KeyError(message)


@planted.post("/change/<string:public_id>")
def change(public_id: str) -> ResponseReturnValue:
    payment = _payment(public_id)
    system = Actor.system(payment.merchant_id, payment.livemode, "planted")
    with db.unit_of_work(system) as session:
        session.merge(payment).description = "changed by a stranger"
    return "done"
