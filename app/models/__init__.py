"""Tables; a file per aggregate."""

from app.models.api_keys import ApiKey
from app.models.applications import MerchantApplication
from app.models.approvals import ApprovalDecision, ApprovalRequest
from app.models.audit import AuditEntry
from app.models.bulk import BulkReference, BulkRow, BulkUpload
from app.models.crypto_quotes import CryptoQuote
from app.models.desk import DeskCase
from app.models.disputes import Dispute
from app.models.inbound import InboundEvent
from app.models.ledger import LedgerAccount, LedgerBalance, LedgerJournal, LedgerLine
from app.models.mail_allowance import MailAllowance
from app.models.merchants import (
    AmountLimit,
    Capability,
    ConnectorAccount,
    Membership,
    Merchant,
    Price,
)
from app.models.notifications import Notification, PersonToken
from app.models.operations import Evidence, Operation, OperationEvent, ProviderCall
from app.models.payment_links import PaymentLink
from app.models.payments import Attempt, Payment
from app.models.preferences import Preference
from app.models.pricing import PriceList, PriceRule
from app.models.settlement import Lot, SettlementSchedule
from app.models.tasks import IdempotencyKey, Outbox, ProcessLease, ReleaseMarker
from app.models.webhooks_out import (
    Event,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookResend,
)

APPEND_ONLY = (
    ApprovalDecision,
    AuditEntry,
    Event,
    Evidence,
    LedgerJournal,
    LedgerLine,
    OperationEvent,
    ProviderCall,
    WebhookAttempt,
)

__all__ = [
    "APPEND_ONLY",
    "AmountLimit",
    "ApiKey",
    "ApprovalDecision",
    "ApprovalRequest",
    "Attempt",
    "AuditEntry",
    "BulkReference",
    "BulkRow",
    "BulkUpload",
    "Capability",
    "ConnectorAccount",
    "CryptoQuote",
    "DeskCase",
    "Dispute",
    "Event",
    "Evidence",
    "IdempotencyKey",
    "InboundEvent",
    "LedgerAccount",
    "LedgerBalance",
    "LedgerJournal",
    "LedgerLine",
    "Lot",
    "MailAllowance",
    "Membership",
    "Merchant",
    "MerchantApplication",
    "Notification",
    "Operation",
    "OperationEvent",
    "Outbox",
    "Payment",
    "PaymentLink",
    "PersonToken",
    "Preference",
    "Price",
    "PriceList",
    "PriceRule",
    "ProcessLease",
    "ProviderCall",
    "ReleaseMarker",
    "SettlementSchedule",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookEndpoint",
    "WebhookResend",
]
