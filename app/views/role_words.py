"""Roles in the reader's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import lazy_gettext

from app.domain.permissions import RoleName

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES: Mapping[str, str] = {
    RoleName.ADMIN: lazy_gettext("Admin"),
    RoleName.OPERATIONS: lazy_gettext("Operations"),
    RoleName.FINANCE: lazy_gettext("Finance"),
    RoleName.COMPLIANCE: lazy_gettext("Compliance"),
    RoleName.AUDITOR: lazy_gettext("Auditor"),
    RoleName.MERCHANT_OWNER: lazy_gettext("Merchant owner"),
    RoleName.MERCHANT_CLERK: lazy_gettext("Merchant clerk"),
}
AREAS: Mapping[str, str] = {
    "home": lazy_gettext("Home"),
    "book": lazy_gettext("Books"),
    "account": lazy_gettext("Own account"),
    "payments": lazy_gettext("Payments"),
    "links": lazy_gettext("Payment links"),
    "refunds": lazy_gettext("Refunds"),
    "disputes": lazy_gettext("Disputes"),
    "desk": lazy_gettext("Desk"),
    "inbound": lazy_gettext("Provider events"),
    "uploads": lazy_gettext("Uploads"),
    "ledger": lazy_gettext("Ledger"),
    "settlement": lazy_gettext("Settlement"),
    "audit": lazy_gettext("Audit trail"),
    "merchants": lazy_gettext("Merchants"),
    "applications": lazy_gettext("Applications"),
    "approvals": lazy_gettext("Approvals"),
    "capabilities": lazy_gettext("Capabilities and limits"),
    "prices": lazy_gettext("Price lists"),
    "connectors": lazy_gettext("Connector accounts"),
    "users": lazy_gettext("Users"),
    "roles": lazy_gettext("Roles"),
    "keys": lazy_gettext("API keys"),
    "settings": lazy_gettext("Settings"),
    "webhooks": lazy_gettext("Webhooks"),
    "team": lazy_gettext("Team"),
    "notifications": lazy_gettext("Mails"),
    "jobs": lazy_gettext("Jobs"),
}
"""What permissions are about, by the part before the colon."""


def role_word(name: str) -> str:
    """Return what a role is called; one that is not written down, by its name."""
    return str(ROLES.get(name, name))
