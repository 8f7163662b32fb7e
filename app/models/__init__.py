"""Tables; a file per aggregate."""

from app.models.audit import AuditEntry
from app.models.bulk import BulkReference, BulkRow, BulkUpload
from app.models.ledger import LedgerAccount, LedgerBalance, LedgerJournal, LedgerLine
from app.models.merchants import (
    AmountLimit,
    Capability,
    ConnectorAccount,
    Membership,
    Merchant,
    Price,
)
from app.models.operations import Evidence, Operation, OperationEvent, ProviderCall
from app.models.payments import Attempt, Payment
from app.models.preferences import Preference
from app.models.tasks import IdempotencyKey, Outbox, ProcessLease, ReleaseMarker

APPEND_ONLY = (AuditEntry, Evidence, LedgerJournal, LedgerLine, OperationEvent, ProviderCall)

__all__ = [
    "APPEND_ONLY",
    "AmountLimit",
    "Attempt",
    "AuditEntry",
    "BulkReference",
    "BulkRow",
    "BulkUpload",
    "Capability",
    "ConnectorAccount",
    "Evidence",
    "IdempotencyKey",
    "LedgerAccount",
    "LedgerBalance",
    "LedgerJournal",
    "LedgerLine",
    "Membership",
    "Merchant",
    "Operation",
    "OperationEvent",
    "Outbox",
    "Payment",
    "Preference",
    "Price",
    "ProcessLease",
    "ProviderCall",
    "ReleaseMarker",
]
