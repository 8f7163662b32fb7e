"""The contract for what a provider sends by itself: who proves to be it, and what it says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from app.errors import PayAgencyError, said
from app.providers.transcript import UNREADABLE, json_object

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.providers.facts import ProviderEvent
    from app.providers.http import HttpCall
    from app.providers.request import ConnectorConfig


class WebhookRefusedError(PayAgencyError):
    """A message that its sender cannot prove to be the provider, or that cannot be read."""

    code = "webhook_refused"
    status = 400
    title = said("Message refused")


class WebhookReader(ABC):
    """Verifies and reads the messages of one kind of provider; stateless, shared by threads."""

    @abstractmethod
    def verify(
        self, config: ConnectorConfig, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> None:
        """Raise WebhookRefusedError unless the provider signed exactly these bytes lately.

        `headers` are by lower-case name, `body` is what came, unread. The secret is a credential
        of the connector account.
        """

    @abstractmethod
    def events(self, body: Mapping[str, object]) -> tuple[ProviderEvent, ...]:
        """Read the events of a verified message, whose numbers with a decimal point are text.

        Raises WebhookRefusedError, LookupError, TypeError or ValueError where it makes no sense.
        """

    def read(self, body: bytes) -> tuple[ProviderEvent, ...]:
        """Parse and read a verified message; raises nothing but WebhookRefusedError."""
        try:
            return self.events(json_object(body))
        except UNREADABLE as error:
            raise WebhookRefusedError(said("The message cannot be read.")) from error

    def registration(self, config: ConnectorConfig, url: str) -> HttpCall | None:
        """Return the call that has messages sent to `url`, signed with the account's secret.

        None where that is done by hand in the provider's own back office.
        """
        del config, url
        return None
