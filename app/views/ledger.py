"""The ledger: accounts, their lines with the balance after each, and journals."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from flask import request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.domain.card_numbers import scrub_text
from app.domain.currencies import exponent, parse_currency
from app.domain.ledger.accounts import AccountType, normal_sign
from app.domain.ledger.lots import LotKind
from app.domain.permissions import Permission
from app.errors import BadInputError, NotFoundError, said
from app.queries import ledger, ledger_as_of, ledger_pages, payments
from app.queries.ledger_pages import AccountFilter, AccountPage
from app.queries.listing import Slice
from app.views import account_words, as_of, lists, show
from app.views.base import current_actor, needs, read_session
from app.views.lists import Column, Filter
from app.views.locales import told
from app.views.show import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.models import LedgerAccount, LedgerLine
    from app.queries.ledger_as_of import Part
    from app.queries.ledger_pages import AccountSum
    from app.views.lists import Sheet

PART: Final = "part"
"""The argument of an account's page that narrows it to one of the parts that it is kept in."""

_BIGGEST_KEY = 2**63 - 1
_LONGEST_KEY = len(str(_BIGGEST_KEY))


def _filed(row: AccountSum, sheet: Sheet) -> str:
    """Return what an account is called in a file."""
    owner = account_words.owner_id(row.code)
    name = sheet.merchants.get(row.merchant_id or 0, owner)
    return account_words.name(row.code, sheet.actor, {owner: name})


def _balance(row: AccountSum, _sheet: Sheet) -> Decimal:
    return Decimal(row.balance_minor * _sign(row.type)).scaleb(-exponent(row.currency))


def _moment_word(value: str) -> str:
    try:
        return show.current().moment(as_of.read(value, show.reader_zone()))
    except BadInputError:
        return value  # the list says what is wrong with it


LIST: Final = lists.List(
    name="ledger_accounts",
    endpoint="LedgerView.accounts",
    columns=(
        Column("account", lazy_gettext("Account"), _filed, always=True),
        lists.field("code", lazy_gettext("Code"), "code", usual=False),
        Column("type", lazy_gettext("Type"), lambda row, _sheet: account_words.type_word(row.type)),
        Column(
            "parts", lazy_gettext("Parts"), lambda row, _sheet: row.shards, number=True, usual=False
        ),
        Column(
            "balance",
            lazy_gettext("Balance"),
            _balance,
            number=True,
            always=True,
            beside=Column("currency", lazy_gettext("Currency"), lambda row, _sheet: row.currency),
        ),
    ),
    filters=(
        Filter("merchant", lazy_gettext("Merchant")),
        Filter("code", lazy_gettext("Code")),
        Filter("currency", lazy_gettext("Currency"), str.upper),
        Filter("owing", lazy_gettext("Only"), lambda _value: gettext("merchants who owe us")),
        Filter(as_of.ARGUMENT, lazy_gettext("As of"), _moment_word),
    ),
)


