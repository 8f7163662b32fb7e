"""The connector to the sandbox provider: all method families, by the rows of `rows`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from app.domain.methods.rows import MethodRow
from app.errors import BadInputError, said
from app.providers import card_keys
from app.providers.base import (
    Capabilities,
    Connector,
    ConnectorConfig,
    Idempotency,
    ProviderRequest,
    Reading,
    Verb,
    VerbCapability,
)
from app.providers.http import HttpCall
from app.providers.sandbox import mapping
from app.providers.sandbox.rows import ROWS
from app.providers.sandbox.webhook import SandboxWebhooks
from app.providers.transcript import json_content

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.domain.methods.rows import MethodRow
    from app.providers.card_keys import CardKey

_BY_KEY = VerbCapability(Idempotency("key", 24 * 60 * 60), frozenset(("by_key", "by_id")))
_BY_ID = VerbCapability(Idempotency("none", 0), frozenset(("by_id",)))
_READ_ONLY = VerbCapability(Idempotency("none", 0), frozenset())
_ASKED = (Verb.PURCHASE, Verb.AUTHORIZE, Verb.CAPTURE, Verb.VOID, Verb.REFUND)
_METHOD_FIELDS = {"upi": "flow", "crypto": "asset", "apm": "name"}


class SandboxConnector(Connector):
    """Speaks the sandbox's `/v1`; the credentials are `secret_key` and `webhook_secret`."""

    name = "sandbox"
    capabilities = Capabilities(
        methods=frozenset(row.family for row in ROWS),
        currencies=None,
        verbs={
            **dict.fromkeys(_ASKED, _BY_KEY),
            Verb.DISPUTE: _BY_ID,
            Verb.LOOK_UP: _READ_ONLY,
        },
        card_entry=frozenset(("token", "jwe")),
        rows=ROWS,
    )
    webhooks = SandboxWebhooks()

    def build(self, config: ConnectorConfig, request: ProviderRequest) -> HttpCall:
        """Put the request into the sandbox's words."""
        headers = _signed_in(config)
        if request.verb is Verb.LOOK_UP:
            return HttpCall(method="GET", url=config.address(_found_at(request)), headers=headers)
        body = _charge(request) if request.parent_reference is None else _part(request)
        headers |= {"Idempotency-Key": request.key, "Content-Type": "application/json"}
        return HttpCall(
            method="POST",
            url=config.address(_asked_at(request)),
            headers=headers,
            content=json_content(body),
            shown=body,
        )

    def card_key(self, config: ConnectorConfig) -> CardKey | None:
        """Return the sandbox's key, which is the same for all its accounts."""
        url = config.address("/v1/card-key")
        call = HttpCall(method="GET", url=url, headers=_signed_in(config))
        return card_keys.fetch(self.door, config.account, call)

    def read(self, request: ProviderRequest, status: int, body: Mapping[str, object]) -> Reading:
        """Read by the tables of `mapping`."""
        return mapping.read(request, status, body)


def _signed_in(config: ConnectorConfig) -> dict[str, str]:
    return {"Authorization": f"Bearer {config.credential('secret_key')}"}


def _asked_at(request: ProviderRequest) -> str:
    if request.verb is Verb.DISPUTE:
        raise BadInputError("verb", said("a dispute is never asked for, only looked up."))
    if request.verb in {Verb.PURCHASE, Verb.AUTHORIZE}:
        return "/v1/charges"
    if request.parent_reference is None:
        raise BadInputError(
            "parent_reference", said("the provider's id of the charge is not known.")
        )
    action = "refunds" if request.verb is Verb.REFUND else request.verb.value
    return f"/v1/charges/{quote(request.parent_reference, safe='')}/{action}"


def _found_at(request: ProviderRequest) -> str:
    if request.provider_reference is None or request.looked_up_verb is None:
        if request.looked_up_verb is Verb.DISPUTE:
            raise BadInputError(
                "provider_reference", said("the provider's id of the dispute is not known.")
            )
        return f"/v1/by-key/{quote(request.key, safe='')}"
    kind = mapping.OBJECTS[request.looked_up_verb]
    return f"/v1/{kind}s/{quote(request.provider_reference, safe='')}"


def _charge(request: ProviderRequest) -> dict[str, object]:
    row = SandboxConnector.capabilities.row(request.method, request.method_name)
    if row is None:
        name = f"{request.method} {request.method_name}".strip()
        raise BadInputError("method", said("the provider does not offer {name}.", name=name))
    if request.verb is Verb.AUTHORIZE and not row.manual_capture:
        raise BadInputError("capture", said("{name} cannot be captured later.", name=row.title))
    body: dict[str, object] = {
        "amount_minor": request.amount_minor,
        "currency": request.currency,
        "capture": request.verb is Verb.PURCHASE,
        "reference": request.reference,
        "metadata": {"operation": request.operation},
        **_paid_by(request, row),
    }
    return body if request.return_url is None else {**body, "return_url": request.return_url}


def _paid_by(request: ProviderRequest, row: MethodRow) -> dict[str, object]:
    """Say what the payer pays with, and how long there is for it."""
    if row.family == "card":
        if request.encrypted_card:
            return {"source": {"encrypted": request.encrypted_card}}
        if not request.card_token:
            raise BadInputError(
                "card_token", said("is missing."), said("The payer has to give the card again.")
            )
        return {"source": {"token": request.card_token}}
    method: dict[str, object] = {"type": row.family, _METHOD_FIELDS[row.family]: row.name}
    for name in row.details:
        if not request.details.get(name):
            raise BadInputError(name, said("is missing."), said("Ask the payer for it."))
        method[name] = request.details[name]
    return {"method": method, "expires_seconds": row.expires_seconds}


def _part(request: ProviderRequest) -> dict[str, object]:
    body: dict[str, object] = {"metadata": {"operation": request.operation}}
    if request.verb is Verb.VOID:
        return body
    body["amount_minor"] = request.amount_minor
    return {**body, "reason": request.reason} if request.reason else body
