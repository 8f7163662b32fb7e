"""The audit trail as sentences, newest first."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask_appbuilder import expose

from app.domain.permissions import Permission
from app.queries import audit, listing
from app.queries.audit import AuditFilter
from app.views import lists
from app.views.base import needs, read_session
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

    from app.queries.listing import Slice, Window


class AuditView(Screen):
    """`/audit/`."""

    route_base = "/audit"
    class_permission_name = "audit"
    default_view = "listed"

    @expose("/")
    @needs(Permission.AUDIT_READ)
    def listed(self) -> ResponseReturnValue:
        """Show a page of the trail."""
        page = lists.read(_find)
        ids = {row.merchant_id for row in page.found.rows if row.merchant_id is not None}
        text = self.render(
            "audit/list.html",
            title="Audit trail",
            listed=page,
            merchants=listing.merchant_names(read_session(), ids),
            changes=changes,
        )
        return text, page.status


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


def _find(window: Window) -> Slice:
    first, before = lists.moments()
    wanted = AuditFilter(
        created_from=first,
        created_before=before,
        actor=lists.text("actor"),
        action=lists.text("action"),
        object_id=lists.text("object"),
    )
    return audit.page(read_session(), wanted, window)
