"""What the page of one request tells: before and after, what it is about, and what happened."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from flask import url_for
from flask_babel import gettext, lazy_gettext

from app.adapters import clock
from app.domain.permissions import Permission
from app.errors import PayAgencyError
from app.queries import approvals, listing
from app.services import previews
from app.services.approvals import decisions
from app.services.approvals.commands import COMMANDS
from app.views import audit_words, desk_words, show, words
from app.views.locales import translate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.domain.actors import Actor
    from app.models import ApprovalDecision, ApprovalRequest
    from app.services.previews import Journal

_FIELDS: Final = {
    "max_minor": lazy_gettext("Largest payment"),
    "refund_asked_minor": lazy_gettext("Refunded or asked back"),
    "amount_minor": lazy_gettext("Amount"),
    "balance_minor": lazy_gettext("Balance"),
    "state": lazy_gettext("State"),
}
_CURRENCY: Final = "currency"


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the history."""

    at: datetime
    title: str
    badge: words.Badge
    note: str


@dataclass(frozen=True, slots=True)
class ApprovalPage:
    """Everything that the template shows; `why_not` says why the reader may not decide.

    `posts` are the journals that an approval would post, `posts_later` whether only when a provider
    has done what it is asked for.
    """

    merchant: str
    changes: Sequence[tuple[str, str, str]]
    about: str
    about_href: str
    history: Sequence[Moment]
    is_open: bool
    has_changed: bool
    can_withdraw: bool
    why_not: str
    posts: Sequence[Journal] = ()
    posts_later: bool = False

    @property
    def can_decide(self) -> bool:
        """Whether the reader may approve and reject it."""
        return self.is_open and not self.why_not

    @property
    def account_codes(self) -> set[str]:
        """The codes of the ledger accounts that the journals name."""
        return {line.account for journal in self.posts for line in journal.lines}


def build(session: Session, actor: Actor, row: ApprovalRequest) -> ApprovalPage:
    """Collect what this reader may see of a request."""
    is_open = row.state == approvals.WAITING and row.lapses_at > clock.now()
    command = COMMANDS.get(row.command)
    payload = json.loads(row.payload)
    return ApprovalPage(
        merchant=listing.merchants_of(session, [row]).get(row.merchant_id or 0, ""),
        changes=changes(payload),
        about=audit_words.object_word(row.object_type),
        about_href=_href(actor, row),
        history=_history(row, approvals.decisions(session, row.id)),
        is_open=is_open,
        has_changed=is_open
        and command is not None
        and command.digest(session, row.object_id) != row.object_digest,
        can_withdraw=is_open and actor.user_id == row.maker_user_id,
        why_not=translate(decisions.why_not(actor, row)),
        posts=_posts(session, actor, row) if is_open else (),
        posts_later=payload.get("ending") in desk_words.POSTS_LATER,
    )


def _posts(session: Session, actor: Actor, row: ApprovalRequest) -> Sequence[Journal]:
    """Return what an approval would post; nothing where it would be refused."""
    if not actor.may(Permission.LEDGER_READ):
        return ()
    with suppress(PayAgencyError):
        return previews.requested(session, clock.now(), row)
    return ()


def changes(payload: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return (field, before, after) of what a request would change, amounts with their currency.

    The payload's `before` and `after` hold them by column; amounts end in `_minor` and stand beside
    their currency.
    """
    before, after = payload.get("before") or {}, payload.get("after") or {}
    return [
        (str(_FIELDS.get(name, name)), _shown(name, before), _shown(name, after))
        for name in sorted({*before, *after} - {_CURRENCY})
    ]


def _shown(name: str, values: Mapping[str, Any]) -> str:
    value = values.get(name)
    if value is None:
        return ""
    if name.endswith("_minor") and _CURRENCY in values:
        return show.current().money(int(value), str(values[_CURRENCY]))
    return translate(value) if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _href(actor: Actor, row: ApprovalRequest) -> str:
    if row.object_type == "amount_limit":
        # Nothing stands at the place of a limit that is only asked for, or that is gone.
        gone = row.state == approvals.APPROVED and not json.loads(row.payload)["after"]
        limit = row.result_id or row.object_id
        is_there = limit.startswith("lim_") and not gone
        may = actor.may(Permission.CAPABILITIES_READ)
        return url_for("LimitsView.show", pk=limit) if is_there and may else ""
    return audit_words.object_href(actor, row.object_type, row.object_id)


def _history(row: ApprovalRequest, decided: Sequence[ApprovalDecision]) -> list[Moment]:
    """Return what happened, the newest first."""
    asked = gettext("Asked for by %(name)s", name=row.maker_label)
    found = [Moment(row.created_at, asked, words.approval_badge(approvals.WAITING), row.reason)]
    for each in decided:
        badge = words.approval_badge(each.verdict)
        title = gettext("Decided by %(name)s", name=each.label)
        found.append(Moment(each.created_at, title, badge, each.reason))
    if row.decided_at is not None and not decided:
        title = (
            gettext("Withdrawn by %(name)s", name=row.maker_label)
            if row.state == approvals.WITHDRAWN
            else gettext("It can no longer be decided on")
        )
        found.append(Moment(row.decided_at, title, words.approval_badge(row.state), ""))
    return found[::-1]
