"""What an entry of the audit trail is about: its kind in words, and where it leads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import url_for
from flask_babel import lazy_gettext

from app.domain.permissions import Permission

if TYPE_CHECKING:
    from app.domain.actors import Actor

OBJECTS: Final = {
    "payment": lazy_gettext("Payment"),
    "payment_link": lazy_gettext("Payment link"),
    "bulk_upload": lazy_gettext("Upload"),
    "task": lazy_gettext("Task"),
    "user": lazy_gettext("User"),
    "role": lazy_gettext("Role"),
    "merchant": lazy_gettext("Merchant"),
    "capability": lazy_gettext("Capability"),
    "amount_limit": lazy_gettext("Limit"),
    "price": lazy_gettext("Price"),
    "price_list": lazy_gettext("Price list"),
    "connector_account": lazy_gettext("Connector account"),
    "dispute": lazy_gettext("Dispute"),
    "inbound_event": lazy_gettext("Provider event"),
    "approval_request": lazy_gettext("Request for approval"),
    "desk_case": lazy_gettext("Case at the desk"),
    "api_key": lazy_gettext("API key"),
    "webhook_endpoint": lazy_gettext("Webhook endpoint"),
    "notification": lazy_gettext("Mail"),
    "person_token": lazy_gettext("One-time link"),
    "merchant_application": lazy_gettext("Application"),
    "list": lazy_gettext("List"),
    "books": lazy_gettext("Books"),
}
# Kind → the page of such an object, the argument that names it, and what it takes to see it.
_PAGES = {
    "payment": ("PaymentsView.show", "public_id", Permission.PAYMENTS_READ),
    "payment_link": ("PaymentLinksView.show", "public_id", Permission.LINKS_READ),
    "bulk_upload": ("UploadsView.show", "upload_id", Permission.UPLOADS_READ),
    "price_list": ("PriceListsView.show", "public_id", Permission.PRICES_READ),
    "dispute": ("DisputesView.show", "public_id", Permission.DISPUTES_READ),
    "inbound_event": ("InboundView.show", "public_id", Permission.INBOUND_READ),
    "approval_request": ("ApprovalsView.show", "public_id", Permission.APPROVALS_READ),
    "webhook_endpoint": ("WebhookEndpointsView.show", "public_id", Permission.WEBHOOKS_READ),
    "api_key": ("ApiKeysView.show", "public_id", Permission.KEYS_READ),
    "notification": ("NotificationsView.show", "public_id", Permission.NOTIFICATIONS_READ),
    "merchant_application": (
        "ApplicationsView.show",
        "public_id",
        Permission.APPLICATIONS_READ,
    ),
    "desk_case": ("DeskView.show", "public_id", Permission.DESK_READ),
}


def object_word(kind: str) -> str:
    """Return what a kind of object is called."""
    return str(OBJECTS.get(kind, kind.replace("_", " ")))


def object_href(actor: Actor, kind: str, object_id: str) -> str:
    """Return the address of an object's page; empty where there is none for this reader."""
    endpoint, argument, permission = _PAGES.get(kind, ("", "", None))
    if permission is None or not actor.may(permission):
        return ""
    named: dict[str, Any] = {argument: object_id}
    return url_for(endpoint, **named)
