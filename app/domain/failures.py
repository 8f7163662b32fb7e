"""Why a payment failed: one vocabulary over all providers, and words for those who read it.

The groups follow what card schemes, NPCI and the providers' own pages tell merchants to do about
a decline. What a payer reads never tells a thief that a card was reported or a rule was met.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from app.domain.failure_codes import FailureCode, FailureGroup, WhoCanAct
from app.errors import said

if TYPE_CHECKING:
    from collections.abc import Mapping


__all__ = [
    "WORDS",
    "Failure",
    "FailureCode",
    "FailureGroup",
    "FailureWords",
    "WhoCanAct",
    "describe",
]

_GROUP_WORDS: Final[Mapping[FailureGroup, str]] = MappingProxyType(
    {
        FailureGroup.DO_NOT_RETRY: said("Do not try this again."),
        FailureGroup.RETRY_LATER: said("The same payment may succeed later."),
        FailureGroup.RETRY_WITH_OTHER_DATA: said("Try again with corrected or other details."),
        FailureGroup.ASK_THE_BANK: said("The payer's bank decides; the payer should ask it."),
        FailureGroup.FIX_THE_INTEGRATION: said("Correct the request or the settings first."),
        FailureGroup.FRAUD: said("Do not try again, and do not tell the payer why."),
    },
)


@dataclass(frozen=True, slots=True)
class FailureWords:
    """What a failure means: `for_merchant` and `for_payer` are whole sentences in English."""

    group: FailureGroup
    who_can_act: WhoCanAct
    for_merchant: str
    for_payer: str

    @property
    def group_words(self) -> str:
        """What makes sense next, in words."""
        return _GROUP_WORDS[self.group]


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure: ours, and what the provider itself said, word for word (already scrubbed)."""

    code: FailureCode
    provider_code: str
    provider_text: str


def describe(code: FailureCode) -> FailureWords:
    """What a failure means, who can act, and how to say it; defined for every code."""
    return WORDS[code]


_NOT_NOW: Final = said("The payment could not be processed right now. Please try again later.")
_NOT_HERE: Final = said("This payment cannot be made right now. Please contact the shop.")
_OTHER_WAY: Final = said("The payment was declined. Please use another way to pay.")
_ASK: Final = said(
    "Your bank declined the payment. Please ask your bank, or use another way to pay."
)
_CHECK: Final = said("Please check the details that you typed and try again.")

