"""Every screen in one table: its place in the menu and the permission that shows it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import request, url_for
from flask_appbuilder import AppBuilder
from flask_babel import lazy_gettext

import config
from app.domain.permissions import Permission
from app.queries.interface import RecordInterface
from app.security.actors import Choice, choices
from app.security.addresses import here
from app.security.writer import UnitWriter
from app.views import locales
from app.views.accounts.invitation import InvitationView
from app.views.accounts.manager import AccountsManager
from app.views.accounts.own import AccountView
from app.views.accounts.password import PasswordView
from app.views.accounts.roles import RolesView
from app.views.accounts.sign_up import SignUpView
from app.views.accounts.users import UsersView
from app.views.adjustments import AdjustmentsView
from app.views.api_keys import ApiKeysView
from app.views.applications import ApplicationsView
from app.views.approvals import ApprovalsView
from app.views.audit import AuditView
from app.views.balance import BalanceView
from app.views.base import current_actor
from app.views.book import BookView
from app.views.brand import BrandView
from app.views.desk import DeskView
from app.views.disputes import DisputesView
from app.views.health import HealthView
from app.views.home import HomeView
from app.views.inbound import InboundView
from app.views.jobs import JobsView
from app.views.ledger import LedgerView
from app.views.link_page import LinkPageView
from app.views.merchants import (
    CapabilitiesView,
    ConnectorAccountsView,
    LimitsView,
    MerchantsView,
)
from app.views.notifications import NotificationsView
from app.views.payer import PayerView
from app.views.payers import PayersView
from app.views.payment_again import PaymentAgainView
from app.views.payment_capture import PaymentCaptureView
from app.views.payment_closing import PaymentClosingView
from app.views.payment_links import PaymentLinksView
from app.views.payments import PaymentsView
from app.views.price_lists import PriceListsView
from app.views.refunds import RefundsView
from app.views.releases import ReleasesView
from app.views.search import SearchView
from app.views.settings import SettingsView
from app.views.settlement import SettlementSchedulesView
from app.views.styleguide import StyleguideView
from app.views.team import TeamView
from app.views.uploads import UploadsView
from app.views.webhook_buttons import WebhookButtonsView
from app.views.webhook_deliveries import WebhookDeliveriesView
from app.views.webhook_events import WebhookEventsView
from app.views.webhooks_in import WebhooksInView
from app.views.webhooks_out import WebhookEndpointsView

if TYPE_CHECKING:
    from flask import Flask


@dataclass(frozen=True, slots=True)
class Acting:
    """What the top bar tells: the open book, and the merchants to switch between."""

    livemode: bool
    choices: list[Choice]
    may_switch: bool


def acting() -> Acting:
    """Return the book and merchants of this request, for the top bar."""
    actor = current_actor()
    return Acting(bool(actor.livemode), choices(), actor.may(Permission.BOOK_SWITCH))


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu, below the heading of its task."""

    view: type[Any]
    label: str
    permission: Permission
    task: str
    icon: str


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as it is drawn for this reader."""

    label: str
    href: str
    icon: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Section:
    """The entries of one task that this reader may open."""

    label: str
    entries: list[Line]


# The home page, at "/".
INDEX: type[Any] = HomeView
_PAYMENTS = lazy_gettext("Payments")
_MERCHANTS = lazy_gettext("Merchants")
_FINANCE = lazy_gettext("Finance")
_OPERATIONS = lazy_gettext("Operations")
_SECURITY = lazy_gettext("Security")
_P = Permission
MENU: tuple[Entry, ...] = (
    Entry(HomeView, lazy_gettext("Home"), _P.HOME_READ, "", "house"),
    Entry(PaymentsView, lazy_gettext("Payments"), _P.PAYMENTS_READ, _PAYMENTS, "credit-card"),
    Entry(
        RefundsView,
        lazy_gettext("Refunds"),
        _P.PAYMENTS_READ,
        _PAYMENTS,
        "arrow-counterclockwise",
    ),
    Entry(PaymentLinksView, lazy_gettext("Payment links"), _P.LINKS_READ, _PAYMENTS, "link-45deg"),
    Entry(PayersView, lazy_gettext("Payers"), _P.PAYMENTS_READ, _PAYMENTS, "person"),
    Entry(DisputesView, lazy_gettext("Disputes"), _P.DISPUTES_READ, _PAYMENTS, "hammer"),
    Entry(UploadsView, lazy_gettext("Uploads"), _P.UPLOADS_READ, _PAYMENTS, "upload"),
    Entry(BalanceView, lazy_gettext("Balance"), _P.LEDGER_READ, _FINANCE, "wallet2"),
    Entry(LedgerView, lazy_gettext("Ledger"), _P.LEDGER_READ, _FINANCE, "journal-text"),
    Entry(ReleasesView, lazy_gettext("Coming releases"), _P.LEDGER_READ, _FINANCE, "hourglass"),
    Entry(
        SettlementSchedulesView,
        lazy_gettext("Settlement schedules"),
        _P.SETTLEMENT_READ,
        _FINANCE,
        "calendar-event",
    ),
    Entry(MerchantsView, lazy_gettext("Merchants"), _P.MERCHANTS_READ, _MERCHANTS, "shop"),
    Entry(
        ApplicationsView,
        lazy_gettext("Applications"),
        _P.APPLICATIONS_READ,
        _MERCHANTS,
        "building",
    ),
    Entry(
        CapabilitiesView,
        lazy_gettext("Capabilities"),
        _P.CAPABILITIES_READ,
        _MERCHANTS,
        "check-circle",
    ),
    Entry(LimitsView, lazy_gettext("Limits"), _P.CAPABILITIES_READ, _MERCHANTS, "speedometer2"),
    Entry(PriceListsView, lazy_gettext("Price lists"), _P.PRICES_READ, _MERCHANTS, "tags"),
    Entry(SettingsView, lazy_gettext("Settings"), _P.SETTINGS_READ, _MERCHANTS, "sliders"),
    Entry(
        ApprovalsView,
        lazy_gettext("Approvals"),
        _P.APPROVALS_READ,
        _OPERATIONS,
        "patch-check",
    ),
    Entry(DeskView, lazy_gettext("Desk"), _P.DESK_READ, _OPERATIONS, "inbox"),
    Entry(JobsView, lazy_gettext("Jobs"), _P.JOBS_READ, _OPERATIONS, "activity"),
    Entry(InboundView, lazy_gettext("Provider events"), _P.INBOUND_READ, _OPERATIONS, "inbox"),
    Entry(
        ConnectorAccountsView,
        lazy_gettext("Connector accounts"),
        _P.CONNECTORS_READ,
        _OPERATIONS,
        "plug",
    ),
    Entry(AuditView, lazy_gettext("Audit trail"), _P.AUDIT_READ, _SECURITY, "shield-check"),
    Entry(ApiKeysView, lazy_gettext("API keys"), _P.KEYS_READ, _SECURITY, "key"),
    Entry(WebhookEndpointsView, lazy_gettext("Webhooks"), _P.WEBHOOKS_READ, _SECURITY, "send"),
    Entry(
        NotificationsView,
        lazy_gettext("Mails"),
        _P.NOTIFICATIONS_READ,
        _SECURITY,
        "bell",
    ),
    Entry(TeamView, lazy_gettext("Team"), _P.TEAM_READ, _SECURITY, "person-badge"),
    Entry(UsersView, lazy_gettext("Users"), _P.USERS_READ, _SECURITY, "people"),
    Entry(RolesView, lazy_gettext("Roles"), _P.ROLES_READ, _SECURITY, "key"),
)
UNLISTED: tuple[type[Any], ...] = (
    AccountView,
    AdjustmentsView,
    BookView,
    BrandView,
    HealthView,
    InvitationView,
    PasswordView,
    LinkPageView,
    PayerView,
    PaymentAgainView,
    PaymentCaptureView,
    PaymentClosingView,
    SearchView,
    SignUpView,
    StyleguideView,
    WebhookButtonsView,
    WebhookDeliveriesView,
    WebhookEventsView,
    WebhooksInView,
)
"""Screens that no menu leads to."""


class Chassis(AppBuilder):
    """Flask-AppBuilder with our screens only, and nothing that writes rights at the start."""

    def _add_admin_views(self) -> None:
        self._indexview = self.add_view_no_menu(self.indexview)
        self.sm.register_views()

    def _add_addon_views(self) -> None:
        """No add-ons: a screen stands in MENU or UNLISTED."""


def this_page() -> str:
    """Return the address that leads back here, without card numbers typed into a filter."""
    return here() if request.method == "GET" else "/"


def sections() -> list[Section]:
    """Return the menu of this reader, by task."""
    actor = current_actor()
    view = (request.endpoint or "").partition(".")[0]
    found: dict[str, list[Line]] = {}
    for entry in MENU:
        if actor.may(entry.permission):
            name = entry.view.__name__
            href = url_for(f"{name}.{entry.view.default_view}")
            line = Line(str(entry.label), href, entry.icon, is_current=name == view)
            found.setdefault(str(entry.task), []).append(line)
    return [Section(task, lines) for task, lines in found.items()]


def install(app: Flask, session: Any) -> None:
    """Build the chassis on the application and register every screen."""
    RecordInterface.writer = UnitWriter()
    app.jinja_env.globals.update(
        acting=acting,
        sections=sections,
        this_page=this_page,
        app_name=app.config["APP_NAME"],
        developing=config.get().environment == "development",
        signs_up=lambda: config.get().signs_up,
    )
    with app.app_context():
        chassis = Chassis(
            app,
            session,
            indexview=INDEX,
            security_manager_class=AccountsManager,
            update_perms=False,
        )
        register(chassis)
    locales.install(app)


def register(chassis: AppBuilder) -> None:
    """Register the screens and tell the security manager which permission shows which entry."""
    for view in UNLISTED:
        chassis.add_view_no_menu(view)
    for entry in MENU:
        if entry.view is not INDEX:
            chassis.add_view(entry.view, entry.view.__name__)
    chassis.sm.menu_permissions = {
        entry.view.__name__: frozenset({entry.permission}) for entry in MENU
    }
