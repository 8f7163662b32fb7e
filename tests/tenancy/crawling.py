"""One crawl from beginning to end: look, ask for everything, compare."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from app.domain.money import format_major
from app.jobs.handlers import HANDLERS
from app.services import leases
from tests.tenancy import knowledge, snapshot
from tests.tenancy.crawler import Crawler, Seen
from tests.tenancy.plan import Plan
from tests.tenancy.scout import Scout
from tests.tenancy.world import CANARY_AMOUNT, CANARY_CURRENCY
from tests.views.routes import for_programs

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from flask import Flask
    from werkzeug.routing import Rule

    from tests.tenancy.scout import Scouted
    from tests.tenancy.world import Tenants

AMOUNT: Final = (format_major(CANARY_AMOUNT), CANARY_AMOUNT.currency)

FACE: Final = (
    "merchant.name",
    "merchant.shown_name",
    "merchant.support_email",
    "merchant.support_url",
)
"""Whom payers see that they pay."""

PUBLIC: Final = {
    ("LinkPageView.page", "payment_link.token"): (
        *FACE,
        "payment_link.title",
        "payment_link.description",
    ),
    ("LinkPageView.pay", "payment_link.token"): (
        *FACE,
        "payment_link.title",
        "payment_link.description",
        "payment.page_token",
    ),
    ("PayerView.page", "payment.page_token"): (*FACE, "operation.action_url"),
    ("PayerView.start", "payment.page_token"): (*FACE, "operation.action_url"),
    ("PayerView.returned", "payment.page_token"): (
        *FACE,
        "payment.return_url",
        "operation.action_url",
    ),
}
"""What an endpoint may tell to whoever holds a token, besides the amount.

The payer is signed in nowhere: the link to the page, with its unguessable token, is all they have.
They see whom they pay, how much, and are sent on to where the merchant wants them.
"""

OFFERS: Final = frozenset({"/sign-up/"})
"""Pages that offer every currency of the world to choose from, globex's among them."""

CHANGES: Final = {
    "idempotency_key": "whoever has a payment link begins a payment by it, once for each form",
    "ab_user.fail_login_count": "whoever types a name and a wrong password is counted there",
}
"""What a visitor may change about globex, by column."""


@dataclass(frozen=True)
class Crawl:
    """What was asked, and what was found."""

    rules: list[Rule]
    scouted: Scouted
    seen: Seen
    changed: list[str]
    untried: set[str]
    """Kinds of globex's ids that stood in no address."""

    @property
    def findings(self) -> list[str]:
        """Return every leak, crash and change, a line each."""
        told = {each for each in self.seen.leaks if not _is_offered(each)}
        return sorted({*told, *self.seen.crashes, *self.changed})

    @property
    def everything(self) -> set[tuple[str, str, str]]:
        """Return (rule, endpoint, method) of all there is to ask for."""
        return {
            (rule.rule, rule.endpoint, method)
            for rule in self.rules
            for method in rule.methods or set()
        }

    @property
    def asked(self) -> set[tuple[str, str, str]]:
        """Return what the application was really asked for, as it told itself."""
        return self.everything & self.seen.asked

    @property
    def missed(self) -> set[tuple[str, str]]:
        """Return (endpoint, method) of what the application was never asked for."""
        return {(endpoint, method) for _, endpoint, method in self.everything - self.asked}


def _is_offered(leak: str) -> bool:
    """Answer whether a page only told of a currency that it offers to everybody."""
    path = leak.split()[2]
    return path in OFFERS and leak.endswith(f" tells {CANARY_CURRENCY.lower()}")


def crawl(
    tenants: Tenants,
    visitors: Mapping[str, int | None],
    wanted: Callable[[Rule], bool] = lambda rule: not for_programs(rule.endpoint),
) -> Crawl:
    """Ask as these visitors for everything: first all that reads, then all that writes.

    `visitors` says for each how many kinds of wrong ids are tried (None: all). The API, which has
    keys instead of visitors, has a crawl of its own.
    """
    app, engine = tenants.people.app, tenants.engine
    rules = [rule for rule in app.url_map.iter_rules() if wanted(rule)]
    plan = _plan(tenants, rules)
    hidden = knowledge.secrets(plan.theirs, plan.own)
    before, seen = snapshot.take(engine, tenants.globex), Seen()
    crawlers = {
        Crawler(app, tenants.browser(name), name, hidden): replace(plan, most=most)
        for name, most in visitors.items()
    }
    for crawler, its in crawlers.items():
        crawler.run(its.reading(rules), seen)
    for crawler, its in crawlers.items():
        crawler.run(its.writing(rules), seen)
    work_off(tenants)
    changed = snapshot.changes(before, snapshot.take(engine, tenants.globex))
    grave = [each for each in changed if each.partition(" ")[0] not in CHANGES]
    kinds = {value.place for value in plan.theirs.samples}
    return Crawl(rules, plan.scouted, seen, grave, kinds - plan.tried)


def _plan(tenants: Tenants, rules: list[Rule]) -> Plan:
    """Find out what there is to try."""
    app, engine = tenants.people.app, tenants.engine
    words = related_fields(app)
    theirs = knowledge.read(engine, tenants.globex, tenants.acme, words)
    own = knowledge.read(engine, tenants.acme, tenants.globex, words)
    public = {
        key: (*(text for place in places for text in theirs.any_text(place)), *AMOUNT)
        for key, places in PUBLIC.items()
    }
    scouted = Scout(app, theirs, tenants.scouts()).look(rules)
    return Plan(app, theirs, own, scouted, public)


def related_fields(app: Flask) -> list[str]:
    """Return the fields that name rows of other tables, which some addresses carry."""
    views = [getattr(function, "__self__", None) for function in app.view_functions.values()]
    models = [found for view in views if (found := getattr(view, "datamodel", None))]
    return sorted({name for model in models for name in model.related})


def work_off(tenants: Tenants) -> None:
    """Do what the visitors have set going, as a worker does, and nothing of globex."""
    with tenants.engine.connect() as connection:
        due = connection.exec_driver_sql(
            "SELECT id FROM outbox WHERE merchant_id = %s AND state = 'waiting'", (tenants.acme,)
        )
        tasks = [row.id for row in due]
    for task in tasks:
        leases._run_one(task, HANDLERS)
