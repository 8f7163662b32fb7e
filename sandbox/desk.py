"""The tester's side: all charges, the weather, and doors to what payers, banks and chains do.

The doors take JSON from programs, without a key, and forms from their own pages.
"""

from __future__ import annotations

from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.exceptions import BadRequest, NotFound

from sandbox import charges, delivery, disputes, families, fields, timers, views
from sandbox.control import CONTROLS
from sandbox.errors import ApiError, invalid
from sandbox.records import Call
from sandbox.rendering import page, refuse_strangers, wants_page
from sandbox.steps import Case

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from werkzeug.wrappers import Response as AnyResponse

    from sandbox.bank import Bank
    from sandbox.control import Controls
    from sandbox.records import Made
    from sandbox.steps import Step
    from sandbox.store import Transaction

    Planner = Callable[[Case, Made, Mapping[str, object]], Step]

_SHOWN_CHARGES = 50
_NUMBERS = frozenset(("amount_minor", "units"))
_FLAGS = {"true": True, "false": False}


class Desk:
    """The handlers of `/` and `/control`."""

    def __init__(self, bank: Bank, controls: Controls) -> None:
        self._bank = bank
        self._controls = controls

    def blueprint(self) -> Blueprint:
        routes = Blueprint("desk", __name__)
        add = routes.add_url_rule
        add("/", "overview", self._overview)
        add("/control", "control", self._answer)
        add("/control", "change", self._change, methods=["POST"])
        add("/control/reset", "reset", self._reset, methods=["POST"])
        add("/control/charges/<about>", "charge", self._charge)
        for path, name, plan in (
            ("charges/<about>", "act", _act),
            ("charges/<about>/dispute", "dispute", _open_dispute),
            ("disputes/<about>", "move", _move_dispute),
            ("objects/<about>", "end", _end),
        ):
            add(f"/control/{path}", name, self._door(name, plan), methods=["POST"])
        return routes

    def _overview(self) -> Response:
        with self._bank.open() as tx:
            newest = [views.charge_case(tx, made) for made in tx.newest_charges(_SHOWN_CHARGES)]
        rows = [(case.made, views.show(case, case.made)) for case in newest]
        return page("overview.html", rows=rows)

    def _answer(self) -> Response:
        if not wants_page():
            return jsonify(self._controls.show())
        with self._bank.open() as tx:
            figures = delivery.figures(tx)
        shown = self._controls.show()
        return page("control.html", controls=CONTROLS, shown=shown, figures=figures)

    def _change(self) -> Response:
        refuse_strangers()
        wanted = request.get_json(silent=True) if request.is_json else request.form.to_dict()
        if not isinstance(wanted, dict):
            raise BadRequest("The body must be one JSON object or a form.")
        try:
            self._controls.change(wanted)
        except ApiError as error:
            return _refused(error)
        return self._answer()

    def _reset(self) -> Response:
        refuse_strangers()
        self._controls.reset()
        return self._answer()

    def _charge(self, about: str) -> Response:
        with self._bank.open() as tx:
            return self._charge_page(tx, about)

    def _door(self, name: str, plan: Planner) -> Callable[[str], AnyResponse]:
        def door(about: str) -> AnyResponse:
            refuse_strangers()
            try:
                with self._bank.open() as tx:
                    account, made = _found(tx, about)
                    wanted = _wanted()
                    case = self._case(tx, account, made)
                    step = plan(case, made, wanted)
                    call = Call(account, f"control.{name}", None, {"about": about, **wanted}, 200)
                    timers.enter(tx, tx.add_call(call), account, step)
                    told = step.made[0] if step.made else made
                    shown = views.view(tx, account, told)
            except ApiError as error:
                return self._refused_door(about, error)
            if request.is_json:
                return jsonify(shown)
            return redirect(f"/control/charges/{made.charge}", HTTPStatus.SEE_OTHER)

        return door

    def _refused_door(self, about: str, error: ApiError) -> Response:
        if request.is_json:
            return _refused(error)
        with self._bank.open() as tx:
            response = self._charge_page(tx, _found(tx, about)[1].charge, error.message)
        response.status_code = error.status
        return response

    def _charge_page(self, tx: Transaction, about: str, error: str = "") -> Response:
        account, made = _found(tx, about)
        if made.kind != "charge":
            raise NotFound("There is no such charge.")
        case = self._case(tx, account, made)
        objects = [views.show(case, one) for one in tx.of_charge(made.id)]
        return page(
            "charge.html",
            made=made,
            shown=objects[0],
            parts=[one for one in objects if one["object"] in {"capture", "refund"}],
            disputes=[one for one in objects if one["object"] == "dispute"],
            effects=case.effects,
            dos=_possible(case),
            stages=disputes.STAGES,
            statuses=disputes.STATUSES,
            error=error,
        )

    def _case(self, tx: Transaction, account: str, made: Made) -> Case:
        case = views.case_of(tx, account, made)
        return Case(case.made, case.effects, tx.now_ms, self._controls.settings())


def _possible(case: Case) -> dict[str, str]:
    """Tell what can be done to a charge now, by planning it."""
    family, found = families.of(case.made), {}
    for do, words in family.dos.items():
        with suppress(ApiError):
            family.do(case, do)
            found[do] = words
    return found


def _act(case: Case, made: Made, wanted: Mapping[str, object]) -> Step:
    _refuse_unless(made, "charge")
    fields.known(wanted, frozenset(("do", "units")))
    units = wanted.get("units")
    if units is not None and (not isinstance(units, int) or isinstance(units, bool)):
        raise invalid("units", "must be a whole number.")
    do = wanted.get("do")
    if not isinstance(do, str):
        raise invalid("do", "is needed.")
    return families.of(made).do(case, do, units)


def _open_dispute(case: Case, made: Made, wanted: Mapping[str, object]) -> Step:
    _refuse_unless(made, "charge")
    fields.known(wanted, disputes.OPEN_FIELDS)
    return disputes.opened(case, wanted)


def _move_dispute(case: Case, made: Made, wanted: Mapping[str, object]) -> Step:
    _refuse_unless(made, "dispute")
    fields.known(wanted, disputes.CHANGE_FIELDS)
    return disputes.changed(case, made, wanted)


def _end(case: Case, made: Made, wanted: Mapping[str, object]) -> Step:
    _refuse_unless(made, "refund", "capture", "void")
    fields.known(wanted, frozenset(("outcome",)))
    return charges.end_part(case, made, wanted.get("outcome"))


def _refuse_unless(made: Made, *kinds: str) -> None:
    if made.kind not in kinds:
        raise ApiError(404, "not_found", f"This is a {made.kind}, not a {kinds[0]}.")


def _found(tx: Transaction, about: str) -> tuple[str, Made]:
    found = tx.anyones(about)
    if found is None:
        raise NotFound("There is no such object.")
    return found


def _wanted() -> dict[str, object]:
    """Read what is wanted from JSON, or from a form, whose empty fields mean nothing."""
    if request.is_json:
        wanted = request.get_json(silent=True)
        if not isinstance(wanted, dict):
            raise ApiError(400, "invalid_json", "The body must be one JSON object.")
        return wanted
    filled = {name: text.strip() for name, text in request.form.items() if text.strip()}
    return {name: _typed(name, text) for name, text in filled.items()}


def _typed(name: str, text: str) -> object:
    if name in _NUMBERS and text.isascii() and text.isdecimal():
        return int(text)
    return _FLAGS.get(text, text) if name == "withdrawn" else text


def _refused(error: ApiError) -> Response:
    response = jsonify(error.body())
    response.status_code = error.status
    return response
