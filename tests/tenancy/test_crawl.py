from __future__ import annotations

import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import pytest

from app import factory
from app.adapters import passwords
from app.views import form_keys
from tests.conftest import SCALE
from tests.tenancy.crawling import crawl
from tests.tenancy.planted import planted
from tests.tenancy.scout import area
from tests.tenancy.world import NOBODY

if TYPE_CHECKING:
    from tests.tenancy.crawling import Crawl
    from tests.tenancy.world import Tenants

# Everybody tries every id of the right kind; of the other kinds a few at each address, others at
# each. The clerk's rights are among the owner's.
VISITORS: Final = (
    {"acme-owner": None, "acme-clerk": 3, NOBODY: 2}
    if SCALE == "full"
    else {"acme-owner": 3, "acme-clerk": 1, NOBODY: 1}
)

SKIPPED: Final = {
    ("PaymentsView.new", "OPTIONS"): "its address is also PaymentsView.create's, which answers",
    ("PaymentsView.refund_form", "OPTIONS"): "as PaymentsView.new, with PaymentsView.refund",
    ("AdjustmentsView.new", "OPTIONS"): "as PaymentsView.new, with AdjustmentsView.ask",
    ("AdjustmentsView.write_off", "OPTIONS"): "as PaymentsView.new, with the question behind it",
    ("DeskView.question", "OPTIONS"): "as PaymentsView.new, with DeskView.decide",
    ("PaymentAgainView.form", "OPTIONS"): "as PaymentsView.new, with the POST beside it",
    ("PaymentCaptureView.form", "OPTIONS"): "as PaymentsView.new, with the POST beside it",
    ("PaymentClosingView.cancel_form", "OPTIONS"): "as PaymentsView.new, with the POST beside it",
    ("PaymentClosingView.void_form", "OPTIONS"): "as PaymentsView.new, with the POST beside it",
    ("ApiKeysView.new", "OPTIONS"): "as PaymentsView.new, with ApiKeysView.create",
    ("LinkPageView.pay", "OPTIONS"): "as PaymentsView.new, with the GET beside it",
    ("PaymentLinksView.new", "OPTIONS"): "as PaymentsView.new, with the POST beside it",
    ("PaymentLinksView.update", "OPTIONS"): "as PaymentsView.new, with the GET beside it",
    ("WebhookEndpointsView.new", "OPTIONS"): "as PaymentsView.new, with the POST beside it",
    ("WebhookEndpointsView.update", "OPTIONS"): "its address is also that of .edit, which answers",
    ("SettingsView.update", "OPTIONS"): "as PaymentsView.new, with SettingsView.show",
    ("TeamView.new", "OPTIONS"): "as PaymentsView.new, with TeamView.invite",
    ("PriceListsView.new", "OPTIONS"): "as PaymentsView.new, with PriceListsView.create",
    ("PriceListsView.change_form", "OPTIONS"): "as PaymentsView.new, with PriceListsView.change",
}
"""(endpoint, method) → why nobody needs to try it."""

NO_FORM: Final = {
    "PayerView.returned": "the bank's site sends the payer here; its form is not ours",
    "WebhooksInView.received": "providers send their messages here, and prove them",
    "PasswordView.reset": "a mail leads to its form; only its reader has the token",
    "InvitationView.accept": "as PasswordView.reset",
    "SignUpView.confirm": "as PasswordView.reset",
    "ApplicationsView.approve": "stands where an application waits, which is no merchant's yet",
    "ApplicationsView.reject": "as ApplicationsView.approve",
}
"""Endpoints that take POST and whose form stands on none of our pages."""

OPENS_NOTHING: Final = {
    "BalanceView.show": "its ids are numbers of ledger lines in letters, which no column holds",
    "DeskView.question": "says what a decision would do, and refuses to where none is named",
    "PasswordView.reset": "of its token the database knows a digest only",
    "InvitationView.accept": "as PasswordView.reset",
    "SignUpView.confirm": "as PasswordView.reset",
    "static": "files of the repository; no merchant's id opens one",
    "BrandView.logo": "a picture for everybody, by a name that is no id",
    "BrandView.style": "a colour, which belongs to nobody",
    "MerchantsView.options": "currencies and time zones, which belong to nobody",
    "ConnectorAccountsView.show": "accounts with providers are shared; globex has none of its own",
}
"""Endpoints with an id in their address that none of globex's ids opens, even for staff."""

