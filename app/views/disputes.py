"""The disputes: what has to be answered first, the list, and the page of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.domain.ledger.journals import JournalKind
from app.domain.payments import DisputeStage, DisputeStatus
from app.domain.permissions import Permission
from app.errors import NotFoundError, said
from app.queries import disputes, ledger, listing, operations, payments
from app.queries.disputes import DisputeFilter
from app.views import account_words, dispute_words, lists, payments_list
from app.views.base import current_actor, needs, read_session
from app.views.lists import Column, Filter
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from flask_babel.speaklater import LazyString

    from app.models import Dispute, LedgerAccount, LedgerLine, Operation
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window

DUE: Final[dict[str, tuple[LazyString, timedelta | None]]] = {
    "open": (lazy_gettext("Still to be answered, the nearest first"), None),
    "today": (lazy_gettext("Within a day"), timedelta(days=1)),
    "week": (lazy_gettext("Within a week"), timedelta(days=7)),
    "over": (lazy_gettext("The time has run out"), timedelta(0)),
}
_JOURNALS: Final = frozenset(
    {
        JournalKind.DISPUTE_OPENED,
        JournalKind.DISPUTE_WITHDRAWN,
        JournalKind.DISPUTE_WON,
        JournalKind.DISPUTE_LOST,
        JournalKind.CHARGEBACK_FEE,
    }
)


def _reason(row: Any, _sheet: object) -> str:
    return " ".join(filter(None, (row.reason_code, row.reason_text)))


LIST: Final = lists.List(
    name="disputes",
    endpoint="DisputesView.listed",
    columns=(
        lists.moment("due", lazy_gettext("Answer due"), "due_at", always=True),
        lists.field("dispute", lazy_gettext("Dispute"), "public_id", always=True),
        lists.merchant(),
        Column(
            "status",
            lazy_gettext("Status"),
            lambda row, _sheet: str(dispute_words.dispute_badge(row.status).word),
            always=True,
        ),
        Column(
            "stage",
            lazy_gettext("Stage"),
            lambda row, _sheet: dispute_words.stage_word(row.stage),
            usual=False,
        ),
        Column("reason", lazy_gettext("Reason"), _reason),
        lists.field("payment", lazy_gettext("Payment"), "payment_public_id"),
        lists.field("reference", lazy_gettext("Reference"), "reference", usual=False),
        lists.moment("made", lazy_gettext("Told"), "created_at", usual=False),
        lists.with_currency(
            lists.money("amount", lazy_gettext("Amount"), "amount_minor", always=True)
        ),
    ),
    filters=(
        Filter(
            "status", lazy_gettext("Status"), lambda value: dispute_words.dispute_badge(value).word
        ),
        Filter("stage", lazy_gettext("Stage"), dispute_words.stage_word),
        Filter("due", lazy_gettext("Answer due"), lambda value: str(DUE[value][0])),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
        *lists.AMOUNTS,
        Filter("payment", lazy_gettext("Payment")),
        Filter("payer", lazy_gettext("Payer"), payments_list.payer_word),
    ),
)


class DisputesView(Screen):
    """`/disputes/`."""

    route_base = "/disputes"
    class_permission_name = "disputes"
    default_view = "listed"

    @expose("/")
    @needs(Permission.DISPUTES_READ)
    def listed(self) -> ResponseReturnValue:
        """Show what is due first, and a page of the disputes."""
        page = lists.read(_find, LIST, count=_count)
        is_first = not page.narrowed and not page.newer
        text = self.render(
            "disputes/list.html",
            title=gettext("Disputes"),
            listed=page,
            due_first=disputes.due_first(read_session()) if is_first else (),
            statuses=dispute_words.dispute_choices(),
            stages=dispute_words.stage_choices(),
            dues=[(name, str(word)) for name, (word, _) in DUE.items()],
            badge=dispute_words.dispute_badge,
            stage_word=dispute_words.stage_word,
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.DISPUTES_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.DISPUTES_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out the list, or the disputes that were ticked, as a file."""
        wanted = replace(_wanted(), ids=lists.ids())
        return lists.download(LIST, lambda session, window: disputes.page(session, wanted, window))

    @expose("/<string:public_id>")
    @needs(Permission.DISPUTES_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one dispute: how it stands, how it came so, and what was posted."""
        session = read_session()
        dispute = disputes.get(session, public_id)
        if dispute is None:
            raise NotFoundError(said("There is no dispute {id}.", id=public_id))
        payment = payments.by_id(session, dispute.payment_id)
        posted = _posted(dispute)
        codes = {account.code for _, lines in posted for _, account in lines}
        merchant = listing.merchant_names(session, [dispute.merchant_id])
        operation = disputes.operation(session, dispute.operation_id)
        return self.render(
            "disputes/show.html",
            title=gettext("Dispute of payment %(reference)s", reference=_reference(payment)),
            dispute=dispute,
            payment=payment,
            operation=operation,
            merchant=merchant.get(dispute.merchant_id, ""),
            account=disputes.account_of(session, dispute.operation_id),
            badge=dispute_words.dispute_badge(dispute.status),
            stage_word=dispute_words.stage_word,
            events=_events(operation),
            posted=posted,
            account_name=account_words.namer(session, current_actor(), codes),
        )


def _reference(payment: Any) -> str:
    return str(payment.reference) if payment else ""


def _events(operation: Operation) -> list[Any]:
    """Return what happened to a dispute, newest first."""
    return list(operations.events(read_session(), [operation.id]))[::-1]


def _posted(dispute: Dispute) -> list[tuple[str, list[tuple[LedgerLine, LedgerAccount]]]]:
    """Return the journals of the payment's disputes as far as the reader may see them."""
    if not current_actor().may(Permission.LEDGER_READ):
        return []
    found: dict[int, list[tuple[LedgerLine, LedgerAccount]]] = {}
    for line, account in ledger.lines_of_payment(read_session(), dispute.payment_id):
        if line.kind in _JOURNALS:
            found.setdefault(line.journal_id, []).append((line, account))
    return [(lines[0][0].kind, lines) for lines in found.values()]


def _wanted() -> DisputeFilter:
    first, before = lists.moments()
    currency, least, most = lists.amounts()
    due = lists.one_of("due", list(DUE))
    within = DUE[due][1] if due else None
    return DisputeFilter(
        created_from=first,
        created_before=before,
        to_answer=due == "open",
        due_before=None if within is None else clock.now() + within,
        statuses=lists.many_of("status", list(DisputeStatus)),
        stages=lists.many_of("stage", list(DisputeStage)),
        merchant=lists.text("merchant"),
        currency=currency,
        least_minor=least,
        most_minor=most,
        payment=lists.text("payment"),
        payer=lists.text("payer"),
    )


def _find(window: Window) -> Slice:
    return disputes.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return disputes.count(read_session(), _wanted())
