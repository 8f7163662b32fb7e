"""Pages for the payer, who has no key but a token in the form; the log and the pulse."""

from __future__ import annotations

import secrets
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Blueprint, Response, jsonify, redirect, request
from werkzeug.exceptions import BadRequest, Forbidden, NotFound, ServiceUnavailable

from sandbox import families, fields, timers, views
from sandbox.card import challenge_outcome
from sandbox.errors import ApiError
from sandbox.records import Call
from sandbox.rendering import page
from sandbox.steps import Case, Step

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from sandbox.bank import Bank
    from sandbox.control import Controls
    from sandbox.store import Transaction

_PAGE = 1000
_ANSWERS = {"approve": "pay", "decline": "decline"}
_BACK_TO_SHOP = frozenset(("pay", "decline", "leave"))
_LONGEST_UNITS = 15


class Pages:
    """The handlers outside `/v1` that are not the tester's."""

    def __init__(self, bank: Bank, controls: Controls) -> None:
        self._bank = bank
        self._controls = controls

    def blueprint(self) -> Blueprint:
        routes = Blueprint("pages", __name__)
        add = routes.add_url_rule
        add("/challenge/<charge>", "challenge", self._challenge)
        add("/challenge/<charge>", "answer", self._answer, methods=["POST"])
        add("/pay/<charge>", "pay", self._pay)
        add("/pay/<charge>", "act", self._act, methods=["POST"])
        add("/log", "log", self._log)
        add("/healthz", "healthz", lambda: jsonify(status="ok"))
        return routes

    def _challenge(self, charge: str) -> Response:
        self._refuse_in_outage()
        with self._bank.open() as tx:
            _, case = self._find(tx, charge, "challenge_token")
        facts = case.made.facts
        expired = "expired" if case.count("expired") else None
        outcome = challenge_outcome(case.effects) or expired
        targets = _targets(facts["return_url"])
        return page("challenge.html", targets, made=case.made, facts=facts, outcome=outcome)

    def _answer(self, charge: str) -> AnyResponse:
        """Take the payer's answer once; a later answer shows the first."""
        self._refuse_in_outage()
        answer = request.form.get("answer", "")
        with self._bank.open() as tx:
            account, case = self._find(tx, charge, "challenge_token")
            _check_token(case.made.facts["challenge_token"])
            if answer not in _ANSWERS:
                raise BadRequest("The answer is approve or decline.")
            family = families.of(case.made)
            is_open = family.state(case).status == "requires_action"
            call = Call(account, "challenge.answer", None, {"answer": answer}, HTTPStatus.SEE_OTHER)
            step = family.do(case, _ANSWERS[answer]) if is_open else Step()
            timers.enter(tx, tx.add_call(call), account, step)
        back = case.made.facts["return_url"] or request.path
        return redirect(back, HTTPStatus.SEE_OTHER)

    def _pay(self, charge: str) -> Response:
        self._refuse_in_outage()
        with self._bank.open() as tx:
            _, case = self._find(tx, charge, "page_token")
        return _payers_page(case)

    def _act(self, charge: str) -> AnyResponse:
        """Do what the payer, or the chain, does; what has become impossible shows the page."""
        self._refuse_in_outage()
        try:
            with self._bank.open() as tx:
                account, case = self._find(tx, charge, "page_token")
                _check_token(case.made.facts["page_token"])
                do, units = _wanted(case)
                step = families.of(case.made).do(case, do, units)
                call = Call(account, f"payer.{do}", None, {"charge": charge}, HTTPStatus.SEE_OTHER)
                timers.enter(tx, tx.add_call(call), account, step)
        except ApiError as error:
            with self._bank.open() as tx:
                _, case = self._find(tx, charge, "page_token")
            response = _payers_page(case, error.message)
            response.status_code = error.status
            return response
        leads_back = _leads_back(case) and do in _BACK_TO_SHOP
        back = case.made.facts["return_url"] if leads_back else None
        return redirect(back or request.path, HTTPStatus.SEE_OTHER)

    def _find(self, tx: Transaction, charge: str, token: str) -> tuple[str, Case]:
        found = tx.anyones(charge)
        if found is None or not found[1].facts.get(token):
            raise NotFound("There is no such page.")
        account, made = found
        settings = self._controls.settings()
        return account, Case(made, tuple(tx.effects(charge)), tx.now_ms, settings)

    def _refuse_in_outage(self) -> None:
        if self._controls.value("outage"):
            raise ServiceUnavailable("The sandbox is switched off on /control.")

    def _log(self) -> Response:
        after = request.args.get("after", 0, type=int)
        limit = request.args.get("limit", 100, type=int)
        if after < 0 or not 1 <= limit <= _PAGE:
            raise BadRequest(f"after is 0 or more, limit is 1 to {_PAGE}.")
        with self._bank.open() as tx:
            return jsonify(tx.log(after, limit))


def _check_token(token: str) -> None:
    given = request.form.get("token", "")
    if not secrets.compare_digest(given.encode(), token.encode()):
        raise Forbidden("The form does not belong to this page.")


def _wanted(case: Case) -> tuple[str, int | None]:
    """Read the pressed button; the parts of the amount are the faucet's."""
    do = request.form.get("do", "")
    if case.made.facts["method"]["type"] != "crypto":
        return do, None
    expected: int = case.made.facts["units"]
    parts = {"exact": expected, "under": expected // 2, "over": expected + expected // 2}
    if do in parts:
        return "deposit", parts[do]
    if do != "custom":
        return do, None
    units = request.form.get("units", "")
    if not units.isascii() or not units.isdecimal() or len(units) > _LONGEST_UNITS:
        raise ApiError(422, "invalid_request", "units: must be a whole number above zero.")
    return "deposit", int(units)


def _payers_page(case: Case, error: str = "") -> Response:
    family, facts = families.of(case.made), case.made.facts
    return page(
        family.page,
        _targets(facts["return_url"] if _leads_back(case) else None),
        charge=views.show(case, case.made),
        made=case.made,
        facts=facts,
        doors=family.doors(case),
        error=error,
    )


def _leads_back(case: Case) -> bool:
    """Tell whether the payer was sent here by the shop and will be sent back."""
    return families.of(case.made).action(case.made)["type"] == "redirect"


def _targets(return_url: str | None) -> str:
    return f"'self' {fields.origin(return_url)}" if return_url else "'self'"
