"""What waits for a second person, what became of it, and deciding on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain import policies
from app.domain.actors import ActorKind
from app.domain.permissions import Permission
from app.domain.policies import POLICIES
from app.errors import BadInputError, NotFoundError, PayAgencyError, said
from app.queries import approvals
from app.queries.approvals import STATES, ApprovalFilter
from app.services import refusals
from app.services.approvals import decisions
from app.services.approvals.requests import concerned
from app.views import account_words, approval_page, lists, words
from app.views.base import current_actor, needs, read_session
from app.views.forms import sentence
from app.views.lists import Column, Filter
from app.views.locales import told, translate
from app.views.show import Screen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.models import ApprovalRequest
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window

    Act = Callable[[Session, datetime, str, str], object]

MINE, EVERY = "mine", "every"
WHOSE: Final = {
    MINE: lazy_gettext("What I asked for"),
    EVERY: lazy_gettext("Everything"),
}


def command_word(command: str) -> str:
    """Return what a command is called."""
    policy = POLICIES.get(command)
    return translate(policy.title) if policy else command


LIST: Final = lists.List(
    name="approvals",
    endpoint="ApprovalsView.listed",
    columns=(
        lists.moment("asked", lazy_gettext("Asked"), "created_at", always=True),
        lists.field("request", lazy_gettext("What is asked for"), "sentence", always=True),
        Column("command", lazy_gettext("Kind"), lambda row, _sheet: command_word(row.command)),
        lists.merchant(),
        lists.field("maker", lazy_gettext("Asked by"), "maker_label"),
        lists.field("reason", lazy_gettext("Reason"), "reason", usual=False),
        Column(
            "state",
            lazy_gettext("State"),
            lambda row, _sheet: str(words.approval_badge(row.state).word),
        ),
        lists.field("checker", lazy_gettext("Decided by"), "checker_label", usual=False),
        lists.moment("decided", lazy_gettext("Decided"), "decided_at", usual=False),
        lists.moment("lapses", lazy_gettext("Lapses"), "lapses_at", usual=False),
        Column(
            "amount",
            lazy_gettext("Amount"),
            lambda row, _sheet: lists.exact(row.amount_minor, row.currency or ""),
            number=True,
            beside=Column(
                "currency", lazy_gettext("Currency"), lambda row, _sheet: row.currency or ""
            ),
        ),
    ),
    filters=(
        Filter("whose", lazy_gettext("Whose"), lambda value: str(WHOSE[value])),
        Filter("state", lazy_gettext("State"), lambda value: words.APPROVAL_BADGES[value].word),
        Filter("command", lazy_gettext("Kind"), command_word),
        Filter("merchant", lazy_gettext("Merchant")),
        Filter("object", lazy_gettext("About")),
    ),
)


class ApprovalsView(Screen):
    """`/approvals/`."""

    route_base = "/approvals"
    class_permission_name = "approvals"
    default_view = "listed"

    @expose("/")
    @needs(Permission.APPROVALS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the requests; without a filter, those that the reader may decide on."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "approvals/list.html",
            title=gettext("Approvals"),
            listed=page,
            states=[(state, words.approval_badge(state).word) for state in STATES],
            commands=[(name, command_word(name)) for name in _commands()],
            whose=list(WHOSE.items()),
            decides=bool(_decides()),
            command_word=command_word,
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.APPROVALS_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.APPROVALS_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list as a file."""
        wanted = _wanted()
        return lists.download(LIST, lambda session, window: approvals.page(session, wanted, window))

    @expose("/<string:public_id>")
    @needs(Permission.APPROVALS_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one request: what it would change, who asked, and what became of it."""
        return self._page(_get(public_id))

    def _page(self, row: ApprovalRequest, refused: Mapping[str, str] | None = None) -> str:
        """Return the page of a request; `refused` says what is wrong with the reason, by verb."""
        actor = current_actor()
        page = approval_page.build(read_session(), actor, row)
        return self.render(
            "approvals/show.html",
            title=translate(row.sentence),
            page=page,
            row=row,
            refused=refused or {},
            command_word=command_word,
            account_name=account_words.namer(read_session(), actor, page.account_codes),
        )

    @expose("/<string:public_id>/approve", methods=["POST"])
    @needs(Permission.APPROVALS_READ)
    def approve(self, public_id: str) -> ResponseReturnValue:
        """Approve a request, which carries it out; the service asks for the right to do so."""
        return self._decided(public_id, "approve", decisions.approve, _told)

    @expose("/<string:public_id>/reject", methods=["POST"])
    @needs(Permission.APPROVALS_READ)
    def reject(self, public_id: str) -> ResponseReturnValue:
        """Refuse a request; the service asks for the right to do so."""
        done = gettext("It has been rejected. Nothing of it was done.")
        return self._decided(public_id, "reject", decisions.reject, lambda _: (done, "info"))

    @expose("/<string:public_id>/withdraw", methods=["POST"])
    @needs(Permission.APPROVALS_READ)
    def withdraw(self, public_id: str) -> ResponseReturnValue:
        """Take one's own request back."""
        done = gettext("It has been withdrawn. Nothing of it was done.")
        return self._decided(public_id, "withdraw", decisions.withdraw, lambda _: (done, "info"))

    def _decided(
        self, public_id: str, verb: str, act: Act, tell: Callable[[object], tuple[str, str]]
    ) -> ResponseReturnValue:
        """Do something to a request once; what is refused is said on its page, and written down.

        A request is its own key: however often the form is sent, it ends once.
        """
        row, actor = _get(public_id), current_actor()
        merchant_id = concerned(row)
        release_reads()
        try:
            with refusals.audited(
                actor,
                action=f"approvals.{verb}",
                object_type="approval_request",
                object_id=public_id,
                merchant_id=merchant_id,
            ):
                done = _once(public_id, act, request.form.get("reason", ""))
            told_of, tone = tell(done)
        except BadInputError as error:
            return self._page(_get(public_id), {verb: sentence(error)}), error.status
        except PayAgencyError as error:
            told_of, tone = told(error), "danger"
        flash(told_of, tone)
        return redirect(url_for("ApprovalsView.show", public_id=public_id), 303)


@retry_when_busy
def _once(public_id: str, act: Act, reason: str) -> object:
    with unit_of_work(current_actor()) as session:
        return act(session, clock.now(), public_id, reason)


def _told(done: object) -> tuple[str, str]:
    if isinstance(done, decisions.Executed) and not done.is_done:
        lapsed = gettext(
            "Nothing was done: what it is about has changed since it was asked for, so the request"
            " has lapsed. Ask again if it is still wanted."
        )
        return str(lapsed), "warning"
    return str(gettext("It has been approved and is being carried out.")), "success"


def _get(public_id: str) -> ApprovalRequest:
    row = approvals.get(read_session(), public_id)
    if row is None:
        raise NotFoundError(said("There is no request {id}.", id=public_id))
    return row


def _decides() -> frozenset[str]:
    return policies.decided_by(current_actor().permissions)


def _commands() -> list[str]:
    actor = current_actor()
    known = policies.known_to(actor.permissions)
    return [name for name in POLICIES if actor.kind is ActorKind.STAFF or name in known]


def _wanted() -> ApprovalFilter:
    first, before = lists.moments()
    whose, state = lists.one_of("whose", WHOSE), lists.one_of("state", STATES)
    actor, decides = current_actor(), _decides()
    # What one may decide on waits: whoever asks for a state or a kind asks for all of it.
    usual = not (whose or state) and bool(decides)
    return ApprovalFilter(
        created_from=first,
        created_before=before,
        state=approvals.WAITING if usual else state,
        command=lists.one_of("command", _commands()),
        merchant=lists.text("merchant"),
        object_id=lists.text("object"),
        maker=actor.user_id if whose == MINE else None,
        not_maker=actor.user_id if usual else None,
        decided_by=decides if usual else None,
    )


def _find(window: Window) -> Slice:
    return approvals.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return approvals.count(read_session(), _wanted())
