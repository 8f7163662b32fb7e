"""A list as a file, and the choice of its columns."""

from __future__ import annotations

from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from flask import Response, redirect, request, url_for
from flask_babel import gettext

from app.adapters import clock
from app.adapters.db import reading, release_reads, retry_when_busy, unit_of_work
from app.domain.actors import ActorKind
from app.queries import listing
from app.reports import csv_rows
from app.services import exports, preferences
from app.views.base import current_actor
from app.views.lists import columns
from app.views.lists.arguments import EDGES, without
from app.views.lists.columns import Sheet
from app.views.locales import reader

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from contextvars import Context

    from flask.typing import ResponseReturnValue
    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.queries.listing import Slice, Window
    from app.views.lists.columns import Column
    from app.views.lists.pages import List

    Chunks = Callable[[Session], Iterator[Sequence[Any]]]


def download(spec: List, find: Callable[[Session, Window], Slice]) -> Response:
    """Answer with all rows of a list as a file, its columns as the page shows them."""
    return stream(spec, lambda session: listing.chunks(lambda window: find(session, window)))


def stream(spec: List, chunks: Chunks) -> Response:
    """Answer with rows as a file that is written while it is sent.

    `chunks` reads them through a session of its own, which acts as the reader.
    """
    actor, shown = current_actor(), columns.shown(spec.name, spec.columns)
    filed = columns.filed(shown)
    head = [str(column.label) for column in filed]
    name = f"{spec.name}-{clock.now().astimezone(reader().zone):%Y-%m-%d}.csv"
    release_reads()
    retry_when_busy(_record)(actor, spec.name, [column.name for column in shown])
    lines = _lines(Sheet(actor, reader().zone, {}), filed, head, chunks)
    return Response(
        _within(copy_context(), lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def keep_columns(spec: List) -> ResponseReturnValue:
    """Remember which columns of a list the reader wants, and lead back to it.

    The button `usual` takes the choice back.
    """
    ticked = request.form.getlist(columns.ARGUMENT)
    wanted = [each.name for each in columns.offered(spec.columns) if each.name in ticked]
    value = "" if "usual" in request.form else ",".join(wanted)
    actor = current_actor()
    release_reads()
    retry_when_busy(_keep)(actor, f"{preferences.COLUMNS}{spec.name}", value)
    return redirect(without(columns.ARGUMENT, path=url_for(spec.endpoint)), 303)


def _record(actor: Actor, name: str, shown: Sequence[str]) -> None:
    left_out = {*EDGES, columns.ARGUMENT}
    filters: Mapping[str, Sequence[str]] = {
        key: values for key, values in request.args.lists() if key not in left_out and any(values)
    }
    ticked = request.form.getlist("id")
    with unit_of_work(actor) as session:
        exports.record(
            session,
            clock.now(),
            name,
            filters={**filters, "id": ticked} if ticked else filters,
            columns=shown,
        )


def _keep(actor: Actor, name: str, value: str) -> None:
    with unit_of_work(actor) as session:
        preferences.keep(session, clock.now(), actor.user_id or 0, name, value)


def _within(context: Context, parts: Generator[bytes]) -> Iterator[bytes]:
    """Go on in the context of the request, which ends before its file does, and leave no other."""
    try:
        while (part := context.run(next, parts, None)) is not None:
            yield part
    finally:
        context.run(parts.close)


def _lines(
    sheet: Sheet, filed: Sequence[Column], head: Sequence[str], chunks: Chunks
) -> Generator[bytes]:
    yield csv_rows.MARK.encode() + csv_rows.lines([head])
    known: dict[int, str] = {}
    sheet = Sheet(sheet.actor, sheet.zone, known)
    try:
        with reading(sheet.actor) as session:
            for rows in chunks(session):
                if sheet.actor.kind is ActorKind.STAFF:
                    known.update(listing.merchants_of(session, rows, known))
                yield csv_rows.lines([column.value(row, sheet) for column in filed] for row in rows)
    except Exception:
        # The cut connection is no sign to everybody: a proxy may end the file as if it were whole.
        yield csv_rows.lines([[gettext("The download broke off: this file is not complete.")]])
        raise
