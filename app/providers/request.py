"""What is asked of a provider, and of which of our accounts with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.errors import ConfigurationError
from app.providers.facts import is_web_address

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.providers.capabilities import Verb


@dataclass(frozen=True, slots=True)
class ConnectorConfig:
    """One connector account: where it is and how to sign in. `account` is its public id."""

    connector: str
    account: str
    base_url: str
    credentials: Mapping[str, str] = field(repr=False)

    def address(self, path: str) -> str:
        """Join the base URL and `path`, which starts with a slash; ConfigurationError if unusable.

        Parts of `path` that come from outside must be quoted by the caller.
        """
        if not is_web_address(self.base_url):
            raise ConfigurationError([f"{self.account}: base_url is no http or https address."])
        return self.base_url.rstrip("/") + path

    def credential(self, name: str) -> str:
        """Read one credential; ConfigurationError names it when it is missing."""
        value = self.credentials.get(name, "")
        if not value:
            raise ConfigurationError(
                [f"{self.account}: {name} is missing. Set it on the connector account."]
            )
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRequest:
    """One thing asked of a provider.

    `key` is the operation's own idempotency key; `amount_minor` counts minor units of `currency`;
    `reference` and `operation` are our public ids of payment and operation; `parent_reference` is
    the provider's id of the charge that a capture, void or refund belongs to. For LOOK_UP, `key`
    and `looked_up_verb` are those of the operation looked up, and `provider_reference` is the
    provider's id of it where one is known. `method` and `method_name` name the method as its row
    does; `details` is what it needs besides (`vpa` of a collect request, `refund_address`).
    `encrypted_card` is a card as a compact JWE to the account's key: it is never stored.
    """

    verb: Verb
    key: str
    amount_minor: int
    currency: str
    reference: str
    operation: str
    parent_reference: str | None = None
    card_token: str | None = field(default=None, repr=False)
    encrypted_card: str | None = field(default=None, repr=False)
    return_url: str | None = None
    description: str = ""
    reason: str | None = None
    provider_reference: str | None = None
    looked_up_verb: Verb | None = None
    method: str = "card"
    method_name: str = ""
    details: Mapping[str, str] = field(default_factory=dict, repr=False)
