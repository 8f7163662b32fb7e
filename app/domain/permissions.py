"""What may be done, as one enum, and what each role may do, as data.

A permission is written `area:verb`. It belongs to people; what a process does on their behalf was
allowed when they asked for it.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from app.errors import said

if TYPE_CHECKING:
    from collections.abc import Mapping


class Permission(StrEnum):
    """One thing that a person may do."""

    HOME_READ = "home:read"
    BOOK_SWITCH = "book:switch"
    ACCOUNT_UPDATE = "account:update"
    PAYMENTS_READ = "payments:read"
    PAYMENTS_CREATE = "payments:create"
    PAYMENTS_CAPTURE = "payments:capture"
    PAYMENTS_VOID = "payments:void"
    PAYMENTS_REFUND = "payments:refund"
    PAYMENTS_LOOK_UP = "payments:look_up"
    PAYMENTS_READ_CALLS = "payments:read_calls"
    LINKS_READ = "links:read"
    LINKS_UPDATE = "links:update"
    REFUNDS_APPROVE = "refunds:approve"
    DISPUTES_READ = "disputes:read"
    DESK_READ = "desk:read"
    DESK_RESOLVE = "desk:resolve"
    DESK_APPROVE = "desk:approve"
    APPROVALS_READ = "approvals:read"
    INBOUND_READ = "inbound:read"
    INBOUND_REPLAY = "inbound:replay"
    UPLOADS_READ = "uploads:read"
    UPLOADS_CREATE = "uploads:create"
    UPLOADS_CONFIRM = "uploads:confirm"
    LEDGER_READ = "ledger:read"
    LEDGER_ADJUST = "ledger:adjust"
    LEDGER_APPROVE = "ledger:approve"
    PRICES_READ = "prices:read"
    PRICES_UPDATE = "prices:update"
    PRICES_APPROVE = "prices:approve"
    SETTLEMENT_READ = "settlement:read"
    SETTLEMENT_UPDATE = "settlement:update"
    AUDIT_READ = "audit:read"
    MERCHANTS_READ = "merchants:read"
    MERCHANTS_CREATE = "merchants:create"
    MERCHANTS_UPDATE = "merchants:update"
    APPLICATIONS_READ = "applications:read"
    APPLICATIONS_DECIDE = "applications:decide"
    CAPABILITIES_READ = "capabilities:read"
    CAPABILITIES_UPDATE = "capabilities:update"
    CAPABILITIES_APPROVE = "capabilities:approve"
    CONNECTORS_READ = "connectors:read"
    USERS_READ = "users:read"
    USERS_CREATE = "users:create"
    USERS_UPDATE = "users:update"
    USERS_DELETE = "users:delete"
    USERS_RESET_PASSWORD = "users:reset_password"
    ROLES_READ = "roles:read"
    KEYS_READ = "keys:read"
    KEYS_UPDATE = "keys:update"
    SETTINGS_READ = "settings:read"
    SETTINGS_UPDATE = "settings:update"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_UPDATE = "webhooks:update"
    TEAM_READ = "team:read"
    TEAM_UPDATE = "team:update"
    NOTIFICATIONS_READ = "notifications:read"
    NOTIFICATIONS_RESEND = "notifications:resend"
    JOBS_READ = "jobs:read"
    JOBS_RETRY = "jobs:retry"


class RoleName(StrEnum):
    """The roles, by the name that people see."""

    ADMIN = "Admin"
    OPERATIONS = "Operations"
    FINANCE = "Finance"
    COMPLIANCE = "Compliance"
    AUDITOR = "Auditor"
    MERCHANT_OWNER = said("Merchant owner")
    MERCHANT_CLERK = said("Merchant clerk")


_P = Permission

# What concerns nobody but the person who is signed in.
PERSONAL = frozenset({_P.HOME_READ, _P.BOOK_SWITCH, _P.ACCOUNT_UPDATE})
READING = frozenset(each for each in Permission if each.endswith(":read"))
# Each of these may set money going; whoever hands out rights does not have them.
MOVES_MONEY = frozenset(
    {
        _P.PAYMENTS_CREATE,
        _P.PAYMENTS_CAPTURE,
        _P.PAYMENTS_VOID,
        _P.PAYMENTS_REFUND,
        _P.REFUNDS_APPROVE,
        _P.DESK_RESOLVE,
        _P.DESK_APPROVE,
        _P.LEDGER_ADJUST,
        _P.LEDGER_APPROVE,
        _P.PRICES_UPDATE,
        _P.PRICES_APPROVE,
        _P.SETTLEMENT_UPDATE,
        _P.UPLOADS_CREATE,
        _P.UPLOADS_CONFIRM,
        # Whoever opens a link pays by it.
        _P.LINKS_UPDATE,
        # A key may do what its maker gives it, and its maker knows its secret.
        _P.KEYS_UPDATE,
    }
)
# What a merchant is told and where: whoever may change it gets a secret and sees payments.
# Its settings are its own people's; staff change the same facts of merchants.
OF_MERCHANTS = frozenset({_P.WEBHOOKS_UPDATE, _P.SETTINGS_UPDATE})

ROLES: Mapping[RoleName, frozenset[Permission]] = MappingProxyType(
    {
        RoleName.ADMIN: frozenset(Permission) - MOVES_MONEY - OF_MERCHANTS,
        RoleName.OPERATIONS: PERSONAL
        | {
            _P.PAYMENTS_READ,
            _P.PAYMENTS_CAPTURE,
            _P.PAYMENTS_VOID,
            _P.PAYMENTS_REFUND,
            _P.PAYMENTS_LOOK_UP,
            _P.PAYMENTS_READ_CALLS,
            _P.LINKS_READ,
            _P.DISPUTES_READ,
            _P.DESK_READ,
            _P.DESK_RESOLVE,
            _P.APPROVALS_READ,
            _P.INBOUND_READ,
            _P.INBOUND_REPLAY,
            _P.UPLOADS_READ,
            _P.LEDGER_READ,
            _P.PRICES_READ,
            _P.SETTLEMENT_READ,
            _P.MERCHANTS_READ,
            _P.CAPABILITIES_READ,
            _P.CONNECTORS_READ,
            _P.WEBHOOKS_READ,
            _P.NOTIFICATIONS_READ,
            _P.NOTIFICATIONS_RESEND,
            _P.JOBS_READ,
            _P.JOBS_RETRY,
        },
        RoleName.FINANCE: PERSONAL
        | {
            _P.PAYMENTS_READ,
            _P.PAYMENTS_REFUND,
            _P.LINKS_READ,
            _P.REFUNDS_APPROVE,
            _P.DISPUTES_READ,
            _P.DESK_READ,
            _P.DESK_RESOLVE,
            _P.DESK_APPROVE,
            _P.APPROVALS_READ,
            _P.UPLOADS_READ,
            _P.LEDGER_READ,
            _P.LEDGER_ADJUST,
            _P.LEDGER_APPROVE,
            _P.PRICES_READ,
            _P.PRICES_UPDATE,
            _P.PRICES_APPROVE,
            _P.SETTLEMENT_READ,
            _P.SETTLEMENT_UPDATE,
            _P.MERCHANTS_READ,
            _P.CAPABILITIES_READ,
            _P.JOBS_READ,
        },
        RoleName.COMPLIANCE: PERSONAL
        | {
            _P.PAYMENTS_READ,
            _P.LINKS_READ,
            _P.DISPUTES_READ,
            _P.APPROVALS_READ,
            _P.AUDIT_READ,
            _P.MERCHANTS_READ,
            _P.MERCHANTS_CREATE,
            _P.MERCHANTS_UPDATE,
            _P.APPLICATIONS_READ,
            _P.APPLICATIONS_DECIDE,
            _P.CAPABILITIES_READ,
            _P.CAPABILITIES_UPDATE,
            _P.CAPABILITIES_APPROVE,
        },
        RoleName.AUDITOR: PERSONAL | READING,
        RoleName.MERCHANT_OWNER: PERSONAL
        | {
            _P.PAYMENTS_READ,
            _P.PAYMENTS_CREATE,
            _P.PAYMENTS_CAPTURE,
            _P.PAYMENTS_VOID,
            _P.PAYMENTS_REFUND,
            _P.LINKS_READ,
            _P.LINKS_UPDATE,
            _P.DISPUTES_READ,
            _P.APPROVALS_READ,
            _P.PRICES_READ,
            _P.UPLOADS_READ,
            _P.UPLOADS_CREATE,
            _P.UPLOADS_CONFIRM,
            _P.LEDGER_READ,
            _P.AUDIT_READ,
            _P.KEYS_READ,
            _P.KEYS_UPDATE,
            _P.SETTINGS_READ,
            _P.SETTINGS_UPDATE,
            _P.WEBHOOKS_READ,
            _P.WEBHOOKS_UPDATE,
            _P.TEAM_READ,
            _P.TEAM_UPDATE,
            _P.NOTIFICATIONS_READ,
            _P.NOTIFICATIONS_RESEND,
        },
        RoleName.MERCHANT_CLERK: PERSONAL
        | {_P.PAYMENTS_READ, _P.LINKS_READ, _P.UPLOADS_READ, _P.UPLOADS_CREATE},
    }
)

MERCHANT_ROLES = frozenset({RoleName.MERCHANT_OWNER, RoleName.MERCHANT_CLERK})
STAFF_ROLES = frozenset(RoleName) - MERCHANT_ROLES

PURPOSES: Mapping[RoleName, str] = MappingProxyType(
    {
        RoleName.ADMIN: said("Hands out rights and keeps the set-up; moves no money."),
        RoleName.OPERATIONS: said(
            "Follows payments and failed work, captures, voids and refunds, and works at the desk."
        ),
        RoleName.FINANCE: said(
            "Keeps ledger, prices and settlement, and approves what moves money."
        ),
        RoleName.COMPLIANCE: said("Takes merchants on and decides what they may do."),
        RoleName.AUDITOR: said("Reads everything and changes nothing."),
        RoleName.MERCHANT_OWNER: said(
            "Runs a merchant: its payments, refunds, files, balances and trail."
        ),
        RoleName.MERCHANT_CLERK: said("Prepares a merchant's files for somebody else to confirm."),
    }
)
"""What each role is for."""

WORDS: Mapping[Permission, str] = MappingProxyType(
    {
        _P.HOME_READ: said("See the home page"),
        _P.BOOK_SWITCH: said("Switch between the test and the live book"),
        _P.ACCOUNT_UPDATE: said("Change one's own password and profile"),
        _P.PAYMENTS_READ: said("See payments"),
        _P.PAYMENTS_CREATE: said("Create payments"),
        _P.PAYMENTS_CAPTURE: said("Capture authorized payments"),
        _P.PAYMENTS_VOID: said("Void authorizations and cancel open payments"),
        _P.PAYMENTS_REFUND: said("Refund payments"),
        _P.LINKS_READ: said("See payment links"),
        _P.LINKS_UPDATE: said("Make and change payment links"),
        _P.REFUNDS_APPROVE: said("Approve refunds that need a second person"),
        _P.DISPUTES_READ: said("See disputes"),
        _P.DESK_READ: said("See what waits for a decision at the desk"),
        _P.DESK_RESOLVE: said("Propose how a case at the desk ends"),
        _P.DESK_APPROVE: said("Approve how a case at the desk ends"),
        _P.APPROVALS_READ: said("See what waits for a second person"),
        _P.INBOUND_READ: said("See what providers have sent"),
        _P.INBOUND_REPLAY: said("Apply again what providers have sent"),
        _P.PAYMENTS_LOOK_UP: said("Ask the provider how a payment stands"),
        _P.PAYMENTS_READ_CALLS: said("See what was said to the provider"),
        _P.UPLOADS_READ: said("See uploaded files"),
        _P.UPLOADS_CREATE: said("Upload and check files"),
        _P.UPLOADS_CONFIRM: said("Confirm uploaded files, which starts their payments"),
        _P.LEDGER_READ: said("See ledger accounts and their lines"),
        _P.LEDGER_ADJUST: said("Propose manual adjustments of the ledger"),
        _P.LEDGER_APPROVE: said("Approve manual adjustments of the ledger"),
        _P.PRICES_READ: said("See price lists"),
        _P.PRICES_UPDATE: said("Write price lists and propose their publication"),
        _P.PRICES_APPROVE: said("Approve the publication of price lists"),
        _P.SETTLEMENT_READ: said("See when money is released to merchants"),
        _P.SETTLEMENT_UPDATE: said("Change when money is released to merchants"),
        _P.AUDIT_READ: said("See who changed what"),
        _P.MERCHANTS_READ: said("See merchants"),
        _P.MERCHANTS_CREATE: said("Create merchants"),
        _P.MERCHANTS_UPDATE: said("Change merchants"),
        _P.APPLICATIONS_READ: said("See who asks to be taken on as a merchant"),
        _P.APPLICATIONS_DECIDE: said("Decide who is taken on as a merchant"),
        _P.CAPABILITIES_READ: said("See what merchants may do and their limits"),
        _P.CAPABILITIES_UPDATE: said("Change what merchants may do and their limits"),
        _P.CAPABILITIES_APPROVE: said("Approve changes of the limits of merchants"),
        _P.CONNECTORS_READ: said("See connector accounts"),
        _P.USERS_READ: said("See users"),
        _P.USERS_CREATE: said("Create users"),
        _P.USERS_UPDATE: said("Change users and their roles"),
        _P.USERS_DELETE: said("Delete users"),
        _P.USERS_RESET_PASSWORD: said("Reset the passwords of users"),
        _P.ROLES_READ: said("See roles"),
        _P.KEYS_READ: said("See API keys, though never a secret"),
        _P.KEYS_UPDATE: said("Make, roll and revoke API keys"),
        _P.SETTINGS_READ: said("See a merchant's settings"),
        _P.SETTINGS_UPDATE: said("Change a merchant's settings and its face to payers"),
        _P.WEBHOOKS_READ: said("See webhook endpoints, their events and deliveries"),
        _P.WEBHOOKS_UPDATE: said("Make and change webhook endpoints, and send events again"),
        _P.TEAM_READ: said("See who works for a merchant, and invitations"),
        _P.TEAM_UPDATE: said("Invite people, take invitations back, remove members"),
        _P.NOTIFICATIONS_READ: said("See mails to people and how they stand"),
        _P.NOTIFICATIONS_RESEND: said("Send mails again"),
        _P.JOBS_READ: said("See waiting, running and failed work"),
        _P.JOBS_RETRY: said("Start failed work again"),
    }
)


def fab_pair(permission: Permission) -> tuple[str, str]:
    """How Flask-AppBuilder names it: `payments:refund` → ("can_refund", "payments")."""
    area, _, verb = permission.partition(":")
    return f"can_{verb}", area


def from_fab_pair(action: str, view: str) -> Permission | None:
    """The permission behind Flask-AppBuilder's pair; None if the pair is not one of ours."""
    return _BY_FAB_PAIR.get((action, view))


_BY_FAB_PAIR = {fab_pair(permission): permission for permission in Permission}
