"""The connector to the sandbox provider: cards by token, automatic and manual capture."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from app.domain.methods.rows import MethodRow
from app.errors import BadInputError, said
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
from app.providers.transcript import json_content

if TYPE_CHECKING:
    from collections.abc import Mapping

_BY_KEY = VerbCapability(Idempotency("key", 24 * 60 * 60), frozenset(("by_key", "by_id")))
_READ_ONLY = VerbCapability(Idempotency("none", 0), frozenset())


class SandboxConnector(Connector):
    """Speaks the sandbox's `/v1`; the one credential is `secret_key`."""

    name = "sandbox"
    capabilities = Capabilities(
        methods=frozenset(("card",)),
        currencies=None,
        verbs={**dict.fromkeys(mapping.OBJECTS, _BY_KEY), Verb.LOOK_UP: _READ_ONLY},
        card_entry=frozenset(("token",)),
        rows=(MethodRow(family="card", name="", title="Card", manual_capture=True),),
    )

    def build(self, config: ConnectorConfig, request: ProviderRequest) -> HttpCall:
        """Put the request into the sandbox's words."""
        headers = {"Authorization": f"Bearer {config.credential('secret_key')}"}
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

    def read(self, request: ProviderRequest, status: int, body: Mapping[str, object]) -> Reading:
        """Read by the tables of `mapping`."""
        return mapping.read(request, status, body)


def _asked_at(request: ProviderRequest) -> str:
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
        return f"/v1/by-key/{quote(request.key, safe='')}"
    kind = mapping.OBJECTS[request.looked_up_verb]
    return f"/v1/{kind}s/{quote(request.provider_reference, safe='')}"


def _charge(request: ProviderRequest) -> dict[str, object]:
    if request.card_token is None:
        raise BadInputError(
            "card_token", said("is missing."), said("The payer has to give the card again.")
        )
    body: dict[str, object] = {
        "amount_minor": request.amount_minor,
        "currency": request.currency,
        "capture": request.verb is Verb.PURCHASE,
        "source": {"token": request.card_token},
        "reference": request.reference,
        "metadata": {"operation": request.operation},
    }
    return body if request.return_url is None else {**body, "return_url": request.return_url}


def _part(request: ProviderRequest) -> dict[str, object]:
    body: dict[str, object] = {"metadata": {"operation": request.operation}}
    if request.verb is not Verb.VOID:
        body["amount_minor"] = request.amount_minor
    return {**body, "reason": request.reason} if request.reason else body
