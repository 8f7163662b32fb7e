"""The audit trail as sentences, newest first."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Final

from flask_appbuilder import expose
from flask_babel import gettext, lazy_gettext

from app.domain.permissions import Permission
from app.queries import audit
from app.queries.audit import AuditFilter
from app.views import audit_words, lists
from app.views.base import current_actor, needs, read_session
from app.views.lists import Filter
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.queries.keyset import CappedCount
    from app.queries.listing import Slice, Window

LIST: Final = lists.List(
    name="audit",
    endpoint="AuditView.listed",
    columns=(
        lists.field("sentence", lazy_gettext("What happened"), "sentence", always=True),
        lists.field("actor", lazy_gettext("Who"), "actor_label", always=True),
        lists.moment("made", lazy_gettext("When"), "created_at", always=True),
        lists.field("object", lazy_gettext("Object"), "object_id"),
        lists.merchant(),
        lists.field("address", lazy_gettext("Address"), "address"),
        lists.field("action", lazy_gettext("Action"), "action", usual=False),
        lists.field("changes", lazy_gettext("Changes"), "changes", usual=False),
        lists.field("request", lazy_gettext("Request"), "request_id", usual=False),
    ),
    filters=(
        Filter("actor", lazy_gettext("Who")),
        Filter("action", lazy_gettext("Action")),
        Filter("object", lazy_gettext("Object")),
        Filter("merchant", lazy_gettext("Merchant")),
    ),
)


class AuditView(Screen):
    """`/audit/`."""

    route_base = "/audit"
    class_permission_name = "audit"
    default_view = "listed"

    @expose("/")
    @needs(Permission.AUDIT_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the trail."""
        page = lists.read(_find, LIST, count=_count)
        text = self.render(
            "audit/list.html",
            title=gettext("Audit trail"),
            listed=page,
            changes=changes,
            object_word=audit_words.object_word,
            object_href=partial(audit_words.object_href, current_actor()),
        )
        return text, page.status

    @expose("/columns", methods=["POST"])
    @needs(Permission.AUDIT_READ)
    def columns(self) -> ResponseReturnValue:
        """Keep the columns that the reader wants to see."""
        return lists.keep_columns(LIST)

    @expose("/export.csv", methods=["POST"])
    @needs(Permission.AUDIT_READ)
    def export(self) -> ResponseReturnValue:
        """Hand out exactly this list."""
        wanted = _wanted()
        return lists.download(LIST, lambda session, window: audit.page(session, wanted, window))


def changes(text: str) -> list[tuple[str, str, str]]:
    """Return (field, before, after) of an entry, the fields of both sides in order."""
    parts = json.loads(text)
    before, after = parts.get("before") or {}, parts.get("after") or {}
    return [
        (name, _word(before.get(name)), _word(after.get(name)))
        for name in sorted({*before, *after})
    ]


def _word(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _wanted() -> AuditFilter:
    first, before = lists.moments()
    return AuditFilter(
        created_from=first,
        created_before=before,
        actor=lists.text("actor"),
        action=lists.text("action"),
        object_id=lists.text("object"),
        merchant=lists.text("merchant"),
    )


def _find(window: Window) -> Slice:
    return audit.page(read_session(), _wanted(), window)


def _count() -> CappedCount:
    return audit.count(read_session(), _wanted())
