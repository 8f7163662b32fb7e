"""Every screen in one table: its place in the menu and the permission that shows it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask_appbuilder import AppBuilder

from app.domain.permissions import Permission
from app.queries.interface import RecordInterface
from app.security.actors import Choice, choices
from app.security.writer import UnitWriter
from app.views.accounts.manager import AccountsManager
from app.views.accounts.own import AccountView
from app.views.accounts.roles import RolesView
from app.views.accounts.users import UsersView
from app.views.audit import AuditView
from app.views.base import current_actor
from app.views.book import BookView
from app.views.health import HealthView
from app.views.home import HomeView
from app.views.jobs import JobsView
from app.views.ledger import LedgerView
from app.views.merchants import (
    CapabilitiesView,
    ConnectorAccountsView,
    LimitsView,
    MerchantsView,
    PricesView,
)
from app.views.payer import PayerView
from app.views.payments import PaymentsView
from app.views.refunds import RefundsView
from app.views.uploads import UploadsView
from app.views.words import plain

if TYPE_CHECKING:
    from flask import Flask


@dataclass(frozen=True, slots=True)
class Acting:
    """What the top bar tells: the open book, and the merchants to switch between."""

    livemode: bool
    choices: list[Choice]


def acting() -> Acting:
    """Return the book and merchants of this request, for the top bar."""
    return Acting(bool(current_actor().livemode), choices())


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the menu; without a category it stands in the bar itself."""

    view: type[Any]
    label: str
    permission: Permission
    category: str = ""


# The home page, at "/".
INDEX: type[Any] = HomeView
MENU: tuple[Entry, ...] = (
    Entry(PaymentsView, "Payments", Permission.PAYMENTS_READ),
    Entry(RefundsView, "Refunds", Permission.PAYMENTS_READ),
    Entry(UploadsView, "Uploads", Permission.UPLOADS_READ),
    Entry(LedgerView, "Ledger", Permission.LEDGER_READ),
    Entry(JobsView, "Jobs", Permission.JOBS_READ),
    Entry(AuditView, "Audit", Permission.AUDIT_READ),
    Entry(MerchantsView, "Merchants", Permission.MERCHANTS_READ, "Set-up"),
    Entry(CapabilitiesView, "Capabilities", Permission.CAPABILITIES_READ, "Set-up"),
    Entry(LimitsView, "Limits", Permission.CAPABILITIES_READ, "Set-up"),
    Entry(PricesView, "Prices", Permission.CAPABILITIES_READ, "Set-up"),
    Entry(ConnectorAccountsView, "Connector accounts", Permission.CONNECTORS_READ, "Set-up"),
    Entry(UsersView, "Users", Permission.USERS_READ, "People"),
    Entry(RolesView, "Roles", Permission.ROLES_READ, "People"),
)
UNLISTED: tuple[type[Any], ...] = (AccountView, BookView, HealthView, PayerView)
"""Screens that no menu leads to."""


class Chassis(AppBuilder):
    """Flask-AppBuilder with our screens only, and nothing that writes rights at the start."""

    def _add_admin_views(self) -> None:
        self._indexview = self.add_view_no_menu(self.indexview)
        self.sm.register_views()

    def _add_addon_views(self) -> None:
        """No add-ons: a screen stands in MENU or UNLISTED."""


def install(app: Flask, session: Any) -> None:
    """Build the chassis on the application and register every screen."""
    RecordInterface.writer = UnitWriter()
    app.jinja_env.globals["acting"] = acting
    app.jinja_env.filters["plain"] = plain
    with app.app_context():
        chassis = Chassis(
            app,
            session,
            indexview=INDEX,
            security_manager_class=AccountsManager,
            update_perms=False,
        )
        register(chassis)


def register(chassis: AppBuilder) -> None:
    """Register the screens and tell the security manager which permission shows which entry."""
    shown: dict[str, set[Permission]] = {}
    for view in UNLISTED:
        chassis.add_view_no_menu(view)
    for entry in MENU:
        chassis.add_view(entry.view, entry.label, category=entry.category)
        for name in filter(None, (entry.label, entry.category)):
            shown.setdefault(name, set()).add(entry.permission)
    chassis.sm.menu_permissions = {name: frozenset(found) for name, found in shown.items()}