WORDS: Final[Mapping[FailureCode, FailureWords]] = MappingProxyType(
    {
        FailureCode.ACCOUNT_CLOSED: FailureWords(
            FailureGroup.DO_NOT_RETRY,
            WhoCanAct.PAYER,
            said("The payer's account or card is closed."),
            _OTHER_WAY,
        ),
        FailureCode.INVALID_ACCOUNT: FailureWords(
            FailureGroup.DO_NOT_RETRY,
            WhoCanAct.PAYER,
            said("The bank knows no such account or card."),
            _OTHER_WAY,
        ),
        FailureCode.CARD_REVOKED: FailureWords(
            FailureGroup.DO_NOT_RETRY,
            WhoCanAct.PAYER,
            said("The payer has withdrawn the permission for this and further payments."),
            said("You have withdrawn the permission for this payment."),
        ),
        FailureCode.NOT_PERMITTED: FailureWords(
            FailureGroup.DO_NOT_RETRY,
            WhoCanAct.BANK,
            said("The bank does not allow this kind of payment on this account or card."),
            _OTHER_WAY,
        ),
        FailureCode.DUPLICATE: FailureWords(
            FailureGroup.DO_NOT_RETRY,
            WhoCanAct.MERCHANT,
            said("The provider has just seen the same payment; look for the first one."),
            said("This payment seems to have been made already. Please do not pay twice."),
        ),
        FailureCode.BANK_DEBIT_RETURNED: FailureWords(
            FailureGroup.DO_NOT_RETRY,
            WhoCanAct.PAYER,
            said("The bank returned the debit after it had been paid."),
            said("Your bank returned the payment. Please contact the shop."),
        ),
        FailureCode.CHAIN_REORGANIZED: FailureWords(
            FailureGroup.DO_NOT_RETRY,
            WhoCanAct.PAYER,
            said("The chain dropped the transaction after it had been seen."),
            said("Your transaction was dropped by the network. Please check your wallet."),
        ),
        FailureCode.INSUFFICIENT_FUNDS: FailureWords(
            FailureGroup.RETRY_LATER,
            WhoCanAct.PAYER,
            said("There is not enough money in the payer's account."),
            said(
                "There is not enough money in the account. "
                "Please use another way to pay or try later."
            ),
        ),
        FailureCode.LIMIT_EXCEEDED: FailureWords(
            FailureGroup.RETRY_LATER,
            WhoCanAct.PAYER,
            said("The payment passes a limit that the payer's bank has set."),
            said("The payment passes a limit of your account. Please try later or ask your bank."),
        ),
        FailureCode.TOO_MANY_TRIES: FailureWords(
            FailureGroup.RETRY_LATER,
            WhoCanAct.PAYER,
            said("The bank counts too many tries in a short time."),
            said("There were too many tries. Please wait a day or use another way to pay."),
        ),
        FailureCode.BANK_UNAVAILABLE: FailureWords(
            FailureGroup.RETRY_LATER,
            WhoCanAct.BANK,
            said("The payer's bank does not answer."),
            said("Your bank does not answer at the moment. Please try again later."),
        ),
        FailureCode.PROVIDER_UNAVAILABLE: FailureWords(
            FailureGroup.RETRY_LATER,
            WhoCanAct.PROVIDER,
            said("The provider cannot be reached; nothing was sent."),
            _NOT_NOW,
        ),
        FailureCode.RATE_LIMITED: FailureWords(
            FailureGroup.RETRY_LATER,
            WhoCanAct.US,
            said("The provider takes no more requests for the moment; nothing was done."),
            _NOT_NOW,
        ),
        FailureCode.PROCESSING_ERROR: FailureWords(
            FailureGroup.RETRY_LATER,
            WhoCanAct.PROVIDER,
            said("Something went wrong at the provider or the bank while processing."),
            _NOT_NOW,
        ),
        FailureCode.NOT_PROCESSED: FailureWords(
            FailureGroup.RETRY_LATER,
            WhoCanAct.US,
            said("No answer came, and the provider, asked again, knows nothing of the payment."),
            _NOT_NOW,
        ),
        FailureCode.PROVIDER_BALANCE_LOW: FailureWords(
            FailureGroup.RETRY_LATER,
            WhoCanAct.US,
            said("The balance at the provider does not cover this refund or payout yet."),
            said("The refund is delayed. Please contact the shop."),
        ),
        FailureCode.CANCELED_BY_PAYER: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The payer broke off the payment."),
            said("You have canceled the payment. You can start again at any time."),
        ),
        FailureCode.PAYER_TIMED_OUT: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The payer did not finish in time."),
            said("The time to pay is over. Please start again."),
        ),
        FailureCode.CARD_DETAILS_GONE: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The card was not charged: its details are kept nowhere and are gone."),
            said("Your card was not charged. Please enter it again."),
        ),
        FailureCode.INCORRECT_NUMBER: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The card or account number is wrong."),
            _CHECK,
        ),
        FailureCode.INCORRECT_SECURITY_CODE: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The security code is wrong."),
            _CHECK,
        ),
        FailureCode.INCORRECT_EXPIRY: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The expiry date is wrong."),
            _CHECK,
        ),
        FailureCode.EXPIRED_CARD: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The card has expired."),
            said("The card has expired. Please use another one."),
        ),
        FailureCode.INCORRECT_PIN: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The PIN is wrong."),
            said("The PIN is wrong. Please try again."),
        ),
        FailureCode.ADDRESS_MISMATCH: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The billing address is not the one that the bank knows."),
            _CHECK,
        ),
        FailureCode.AUTHENTICATION_REQUIRED: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The bank wants the payer to confirm the payment; try again with a challenge."),
            said("Your bank wants you to confirm the payment. Please try again."),
        ),
        FailureCode.AUTHENTICATION_FAILED: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The payer did not pass the bank's confirmation."),
            said("The payment was not confirmed. Please try again or use another way to pay."),
        ),
        FailureCode.INVALID_UPI_ADDRESS: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The UPI address does not exist."),
            _CHECK,
        ),
        FailureCode.INVALID_CRYPTO_ADDRESS: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("The address is not one of this asset and chain."),
            _CHECK,
        ),
        FailureCode.CARD_NOT_SUPPORTED: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("This brand or type of card is not accepted."),
            said("This card is not accepted here. Please use another one."),
        ),
        FailureCode.AMOUNT_INCOMPLETE: FailureWords(
            FailureGroup.RETRY_WITH_OTHER_DATA,
            WhoCanAct.PAYER,
            said("Less arrived than was asked for."),
            said("Less arrived than was asked for. Please send the rest or contact the shop."),
        ),
        FailureCode.CARD_DECLINED: FailureWords(
            FailureGroup.ASK_THE_BANK,
            WhoCanAct.PAYER,
            said("The payer's bank declined without giving a reason."),
            _ASK,
        ),
        FailureCode.CALL_THE_BANK: FailureWords(
            FailureGroup.ASK_THE_BANK,
            WhoCanAct.PAYER,
            said("The bank wants the payer to call before it decides."),
            _ASK,
        ),
        FailureCode.CARD_RESTRICTED: FailureWords(
            FailureGroup.ASK_THE_BANK,
            WhoCanAct.PAYER,
            said("The bank has restricted what the card may be used for."),
            _ASK,
        ),
        FailureCode.CARD_NOT_ACTIVATED: FailureWords(
            FailureGroup.ASK_THE_BANK,
            WhoCanAct.PAYER,
            said("The card has not been activated."),
            said("The card has not been activated. Please ask your bank."),
        ),
        FailureCode.ONLINE_NOT_ENABLED: FailureWords(
            FailureGroup.ASK_THE_BANK,
            WhoCanAct.PAYER,
            said("Payments on the internet are switched off for this card."),
            said(
                "Online payments are switched off for this card. "
                "You can switch them on at your bank."
            ),
        ),
        FailureCode.ABROAD_NOT_ENABLED: FailureWords(
            FailureGroup.ASK_THE_BANK,
            WhoCanAct.PAYER,
            said("Payments abroad are switched off for this card."),
            said(
                "Payments abroad are switched off for this card. "
                "You can switch them on at your bank."
            ),
        ),
        FailureCode.UPI_NOT_ENABLED: FailureWords(
            FailureGroup.ASK_THE_BANK,
            WhoCanAct.PAYER,
            said("The payer's account is not set up for UPI."),
            said(
                "Your account is not set up for UPI. "
                "Please ask your bank or use another way to pay."
            ),
        ),
        FailureCode.INVALID_REQUEST: FailureWords(
            FailureGroup.FIX_THE_INTEGRATION,
            WhoCanAct.US,
            said("The provider refused the request as malformed."),
            _NOT_HERE,
        ),
        FailureCode.INVALID_TOKEN: FailureWords(
            FailureGroup.FIX_THE_INTEGRATION,
            WhoCanAct.MERCHANT,
            said("The card token is unknown, used up or of another account."),
            _NOT_HERE,
        ),
        FailureCode.INVALID_STATE: FailureWords(
            FailureGroup.FIX_THE_INTEGRATION,
            WhoCanAct.MERCHANT,
            said("What was asked for is no longer, or not yet, possible for this payment."),
            _NOT_HERE,
        ),
        FailureCode.CONFIGURATION_ERROR: FailureWords(
            FailureGroup.FIX_THE_INTEGRATION,
            WhoCanAct.US,
            said("The provider refused our credentials or settings."),
            _NOT_HERE,
        ),
        FailureCode.METHOD_NOT_ENABLED: FailureWords(
            FailureGroup.FIX_THE_INTEGRATION,
            WhoCanAct.MERCHANT,
            said("This method of payment is not enabled."),
            said("This way to pay is not available. Please choose another one."),
        ),
        FailureCode.CURRENCY_NOT_SUPPORTED: FailureWords(
            FailureGroup.FIX_THE_INTEGRATION,
            WhoCanAct.MERCHANT,
            said("The provider does not take this currency for this method."),
            _NOT_HERE,
        ),
        FailureCode.AMOUNT_TOO_SMALL: FailureWords(
            FailureGroup.FIX_THE_INTEGRATION,
            WhoCanAct.MERCHANT,
            said("The amount is below what the provider takes."),
            said("The amount is too small for this way to pay. Please choose another one."),
        ),
        FailureCode.AMOUNT_TOO_LARGE: FailureWords(
            FailureGroup.FIX_THE_INTEGRATION,
            WhoCanAct.MERCHANT,
            said("The amount is above what the provider takes."),
            said("The amount is too large for this way to pay. Please choose another one."),
        ),
        FailureCode.UNRECOGNISED: FailureWords(
            FailureGroup.FIX_THE_INTEGRATION,
            WhoCanAct.US,
            said("The provider gave a reason that we do not know yet; see its own words."),
            _OTHER_WAY,
        ),
        FailureCode.FRAUD_SUSPECTED: FailureWords(
            FailureGroup.FRAUD,
            WhoCanAct.MERCHANT,
            said("The bank or the provider suspects fraud."),
            _OTHER_WAY,
        ),
        FailureCode.LOST_CARD: FailureWords(
            FailureGroup.FRAUD, WhoCanAct.MERCHANT, said("The card was reported lost."), _OTHER_WAY
        ),
        FailureCode.STOLEN_CARD: FailureWords(
            FailureGroup.FRAUD,
            WhoCanAct.MERCHANT,
            said("The card was reported stolen."),
            _OTHER_WAY,
        ),
        FailureCode.BLOCKED_BY_RULE: FailureWords(
            FailureGroup.FRAUD,
            WhoCanAct.MERCHANT,
            said("A risk rule stopped the payment before it was sent."),
            _OTHER_WAY,
        ),
    },
)
