"""The desk: money and outcomes that wait for a decision, who works on them, and deciding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.desk import CaseKind
from app.domain.permissions import Permission
from app.errors import NotFoundError, PayAgencyError, said
from app.queries import desk as cases
from app.queries.desk import OPEN, CaseFilter
from app.services import desk, idempotency, refusals
from app.views import (
    account_words,
    desk_cases,
    desk_proposal,
    desk_words,
    form_keys,
    lists,
    payments_list,
)
from app.views.base import current_actor, needs, read_session
from app.views.lists import Column, Filter
from app.views.locales import translate
from app.views.show import Screen

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from datetime import datetime

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import DeskCase
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window

    Act = Callable[[Session, datetime, str], DeskCase]

LIST: Final = lists.List(
    name="desk",
    endpoint="DeskView.listed",
    columns=(
        lists.moment("opened", lazy_gettext("Waits since"), "opened_at", always=True),
        Column(
            "case",
            lazy_gettext("Case"),
            lambda row, _sheet: str(desk_words.kind_badge(row.kind).word),
            always=True,
        ),
        lists.field("id", lazy_gettext("Id"), "public_id", usual=False),
        lists.merchant(),
        lists.field("payment", lazy_gettext("Payment"), "reference"),
        Column(
            "state",
            lazy_gettext("State"),
            lambda row, _sheet: str(desk_words.state_badge(row.state).word),
            usual=False,
        ),
        lists.field("claimed", lazy_gettext("Claimed by"), "claimed_label"),
        Column(
            "amount",
            lazy_gettext("Amount"),
            lambda row, _sheet: lists.exact(row.amount_minor, row.currency or ""),
            number=True,
            always=True,
            beside=Column(
                "currency", lazy_gettext("Currency"), lambda row, _sheet: row.currency or ""
            ),
        ),
    ),
    filters=(
        Filter("kind", lazy_gettext("Kind"), lambda value: desk_words.kind_badge(value).word),
        Filter("state", lazy_gettext("State"), lambda value: str(desk_words.STATE_CHOICES[value])),
        Filter("age", lazy_gettext("Waits"), lambda value: str(desk_words.AGES[value][1])),
        Filter("claimed", lazy_gettext("Claimed"), lambda value: str(desk_words.CLAIMS[value])),
        Filter("merchant", lazy_gettext("Merchant"), payments_list.merchant_word),
        *lists.AMOUNTS,
    ),
)


class DeskView(Screen):
    """`/desk/` and the cases below it."""

    route_base = "/desk"
    class_permission_name = "desk"
    default_view = "listed"

    @expose("/")
    @needs(Permission.DESK_READ)
    def listed(self) -> ResponseReturnValue:
        """Show the numbers of each kind and a page of the queue, the oldest case first."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "desk/list.html",
            title=gettext("Desk"),
            listed=page,
            depths=cases.depths(read_session()),
            kinds=[(kind.value, badge.word) for kind, badge in desk_words.KINDS.items()],
            states=list(desk_words.STATE_CHOICES.items()),
            ages=[(name, word) for name, (_, word) in desk_words.AGES.items()],
            claims=list(desk_words.CLAIMS.items()),
            words=desk_words,
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.DESK_READ)
    def columns(self) -> ResponseReturnValue:
        """Remember the columns that the reader wants."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.DESK_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this queue as a file."""
        wanted = _wanted()
        return lists.download(LIST, lambda session, window: cases.page(session, wanted, window))

    @expose("/<string:public_id>")
    @needs(Permission.DESK_READ)
    def show(self, public_id: str) -> ResponseReturnValue:
        """Show one case; what was chosen before is in the address when it is to be changed."""
        return self._case(_get(public_id), desk_cases.typed(request.args))

    @expose("/<string:public_id>/claim", methods=["POST"])
    @needs(Permission.DESK_RESOLVE)
    def claim(self, public_id: str) -> ResponseReturnValue:
        """Take a case, so that nobody else works on it."""
        return _act("claim", desk.claim, public_id, gettext("The case is yours."))

    @expose("/<string:public_id>/release", methods=["POST"])
    @needs(Permission.DESK_RESOLVE)
    def release(self, public_id: str) -> ResponseReturnValue:
        """Give a case back to the queue."""
        return _act("release", desk.release, public_id, gettext("The case is back in the queue."))

    @expose("/<string:public_id>/decide")
    @needs(Permission.DESK_RESOLVE)
    def question(self, public_id: str) -> ResponseReturnValue:
        """Say what a decision would do and post; nothing is changed yet."""
        case, decision = _get(public_id), desk_cases.typed(request.args)
        try:
            page = desk_cases.question(read_session(), case, decision)
        except PayAgencyError as error:
            return self._case(case, decision, error)
        return self.render(
            "desk/question.html",
            title=gettext("End a case: %(kind)s", kind=desk_words.kind_badge(case.kind).word),
            page=page,
            case=case,
            form_key=form_keys.issue(_purpose(public_id)),
            account_name=account_words.namer(read_session(), current_actor(), page.account_codes),
        )

    @expose("/<string:public_id>/decide", methods=["POST"])
    @needs(Permission.DESK_RESOLVE)
    def decide(self, public_id: str) -> ResponseReturnValue:
        """Propose a decision, once for each form that was given out; a second person approves."""
        case, decision = _get(public_id), desk_cases.typed(request.form)
        try:
            _propose(case, form_keys.read(_purpose(public_id)), decision)
        except PayAgencyError as error:
            return self._case(_get(public_id), decision, error)
        flash(gettext("Your decision waits for a second person. Nothing has been posted."), "info")
        return redirect(url_for("DeskView.show", public_id=public_id), 303)

    def _case(
        self, case: DeskCase, decision: dict[str, str], error: PayAgencyError | None = None
    ) -> tuple[str, int]:
        page = desk_cases.build(read_session(), current_actor(), case, decision, error)
        text = self.render(
            "desk/case.html",
            title=desk_words.kind_badge(case.kind).word,
            page=page,
            case=case,
            words=desk_words,
            needs_reference=desk_cases.needs_reference(page.offered),
            account_name=account_words.namer(read_session(), current_actor(), page.account_codes),
        )
        return text, page.status


