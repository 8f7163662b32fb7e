"""The sandbox's messages: `Sandbox-Signature: t=<unix>,v1=<hex>` over the time and the raw body."""

from __future__ import annotations

import hashlib
import hmac
import re
from typing import TYPE_CHECKING, Any

from app.errors import said
from app.providers.base import ConnectorConfig, ProviderEvent, Verb
from app.providers.http import HttpCall
from app.providers.sandbox import mapping, wire
from app.providers.transcript import json_content
from app.providers.webhooks import WebhookReader, WebhookRefusedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

HEADER = "sandbox-signature"
TOLERANCE_SECONDS = 300
# A time, and one signature for each secret that is valid while secrets are changed.
_SIGNED = re.compile(r"t=(?P<time>[0-9]{1,12})(?P<signatures>(,v1=[0-9a-f]{64}){1,5})", re.ASCII)
_SIGNATURES = re.compile(r"v1=([0-9a-f]{64})", re.ASCII)
_KINDS = {f"{word}.updated": verb for verb, word in mapping.OBJECTS.items()}
# A charge does not say whether it was asked for as a purchase.
_KINDS["charge.updated"] = Verb.PURCHASE


class SandboxWebhooks(WebhookReader):
    """Verifies with the credential `webhook_secret`; one message carries one event."""

    def verify(
        self, config: ConnectorConfig, headers: Mapping[str, str], body: bytes, now: datetime
    ) -> None:
        """Refuse all but these very bytes, signed with our secret within five minutes of `now`."""
        secret = config.credentials.get("webhook_secret", "")
        if not secret:
            raise WebhookRefusedError(
                said("{account}: webhook_secret is missing.", account=config.account)
            )
        signed = _SIGNED.fullmatch(headers.get(HEADER, ""))
        if signed is None:
            raise WebhookRefusedError(said("The signature is missing or garbled."))
        if abs(int(now.timestamp()) - int(signed["time"])) > TOLERANCE_SECONDS:
            raise WebhookRefusedError(said("The signature is too old, or of the future."))
        content = signed["time"].encode() + b"." + body
        ours = hmac.new(secret.encode(), content, hashlib.sha256).hexdigest()
        theirs = _SIGNATURES.findall(signed["signatures"])
        matches = [hmac.compare_digest(ours, each) for each in theirs]
        if not any(matches):
            raise WebhookRefusedError(said("The signature does not belong to this message."))

    def events(self, body: Mapping[str, Any]) -> tuple[ProviderEvent, ...]:
        """Read the one event; a kind that we do not know is kept, and moves nothing."""
        event_id, kind = wire.text(body, "id"), wire.text(body, "type")
        verb = _KINDS.get(kind)
        if verb is None:
            return (ProviderEvent(event_id=event_id, kind=kind, verb=None),)
        return (_event(event_id, kind, verb, body["data"]),)

    def registration(self, config: ConnectorConfig, url: str) -> HttpCall:
        """Set the one endpoint of the account; the sandbox keeps the secret."""
        content = {"url": url, "secret": config.credential("webhook_secret")}
        return HttpCall(
            method="PUT",
            url=config.address("/v1/webhook_endpoint"),
            headers={
                "Authorization": f"Bearer {config.credential('secret_key')}",
                "Content-Type": "application/json",
            },
            content=json_content(content),
            shown={"url": url},
        )


def _event(event_id: str, kind: str, verb: Verb, data: Mapping[str, Any]) -> ProviderEvent:
    if verb is Verb.PURCHASE:
        verb = _charge_verb(data)
    reading = mapping.read_object(verb, data)
    return ProviderEvent(
        event_id=event_id,
        kind=kind,
        verb=verb,
        provider_reference=reading.provider_reference,
        operation=_operation(verb, data),
        parent_reference=None if data["object"] == "charge" else wire.text(data, "charge"),
        reading=reading,
    )


def _charge_verb(charge: Mapping[str, Any]) -> Verb:
    """Tell a charge that can only have been authorized from one that may have been a purchase."""
    held = mapping.STATUSES[Verb.PURCHASE].get(charge["status"]) is None
    return Verb.AUTHORIZE if held and charge["failure"] is None else Verb.PURCHASE


def _operation(verb: Verb, data: Mapping[str, Any]) -> str | None:
    """Read our id of the operation; a dispute carries its charge's, and has none of its own."""
    return None if verb is Verb.DISPUTE else wire.text_or_none(data["metadata"], "operation")
