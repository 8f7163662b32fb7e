"""The ledger: accounts, their lines with the balance after each, and journals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import request, url_for
from flask_appbuilder import expose

from app.domain.ledger.accounts import AccountType, normal_sign
from app.domain.permissions import Permission
from app.errors import BadInputError, NotFoundError
from app.queries import ledger, ledger_pages, payments
from app.views import lists, words
from app.views.base import current_actor, needs, read_session
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

_BIGGEST_KEY = 2**63 - 1
_LONGEST_KEY = len(str(_BIGGEST_KEY))


class LedgerView(Screen):
    """`/ledger/accounts/` and `/ledger/journals/`."""

    route_base = "/ledger"
    class_permission_name = "ledger"
    default_view = "accounts"

    @expose("/accounts/")
    @needs(Permission.LEDGER_READ)
    def accounts(self) -> ResponseReturnValue:
        """Show the accounts by code and currency, each with its balance."""
        prefix, after_code, after_currency = "", "", ""
        fault, status = "", 200
        page = ledger_pages.AccountPage([], has_more=False)
        try:
            prefix, after_code = lists.text("code"), lists.text("after")
            after_currency = lists.text("after_currency")
            page = ledger_pages.accounts(
                read_session(),
                prefix=prefix,
                after=(after_code, after_currency) if after_code else None,
            )
        except BadInputError as error:
            fault, status = error.detail, 400
        last = page.rows[-1] if page.has_more else None
        text = self.render(
            "ledger/accounts.html",
            title="Ledger accounts",
            page=page,
            prefix=prefix,
            fault=fault,
            sign=_sign,
            first=url_for("LedgerView.accounts", code=prefix or None) if after_code else None,
            following=lists.address(after=last.code, after_currency=last.currency)
            if last
            else None,
        )
        return text, status

    @expose("/accounts/<string:public_id>")
    @needs(Permission.LEDGER_READ)
    def account(self, public_id: str) -> ResponseReturnValue:
        """Show an account's lines, newest first, with the balance after each."""
        session = read_session()
        account = ledger.account_by_id(session, public_id)
        if account is None:
            raise NotFoundError(f"There is no ledger account {public_id}.")
        ids = ledger_pages.shards(session, account)
        page = ledger_pages.lines(session, ids, older=_key("older"), newer=_key("newer"))
        return self.render(
            "ledger/account.html",
            title=words.account_word(account.code, current_actor()),
            account=account,
            parts=len(ids),
            page=page,
            sign=_sign(account.type),
            total_minor=ledger_pages.total(session, ids),
            older=lists.address(older=str(page.older), newer=None) if page.older else None,
            newer=lists.address(newer=str(page.newer), older=None) if page.newer else None,
        )

    @expose("/journals/<string:public_id>")
    @needs(Permission.LEDGER_READ)
    def journal(self, public_id: str) -> ResponseReturnValue:
        """Show a journal and its lines; journals are the house's."""
        session = read_session()
        journal = ledger_pages.journal(session, public_id)
        if journal is None:
            raise NotFoundError(f"There is no journal {public_id}.")
        payment = payments.by_id(session, journal.payment_id) if journal.payment_id else None
        return self.render(
            "ledger/journal.html",
            title=f"Journal {journal.public_id}",
            journal=journal,
            payment=payment,
            lines=ledger_pages.lines_of_journal(session, journal.id),
        )


def _sign(kind: str) -> int:
    return normal_sign(AccountType(kind))


def _key(name: str) -> int | None:
    value = request.args.get(name, "")
    if not value:
        return None
    is_key = value.isascii() and value.isdigit() and len(value) <= _LONGEST_KEY
    if not is_key or int(value) > _BIGGEST_KEY:
        raise NotFoundError("This page of the account does not exist. Open the account again.")
    return int(value)
