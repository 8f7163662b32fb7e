"""The contract for what a provider sends by itself: who proves to be it, and what it says."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from app.errors import PayAgencyError, said

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from app.providers.facts import ProviderEvent
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
