"""The jobs screen: what waits, what is at work, what failed, and starting it again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

import config
from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.card_numbers import refuse
from app.domain.permissions import Permission
from app.errors import BadInputError, NotFoundError, PayAgencyError, said
from app.queries import jobs, outbox
from app.queries.jobs import LIVE_STATES, TaskFilter
from app.services import outbox as outbox_service
from app.views import lists, words
from app.views.base import current_actor, needs, read_session
from app.views.lists import Filter
from app.views.locales import translate
from app.views.show import Screen

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from flask.typing import ResponseReturnValue

    from app.domain.actors import Actor
    from app.queries.jobs import Depth
    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window

_LONGEST_REASON = 200
_SHORT_ERROR = 120
QUEUES: Final = {
    "money": lazy_gettext("Money: what is asked of providers"),
    "bulk": lazy_gettext("Files: checking and running uploads"),
    "default": lazy_gettext("Everything else"),
    "webhooks": lazy_gettext("Webhooks: what merchants' programs are told"),
}
KINDS: Final = {
    "operation": lazy_gettext("Ask the provider"),
    "bulk.check": lazy_gettext("Check a file"),
    "bulk.run": lazy_gettext("Run a file"),
    "desk.debts": lazy_gettext("Notice debts of merchants"),
    "idempotency.expire": lazy_gettext("Forget old request keys"),
    "inbound.apply": lazy_gettext("Apply a provider's event"),
    "approvals.lapse": lazy_gettext("Let requests lapse"),
    "settlement.look": lazy_gettext("Find money to be released"),
    "settlement.release": lazy_gettext("Release money"),
    "notification.send": lazy_gettext("Send a mail"),
    "webhook.deliver": lazy_gettext("Deliver a webhook"),
    "webhook.resend": lazy_gettext("Send webhooks again"),
}


def queue_word(queue: str) -> str:
    """Return what a queue is for."""
    return str(QUEUES.get(queue, queue))


LIST: Final = lists.List(
    name="jobs",
    endpoint="JobsView.listed",
    columns=(
        lists.field("task", lazy_gettext("Task"), "kind", always=True),
        lists.field("state", lazy_gettext("State"), "state", always=True),
        lists.field("error", lazy_gettext("Last error"), "error"),
        lists.field("tries", lazy_gettext("Tries"), "attempt"),
        lists.moment("due", lazy_gettext("Due"), "run_at"),
        lists.moment("made", lazy_gettext("Made"), "created_at"),
    ),
    filters=(
        Filter("state", lazy_gettext("State"), lambda value: words.task_badge(value).word),
        Filter("queue", lazy_gettext("Queue"), queue_word),
        Filter("ref", lazy_gettext("About")),
    ),
)


@dataclass(slots=True)
class QueueCard:
    """One queue: how many tasks are in which state, and since when the first waits."""

    queue: str
    word: str
    waiting: int = 0
    leased: int = 0
    failed: int = 0
    oldest: datetime | None = None


class JobsView(Screen):
    """`/jobs/`."""

    route_base = "/jobs"
    class_permission_name = "jobs"
    default_view = "listed"

    @expose("/")
    @needs(Permission.JOBS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show the depths and a page of the tasks that have not ended."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "jobs/list.html",
            title=gettext("Jobs"),
            listed=page,
            cards=cards(jobs.depths(read_session())),
            states=[(state, words.task_badge(state).word) for state in LIVE_STATES],
            queues=[(queue, queue_word(queue)) for queue in config.QUEUES],
            last_line=last_line,
            kind_word=kind_word,
            queue_word=queue_word,
        )
        return text, page.status

    @expose("/<string:public_id>/retry", methods=["POST"])
    @needs(Permission.JOBS_RETRY)
    def retry(self, public_id: str) -> ResponseReturnValue:
        """Start a failed task again, with a reason."""
        if outbox.get(read_session(), public_id) is None:
            raise NotFoundError(said("There is no task {id}.", id=public_id))
        reason = " ".join(request.form.get("reason", "").split())
        try:
            _check_reason(reason)
            retry_when_busy(_retry)(current_actor(), public_id, reason)
        except PayAgencyError as error:
            flash(translate(error.detail), "danger")
        else:
            flash(gettext("The task is due now."), "info")
        return redirect(url_for("JobsView.listed", state=request.args.get("state")), 303)


def cards(depths: Iterable[Depth]) -> list[QueueCard]:
    """Return a card for every queue, also for those in which nothing is."""
    found = {queue: QueueCard(queue, queue_word(queue)) for queue in config.QUEUES}
    for depth in depths:
        setattr(found[depth.queue], depth.state, depth.count)
        if depth.state == "waiting":
            found[depth.queue].oldest = depth.oldest
    return list(found.values())


def kind_word(kind: str) -> str:
    """Return what a task does."""
    return str(KINDS.get(kind, kind))


def last_line(text: str) -> str:
    """Return the line of an error that says most: the last one, shortened."""
    lines = text.strip().splitlines() or [""]
    last = lines[-1]
    return last if len(last) <= _SHORT_ERROR else f"{last[:_SHORT_ERROR]}…"


def _check_reason(reason: str) -> None:
    refuse(reason, "reason")
    if not reason:
        raise BadInputError(
            "reason", said("is missing."), said("Say why it will go well this time.")
        )
    if len(reason) > _LONGEST_REASON:
        raise BadInputError(
            "reason",
            said("is longer than {most} characters.", most=_LONGEST_REASON),
            said("Shorten it."),
        )


def _retry(actor: Actor, public_id: str, reason: str) -> None:
    release_reads()
    with unit_of_work(actor) as session:
        outbox_service.retry(session, clock.now(), public_id, reason)


def _wanted() -> TaskFilter:
    return TaskFilter(
        state=lists.one_of("state", LIVE_STATES),
        queue=lists.one_of("queue", config.QUEUES),
        ref=lists.text("ref"),
    )


def _find(window: Window) -> Slice:
    return jobs.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return jobs.count(read_session(), _wanted())
