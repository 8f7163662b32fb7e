"""The vocabulary of failures: codes, groups, and who can act."""

from __future__ import annotations

from enum import StrEnum, auto


class FailureGroup(StrEnum):
    """What makes sense next."""

    DO_NOT_RETRY = auto()
    RETRY_LATER = auto()
    RETRY_WITH_OTHER_DATA = auto()
    ASK_THE_BANK = auto()
    FIX_THE_INTEGRATION = auto()
    FRAUD = auto()


class WhoCanAct(StrEnum):
    """Who can do something about it; `us` is the agency itself."""

    PAYER = auto()
    MERCHANT = auto()
    BANK = auto()
    PROVIDER = auto()
    US = auto()


class FailureCode(StrEnum):
    """The normalised code; each connector maps its provider's own codes onto these."""

    ACCOUNT_CLOSED = auto()
    INVALID_ACCOUNT = auto()
    CARD_REVOKED = auto()
    NOT_PERMITTED = auto()
    DUPLICATE = auto()
    BANK_DEBIT_RETURNED = auto()
    CHAIN_REORGANIZED = auto()

    INSUFFICIENT_FUNDS = auto()
    LIMIT_EXCEEDED = auto()
    TOO_MANY_TRIES = auto()
    BANK_UNAVAILABLE = auto()
    PROVIDER_UNAVAILABLE = auto()
    RATE_LIMITED = auto()
    PROCESSING_ERROR = auto()
    NOT_PROCESSED = auto()
    PROVIDER_BALANCE_LOW = auto()

    CANCELED_BY_PAYER = auto()
    PAYER_TIMED_OUT = auto()
    INCORRECT_NUMBER = auto()
    INCORRECT_SECURITY_CODE = auto()
    INCORRECT_EXPIRY = auto()
    EXPIRED_CARD = auto()
    INCORRECT_PIN = auto()
    ADDRESS_MISMATCH = auto()
    AUTHENTICATION_REQUIRED = auto()
    AUTHENTICATION_FAILED = auto()
    INVALID_UPI_ADDRESS = auto()
    INVALID_CRYPTO_ADDRESS = auto()
    CARD_NOT_SUPPORTED = auto()
    AMOUNT_INCOMPLETE = auto()
    CARD_DETAILS_GONE = auto()

    CARD_DECLINED = auto()
    CALL_THE_BANK = auto()
    CARD_RESTRICTED = auto()
    CARD_NOT_ACTIVATED = auto()
    ONLINE_NOT_ENABLED = auto()
    ABROAD_NOT_ENABLED = auto()
    UPI_NOT_ENABLED = auto()

    INVALID_REQUEST = auto()
    INVALID_TOKEN = auto()
    INVALID_STATE = auto()
    CONFIGURATION_ERROR = auto()
    METHOD_NOT_ENABLED = auto()
    CURRENCY_NOT_SUPPORTED = auto()
    AMOUNT_TOO_SMALL = auto()
    AMOUNT_TOO_LARGE = auto()
    UNRECOGNISED = auto()

    FRAUD_SUSPECTED = auto()
    LOST_CARD = auto()
    STOLEN_CARD = auto()
    BLOCKED_BY_RULE = auto()
