"""What a merchant sets up by itself, and what each of it must be."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from app.domain import branding, return_urls
from app.domain.bulk_rows import MAX_EMAIL, is_email
from app.domain.card_numbers import refuse
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LATE_MONEY: Final = ("accept", "refund")
"""What happens to money that comes for a payment that is over."""
LONGEST_NAME: Final = 60
"""What still stands beside a logo on a phone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantSettings:
    """Everything but the logo, as `models.Merchant` keeps it; empty is what was left out."""

    shown_name: str
    colour: str
    support_email: str
    support_url: str
    return_url: str
    return_hosts: str
    late_money: str
    receipts: bool
    upload_mails: bool


def check(wanted: MerchantSettings) -> MerchantSettings:
    """Return settings in the form in which they are kept.

    Raises BadInputError at the field that cannot be used, CardNumberRefusedError.
    """
    if wanted.late_money not in LATE_MONEY:
        raise BadInputError("late_money", said("is missing."), said("Choose one."))
    texts: dict[str, Any] = check_texts({name: getattr(wanted, name) for name in TEXTS})
    return replace(wanted, **texts)


def check_texts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return those of TEXTS that are given, in the form in which they are kept.

    The usual address must be one that payers may go on to. Raises what `check` raises.
    """
    kept = {name: rule(values[name] or "") for name, rule in TEXTS.items() if name in values}
    if kept.get("return_url"):
        # One's own machine is allowed in the test book only; in the live one it is passed over.
        hosts = kept.get("return_hosts", "").split()
        return_urls.check(kept["return_url"], hosts, livemode=False)
    return kept


def _shown_name(text: str) -> str:
    found = " ".join(text.split())
    refuse(found, "shown_name")
    if not found.isprintable():
        raise BadInputError("shown_name", said("has characters that cannot be printed."))
    if len(found) > LONGEST_NAME:
        raise BadInputError(
            "shown_name", said("is longer than {count} characters.", count=LONGEST_NAME)
        )
    return found


def _support_email(text: str) -> str:
    found = text.strip()
    if found and (len(found) > MAX_EMAIL or not is_email(found)):
        raise BadInputError(
            "support_email", said("is no e-mail address."), said("Correct or empty it.")
        )
    return found


def _support_url(text: str) -> str:
    try:
        return return_urls.check(text, (), livemode=True)
    except BadInputError as error:
        raise BadInputError("support_url", error.reason, error.way_out) from error


def _return_hosts(text: str) -> str:
    return return_urls.kept(return_urls.parse_hosts(text))


TEXTS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {
        "shown_name": _shown_name,
        "colour": branding.parse_colour,
        "support_email": _support_email,
        "support_url": _support_url,
        "return_hosts": _return_hosts,
        "return_url": return_urls.check_address,
    }
)
"""What is typed, and how it is read."""
