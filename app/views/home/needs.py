"""What may wait for whom, as data: the question, who is asked, the words, the rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask_babel import ngettext

from app.domain.actors import ActorKind
from app.domain.payments import PaymentStatus
from app.domain.permissions import Permission
from app.domain.policies import POLICIES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from app.domain.actors import Actor

    Words = Callable[[int], str]
    Arguments = Callable[[date], Mapping[str, str]]

LATELY_DAYS: Final = 7
_P = Permission
MINDS_MONEY: Final = frozenset({_P.LEDGER_READ, _P.PAYMENTS_REFUND})
"""What those of the house hold to whom money in the wrong place is shown."""


@dataclass(frozen=True, slots=True)
class Need:
    """A question of `home_desk.QUESTIONS`, who is asked to answer it, and where its rows stand."""

    name: str
    kind: ActorKind
    permissions: frozenset[Permission]
    words: Words
    endpoint: str
    arguments: Arguments
    icon: str
    tone: str = "warning"
    any_of: frozenset[Permission] = frozenset()
    """Where there are some, the reader holds one of these too."""

    def concerns(self, actor: Actor) -> bool:
        """Whether this reader is one who is asked."""
        holds_one = not self.any_of or bool(self.any_of & actor.permissions)
        return actor.kind is self.kind and actor.permissions >= self.permissions and holds_one


def lately(today: date) -> date:
    """Return the first of the last days."""
    return today - timedelta(days=LATELY_DAYS - 1)


def _unanswered(count: int) -> str:
    return str(
        ngettext(
            "%(num)d payment has no answer from the provider",
            "%(num)d payments have no answer from the provider",
            count,
        )
    )


def _slow(count: int) -> str:
    return str(
        ngettext(
            "%(num)d payment has been at the provider since before today",
            "%(num)d payments have been at the provider since before today",
            count,
        )
    )


def _conflicted(count: int) -> str:
    return str(
        ngettext(
            "%(num)d payment contradicts what the provider reports",
            "%(num)d payments contradict what the provider reports",
            count,
        )
    )


def _in_review(count: int) -> str:
    return str(
        ngettext("%(num)d payment waits for a review", "%(num)d payments wait for a review", count)
    )


def _failed_tasks(count: int) -> str:
    return str(ngettext("%(num)d job has failed", "%(num)d jobs have failed", count))


def _to_decide(count: int) -> str:
    return str(
        ngettext(
            "%(num)d request waits for your decision",
            "%(num)d requests wait for your decision",
            count,
        )
    )


def _ready(count: int) -> str:
    return str(
        ngettext(
            "%(num)d file waits for your confirmation",
            "%(num)d files wait for your confirmation",
            count,
        )
    )


def _unconfirmed(count: int) -> str:
    return str(
        ngettext(
            "%(num)d file has not been confirmed by its merchant",
            "%(num)d files have not been confirmed by their merchants",
            count,
        )
    )


def _refused(count: int) -> str:
    return str(
        ngettext(
            "%(num)d file was refused in the last 7 days",
            "%(num)d files were refused in the last 7 days",
            count,
        )
    )


def _owing(count: int) -> str:
    return str(
        ngettext(
            "%(num)d account of a merchant is below zero",
            "%(num)d accounts of merchants are below zero",
            count,
        )
    )


def _cases(count: int) -> str:
    return str(
        ngettext(
            "%(num)d case at the desk waits for a decision",
            "%(num)d cases at the desk wait for a decision",
            count,
        )
    )


def _disabled(count: int) -> str:
    return str(
        ngettext(
            "%(num)d webhook endpoint was disabled because it did not answer",
            "%(num)d webhook endpoints were disabled because they did not answer",
            count,
        )
    )


def _applications(count: int) -> str:
    return str(
        ngettext(
            "%(num)d business waits to be taken on",
            "%(num)d businesses wait to be taken on",
            count,
        )
    )


def _to_answer(count: int) -> str:
    return str(
        ngettext(
            "%(num)d dispute has to be answered", "%(num)d disputes have to be answered", count
        )
    )


def _expiring(count: int) -> str:
    return str(
        ngettext(
            "%(num)d API key expires within 14 days",
            "%(num)d API keys expire within 14 days",
            count,
        )
    )


def _fixed(**arguments: str) -> Arguments:
    return lambda _today: arguments


def _until_yesterday(today: date) -> Mapping[str, str]:
    last = today - timedelta(days=1)
    return {"status": PaymentStatus.PROCESSING.value, "to": last.isoformat()}


def _refused_lately(today: date) -> Mapping[str, str]:
    return {"status": "refused", "from": lately(today).isoformat(), "to": today.isoformat()}


_PAYMENTS, _UPLOADS = "PaymentsView.listed", "UploadsView.list"
_STAFF, _MERCHANT = ActorKind.STAFF, ActorKind.MERCHANT
_LOOKS_UP = frozenset({_P.PAYMENTS_LOOK_UP})
_WATCHES_FILES = frozenset({_P.PAYMENTS_LOOK_UP, _P.UPLOADS_READ})

NEEDS: Final = (
    Need(
        "cases",
        _STAFF,
        frozenset({_P.DESK_RESOLVE}),
        _cases,
        "DeskView.listed",
        _fixed(),
        "inbox",
        "danger",
    ),
    Need(
        "unanswered",
        _STAFF,
        _LOOKS_UP,
        _unanswered,
        _PAYMENTS,
        _fixed(operation="unknown"),
        "question-circle",
        "danger",
    ),
    Need(
        "conflicted",
        _STAFF,
        _LOOKS_UP,
        _conflicted,
        _PAYMENTS,
        _fixed(status=PaymentStatus.CONFLICTED.value),
        "exclamation-triangle",
        "danger",
    ),
    Need(
        "failed_tasks",
        _STAFF,
        frozenset({_P.JOBS_RETRY}),
        _failed_tasks,
        "JobsView.listed",
        _fixed(state="failed"),
        "activity",
        "danger",
    ),
    Need(
        "to_decide",
        _STAFF,
        frozenset({_P.APPROVALS_READ}),
        _to_decide,
        "ApprovalsView.listed",
        _fixed(),
        "patch-check",
        any_of=frozenset(policy.checker for policy in POLICIES.values()),
    ),
    Need(
        "applications",
        _STAFF,
        frozenset({_P.APPLICATIONS_DECIDE}),
        _applications,
        "ApplicationsView.listed",
        _fixed(state="waiting"),
        "building",
    ),
    Need("slow", _STAFF, _LOOKS_UP, _slow, _PAYMENTS, _until_yesterday, "hourglass-split"),
    Need(
        "in_review",
        _STAFF,
        _LOOKS_UP,
        _in_review,
        _PAYMENTS,
        _fixed(status=PaymentStatus.IN_REVIEW.value),
        "search",
    ),
    Need(
        "owing",
        _STAFF,
        MINDS_MONEY,
        _owing,
        "LedgerView.accounts",
        _fixed(owing="1"),
        "wallet2",
    ),
    Need(
        "disabled_endpoints",
        _MERCHANT,
        frozenset({_P.WEBHOOKS_UPDATE}),
        _disabled,
        "WebhookEndpointsView.listed",
        _fixed(state="disabled"),
        "send",
        "danger",
    ),
    Need(
        "to_answer",
        _MERCHANT,
        frozenset({_P.DISPUTES_READ}),
        _to_answer,
        "DisputesView.listed",
        _fixed(due="open"),
        "hammer",
        "danger",
    ),
    Need(
        "expiring_keys",
        _MERCHANT,
        frozenset({_P.KEYS_UPDATE}),
        _expiring,
        "ApiKeysView.listed",
        _fixed(state="active"),
        "key",
    ),
    Need(
        "ready_uploads",
        _MERCHANT,
        frozenset({_P.UPLOADS_CONFIRM}),
        _ready,
        _UPLOADS,
        _fixed(status="ready"),
        "clipboard-check",
    ),
    Need(
        "ready_uploads",
        _STAFF,
        _WATCHES_FILES,
        _unconfirmed,
        _UPLOADS,
        _fixed(status="ready"),
        "clipboard-check",
        "info",
    ),
    Need(
        "refused_uploads",
        _MERCHANT,
        frozenset({_P.UPLOADS_CREATE}),
        _refused,
        _UPLOADS,
        _refused_lately,
        "file-earmark-spreadsheet",
    ),
    Need(
        "refused_uploads",
        _STAFF,
        _WATCHES_FILES,
        _refused,
        _UPLOADS,
        _refused_lately,
        "file-earmark-spreadsheet",
        "info",
    ),
)