class LedgerView(Screen):
    """`/ledger/accounts/` and `/ledger/journals/`."""

    route_base = "/ledger"
    class_permission_name = "ledger"
    default_view = "accounts"

    @expose("/accounts/")
    @needs(Permission.LEDGER_READ)
    def accounts(self) -> ResponseReturnValue:
        """Show the accounts by code and currency, each with its balance."""
        fault, place, page = "", "", AccountPage([], has_more=False)
        try:
            page = _accounts()
        except BadInputError as error:
            fault, place = told(error), error.place
        last = page.rows[-1] if page.has_more else None
        first = lists.address(after=None, after_currency=None)
        listed = lists.page(
            LIST,
            Slice(page.rows, None, None),
            older=lists.address(after=last.code, after_currency=last.currency) if last else None,
            newer=first if "after" in request.args else None,
            fault=fault,
            place=place,
        )
        text = self.render(
            "ledger/accounts.html",
            title=gettext("Ledger accounts"),
            listed=listed,
            name=_names(row.code for row in page.rows),
            type_word=account_words.type_word,
            sign=_sign,
            as_of=listed.first(as_of.ARGUMENT) or None,
        )
        return text, listed.status

    @expose("/accounts/columns", methods=["POST"])
    @needs(Permission.LEDGER_READ)
    def columns(self) -> ResponseReturnValue:
        """Keep the columns that the reader wants to see."""
        return lists.keep_columns(LIST)

    @expose("/accounts/export.csv", methods=["POST"])
    @needs(Permission.LEDGER_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list."""
        wanted = _wanted()
        return lists.stream(LIST, lambda session: ledger_pages.account_chunks(session, wanted))

    @expose("/accounts/<string:public_id>")
    @needs(Permission.LEDGER_READ)
    def account(self, public_id: str) -> ResponseReturnValue:
        """Show an account's lines, newest first, with the balance after each."""
        session = read_session()
        account = ledger.account_by_id(session, public_id)
        if account is None:
            raise NotFoundError(said("There is no ledger account {id}.", id=public_id))
        fault, moment = "", None
        try:
            moment = as_of.moment()
        except BadInputError as error:
            fault = told(error)
        parts = ledger_as_of.parts(session, ledger_pages.shards(session, account), moment)
        ids = _chosen(session, account, parts)
        page = ledger_pages.lines(
            session, ids, older=_key("older"), newer=_key("newer"), moment=moment
        )
        text = self.render(
            "ledger/account.html",
            title=_names([account.code])(account.code),
            account=account,
            coming=_coming(account),
            type_word=account_words.type_word,
            parts=parts,
            part=request.args.get(PART, ""),
            page=page,
            sign=_sign(account.type),
            total_minor=ledger_pages.total(session, ids, moment),
            moment=moment,
            fault=fault,
            typed=scrub_text(request.args.get(as_of.ARGUMENT, "")),
            address=lists.address,
            older=lists.address(older=str(page.older), newer=None) if page.older else None,
            newer=lists.address(newer=str(page.newer), older=None) if page.newer else None,
        )
        return text, 400 if fault else 200

    @expose("/journals/<string:public_id>")
    @needs(Permission.LEDGER_READ)
    def journal(self, public_id: str) -> ResponseReturnValue:
        """Show a journal and its lines; journals are the house's."""
        session = read_session()
        journal = ledger_pages.journal(session, public_id)
        if journal is None:
            raise NotFoundError(said("There is no journal {id}.", id=public_id))
        payment = payments.by_id(session, journal.payment_id) if journal.payment_id else None
        lines = ledger_pages.lines_of_journal(session, journal.id)
        return self.render(
            "ledger/journal.html",
            title=gettext("Journal %(id)s", id=show.current().short(journal.public_id)),
            journal=journal,
            payment=payment,
            lines=lines,
            account_name=_names(account.code for _, account in lines),
            sums=sums(line for line, _ in lines),
        )


def sums(lines: Iterable[LedgerLine]) -> list[tuple[str, int, int]]:
    """Return (currency, debits, credits) in minor units, both positive."""
    found: dict[str, tuple[int, int]] = {}
    for line in lines:
        debit, credit = found.get(line.currency, (0, 0))
        amount = line.amount_minor
        found[line.currency] = (debit + max(0, amount), credit + max(0, -amount))
    return [(currency, *sides) for currency, sides in sorted(found.items())]


def _names(codes: Iterable[str]) -> Callable[[str], str]:
    return account_words.namer(read_session(), current_actor(), codes)


def _wanted() -> AccountFilter:
    currency = lists.text("currency")
    return AccountFilter(
        prefix=lists.text("code"),
        merchant=lists.text("merchant"),
        currency=parse_currency(currency) if currency else "",
        owing=lists.one_of("owing", ("1",)) == "1",
        as_of=as_of.moment(),
    )


def _accounts() -> AccountPage:
    wanted, after = _wanted(), lists.text("after")
    edge = (after, lists.text("after_currency")) if after else None
    return ledger_pages.accounts(read_session(), wanted, after=edge)


def _coming(account: LedgerAccount) -> str:
    """Return the address of what is released from an account; empty where nothing ever is."""
    owner, _, rest = account.code.partition(":")
    merchant, _, kind = rest.partition(":")
    if owner != "merchant" or kind not in set(LotKind):
        return ""
    whose = merchant if current_actor().merchant_id is None else None
    address: str = url_for(
        "ReleasesView.listed", merchant=whose, kind=kind, currency=account.currency
    )
    return address


def _chosen(session: Session, account: LedgerAccount, parts: Sequence[Part]) -> Sequence[int]:
    """Return the keys of the shards whose lines are shown: one that is asked for, or all."""
    keys = ledger_pages.shards(session, account)
    wanted = request.args.get(PART, "")
    if not wanted:
        return keys
    for part in parts:
        if str(part.shard) == wanted:
            found = ledger.account_by_id(session, part.public_id)
            return [found.id] if found else []
    raise NotFoundError(said("This account has no such part. Open the account again."))


def _sign(kind: str) -> int:
    return normal_sign(AccountType(kind))


def _key(name: str) -> int | None:
    value = request.args.get(name, "")
    if not value:
        return None
    is_key = value.isascii() and value.isdigit() and len(value) <= _LONGEST_KEY
    if not is_key or int(value) > _BIGGEST_KEY:
        raise NotFoundError(
            said("This page of the account does not exist. Open the account again.")
        )
    return int(value)