SHOWN: Final = {
    "merchant-name",
    "reference",
    "customer-name",
    "customer-email",
    "description",
    "refund-reason",
    "approval-reason",
    "decision-reason",
    "filename",
    "row-reference",
    "row-name",
    "row-email",
    "row-description",
    "row-metadata",
    "audit-sentence",
    "audit-before",
    "audit-after",
    "audit-object",
    "dispute-id",
    "reason-code",
    "dispute-reason",
    "event-note",
    "event-id",
    "event-kind",
    "brand",
    "agent",
    "price-note",
    "task-error",
    "task-ref",
    "case-text",
    "key-name",
    "link-title",
    "link-description",
    "link-reference",
    "link-email",
    "hook",
    "hook-description",
    "hook-reason",
    "mail-about",
    "mail-text",
    "invited",
    "applied-as",
    "applied-site",
    "applied-sells",
    "applied-first",
    "applied-last",
    "applied-mail",
    "shown-name",
    "support",
    "support-page",
    "host",
}
"""Texts of globex that stand on pages of staff or of its own people."""


LEAKING: Final = {"amount", "body", "flash", "header", "list"}
"""Planted routes that tell something."""


@pytest.fixture(autouse=True)
def open_doors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every form for one that was given out: its key must not be what saves us.

    Passwords are wrong at once: a hash for each of them would cost seconds.
    """
    numbers = itertools.count()
    monkeypatch.setattr(form_keys, "read", lambda purpose: f"form:{purpose}:{next(numbers)}")
    monkeypatch.setattr(passwords, "matches", lambda _stored, _typed: False)


def shown(done: Crawl) -> set[str]:
    """Return the kinds of canaries that pages show to those who may see them."""
    return {re.sub(r"^[a-z]+-|-\d+.*$", "", word) for word in done.scouted.told}


def without_form(done: Crawl) -> set[str]:
    posts = {rule.endpoint for rule in done.rules if "POST" in (rule.methods or set())}
    return posts - done.scouted.forms.keys()


def opened_by_nothing(done: Crawl) -> set[str]:
    gets = [rule for rule in done.rules if "GET" in (rule.methods or set()) and rule.arguments]
    return {rule.endpoint for rule in gets if rule.rule not in done.scouted.places}


@pytest.mark.timeout(600)  # thousands of requests, on a machine that others may be using
def test_nobody_of_acme_meets_anything_of_globex(
    tenants: Tenants, capsys: pytest.CaptureFixture[str]
) -> None:
    done = crawl(tenants, VISITORS)
    with capsys.disabled():
        print(
            f"\n  {len(done.asked)} routes × methods crawled in {done.seen.count} requests, "
            f"{len(done.missed)} skipped"
        )
    assert done.findings == []
    assert done.missed == SKIPPED.keys()
    assert done.untried == set()
    assert without_form(done) == NO_FORM.keys()
    assert opened_by_nothing(done) == OPENS_NOTHING.keys()
    assert shown(done) >= SHOWN, "what must not be seen can be seen"
    own = {area(path) for path in done.seen.own}
    assert own >= {
        "payments",
        "refunds",
        "approvals",
        "disputes",
        "uploads",
        "audit",
        "api-keys",
    }, "one's own is seen"


def test_routes_that_leak_crash_or_change_are_found(tenants: Tenants) -> None:
    app = factory.create_app()
    app.register_blueprint(planted)
    people = replace(tenants.people, app=app)
    done = crawl(
        replace(tenants, people=people),
        {"acme-owner": 0, NOBODY: 0},
        lambda rule: rule.endpoint.startswith("planted."),
    )
    for visitor in ("acme-owner", NOBODY):
        told = {leak for leak in done.seen.leaks if leak.startswith(f"{visitor}: GET /planted/")}
        assert {leak.split("/")[2].split()[0] for leak in told} == LEAKING
    assert {crash.split("/")[2] for crash in done.seen.crashes} == {"crash"}
    assert {change.split()[0] for change in done.changed} == {"payment.description"}
    assert without_form(done) == {"planted.change"}
    assert {endpoint for endpoint, _ in done.missed} == {"planted.shadowed"}
