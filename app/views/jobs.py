"""The jobs desk: what waits, what is at work, what failed, and starting it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, request, url_for
from flask_appbuilder import expose

import config
from app.adapters import clock
from app.adapters.db import release_reads, retry_when_busy, unit_of_work
from app.domain.card_numbers import refuse
from app.domain.permissions import Permission
from app.errors import BadInputError, NotFoundError, PayAgencyError
from app.queries import jobs, outbox
from app.queries.jobs import LIVE_STATES, TaskFilter
from app.services import outbox as outbox_service
from app.views import lists, words
from app.views.base import current_actor, needs, read_session
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.domain.actors import Actor
    from app.queries.listing import Slice, Window

_LONGEST_REASON = 200
_SHORT_ERROR = 120


class JobsView(Screen):
    """`/jobs/`."""

    route_base = "/jobs"
    class_permission_name = "jobs"
    default_view = "listed"

    @expose("/")
    @needs(Permission.JOBS_READ)
    def listed(self) -> ResponseReturnValue:
        """Show the depths and a page of the tasks that have not ended."""
        page = lists.read(_find)
        text = self.render(
            "jobs/list.html",
            title="Jobs",
            listed=page,
            depths=jobs.depths(read_session()),
            states=[(state, words.task_badge(state).word) for state in LIVE_STATES],
            queues=[(queue, queue) for queue in config.QUEUES],
            last_line=last_line,
        )
        return text, page.status

    @expose("/<string:public_id>/retry", methods=["POST"])
    @needs(Permission.JOBS_RETRY)
    def retry(self, public_id: str) -> ResponseReturnValue:
        """Start a failed task again, with a reason."""
        if outbox.get(read_session(), public_id) is None:
            raise NotFoundError(f"There is no task {public_id}.")
        reason = " ".join(request.form.get("reason", "").split())
        try:
            _check_reason(reason)
            retry_when_busy(_retry)(current_actor(), public_id, reason)
        except PayAgencyError as error:
            flash(error.detail, "danger")
        else:
            flash("The task is due now.", "info")
        return redirect(url_for("JobsView.listed", state=request.args.get("state")), 303)


def last_line(text: str) -> str:
    """Return the line of an error that says most: the last one, shortened."""
    lines = text.strip().splitlines() or [""]
    last = lines[-1]
    return last if len(last) <= _SHORT_ERROR else f"{last[:_SHORT_ERROR]}…"


def _check_reason(reason: str) -> None:
    refuse(reason, "reason")
    if not reason:
        raise BadInputError("reason", "is missing.", "Say why it will go well this time.")
    if len(reason) > _LONGEST_REASON:
        raise BadInputError(
            "reason", f"is longer than {_LONGEST_REASON} characters.", "Shorten it."
        )


def _retry(actor: Actor, public_id: str, reason: str) -> None:
    release_reads()
    with unit_of_work(actor) as session:
        outbox_service.retry(session, clock.now(), public_id, reason)


def _find(window: Window) -> Slice:
    wanted = TaskFilter(
        state=lists.one_of("state", LIVE_STATES),
        queue=lists.one_of("queue", config.QUEUES),
        ref=lists.text("ref"),
    )
    return jobs.page(read_session(), wanted, window)