def _get(public_id: str) -> DeskCase:
    case = cases.get(read_session(), public_id)
    if case is None:
        raise NotFoundError(said("There is no case {case}.", case=public_id))
    return case


def _act(verb: str, act: Act, public_id: str, what: str) -> ResponseReturnValue:
    """Do something to a case that needs nothing but its id; a refusal leaves a trace."""
    merchant_id = _get(public_id).merchant_id
    release_reads()
    actor = current_actor()

    def done() -> None:
        with unit_of_work(actor) as session:
            act(session, clock.now(), public_id)

    try:
        with _traced(actor, verb, public_id, merchant_id):
            retry_when_busy(done)()
    except PayAgencyError as error:
        flash(translate(error.detail), "warning")
    else:
        flash(what, "info")
    return redirect(url_for("DeskView.show", public_id=public_id), 303)


def _propose(case: DeskCase, key: str, decision: dict[str, str]) -> None:
    """Propose a decision once for this key."""
    public_id, merchant_id, actor = case.public_id, case.merchant_id, current_actor()
    digest = idempotency.digest("POST", f"/desk/{public_id}/decide", decision)
    release_reads()

    def written() -> None:
        now = clock.now()
        with unit_of_work(actor) as session:
            # A case of no merchant has no keys; one request at a time waits for it anyway.
            if merchant_id is not None and idempotency.begin(
                session, now, key, digest, public_id, merchant_id=merchant_id
            ):
                return
            desk_proposal.propose(session, now, public_id, decision, desk_proposal.REQUESTER)

    with _traced(actor, "propose", public_id, merchant_id):
        retry_when_busy(written)()


def _traced(
    actor: Actor, verb: str, public_id: str, merchant_id: int | None
) -> AbstractContextManager[None]:
    """Let what is refused within be written down."""
    return refusals.audited(
        actor,
        action=f"desk.{verb}",
        object_type="desk_case",
        object_id=public_id,
        merchant_id=merchant_id,
    )


def _purpose(public_id: str) -> str:
    return f"desk:{public_id}"


def _wanted() -> CaseFilter:
    currency, least, most = lists.amounts()
    age, claimed = lists.one_of("age", desk_words.AGES), lists.one_of("claimed", desk_words.CLAIMS)
    return CaseFilter(
        state=lists.one_of("state", desk_words.STATE_CHOICES) or OPEN,
        kinds=lists.many_of("kind", list(CaseKind)),
        merchant=lists.text("merchant"),
        currency=currency,
        least_minor=least,
        most_minor=most,
        opened_before=clock.now() - desk_words.AGES[age][0] if age else None,
        claimed_by=current_actor().user_id if claimed == desk_words.MINE else None,
        unclaimed=claimed == desk_words.NOBODY,
    )


def _find(window: Window) -> Slice:
    return cases.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return cases.count(read_session(), _wanted())
