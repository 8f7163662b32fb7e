"""What the API's description says beyond its routes: headers, examples, and what holds for all."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from app.domain.api_keys import API_VERSION
from app.views.api.entrance import IDEMPOTENT, KEY_HEADER, V1, VERSION_HEADER
from app.views.problems import MEDIA_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from flask import Flask

REPLAYED_HEADER: Final = "Idempotent-Replayed"
REQUEST_HEADER: Final = "Request-Id"
RATE_HEADER: Final = "RateLimit"

ABOUT: Final = f"""\
Payments, payment links, refunds, balances and webhooks of a merchant, for the merchant's own
programs.

**Keys.** Each request carries an API key in the header `Authorization: Bearer sk_test_…`. A key
that begins with `sk_test_` works in the test book, where no money moves; one that begins with
`sk_live_` works in the live book.

**Amounts** are integers in the smallest unit of their currency: `1050` with `EUR` is 10.50 euros.

**Once only.** A POST carries a header `{KEY_HEADER}`. Sent again with the same key and the same
body, it does nothing anew and answers how things stand now, with `{REPLAYED_HEADER}: true`. So a
request whose answer was lost can be sent again. Keys are remembered for 31 days.

**Errors** are told as RFC 9457 describes (`{MEDIA_TYPE}`): `code` for programs, `detail` for
people, `errors` with the places of the body that were wrong.

**Versions.** A key stays with the version of the API that it was made for. The present one is
`{API_VERSION}`.
"""

KEY: Final = "An API key as it was shown when it was made; it begins with sk_test_ or sk_live_."

PARAMETERS: Final[Mapping[str, dict[str, Any]]] = {
    "IdempotencyKey": {
        "name": KEY_HEADER,
        "in": "header",
        "required": True,
        "description": (
            "A random text, such as a UUID: a new one for each new request, and the same one when a"
            " request is sent again because its answer was lost."
        ),
        "schema": {"type": "string", "minLength": 1, "maxLength": 255},
    },
}

HEADERS: Final[Mapping[str, dict[str, Any]]] = {
    "RequestId": {
        "description": "The id of this request. Name it when you ask for help.",
        "schema": {"type": "string"},
    },
    "Version": {
        "description": "The version of the API that the key is pinned to.",
        "schema": {"type": "string"},
    },
    "Rate": {
        "description": "How many requests of the key are left (r), and for how many seconds (t).",
        "schema": {"type": "string"},
    },
    "Replayed": {
        "description": "`true` where the request had been done before under the same key.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}

EXAMPLES: Final[Mapping[str, dict[str, Any]]] = {
    "PaymentRequest": {
        "amount": 1050,
        "currency": "EUR",
        "method": {"type": "card", "token": "tok_approve"},
        "reference": "order-17",
        "customer": {"name": "Maria Garcia", "email": "maria@example.com"},
        "description": "Two tickets",
    },
    "LinkRequest": {
        "title": "Invoice 2026-17",
        "amount": 1050,
        "currency": "EUR",
        "reference": "inv-2026-17",
    },
    "EndpointRequest": {"url": "https://shop.example/webhooks", "events": ["payment.*"]},
    "ConfirmRequest": {"retry_failed": False},
    "CaptureRequest": {"amount": 1050},
    "CancelRequest": {"reason": "The basket was emptied"},
    "RefundRequest": {"amount": 1050, "reason": "Sent back"},
}
"""A body of each kind that the sandbox's test book takes; one made from a schema would not be."""


FILES: Final[Mapping[str, dict[str, Any]]] = {
    f"{V1.name}.get_bulk_upload_errors": {"text/csv": {"schema": {"type": "string"}}},
}
"""Endpoints that hand out a file, and of what kind."""


def complete(document: dict[str, Any], app: Flask) -> dict[str, Any]:
    """Add to the description of the routes what cannot be read from them; answers the same one."""
    document["info"]["description"] = ABOUT
    components = document["components"]
    components["parameters"] = dict(PARAMETERS)
    components["headers"] = dict(HEADERS)
    for scheme in components["securitySchemes"].values():
        scheme["description"] = KEY
    for endpoint, operation in _operations(document, app):
        operation["operationId"] = endpoint.removeprefix(f"{V1.name}.")
        if endpoint in FILES:
            operation["responses"]["200"]["content"] = dict(FILES[endpoint])
        if endpoint in IDEMPOTENT:
            operation["parameters"] = [*operation["parameters"], _ref("parameters/IdempotencyKey")]
            _exemplify(operation)
        for status, response in operation["responses"].items():
            _describe(response, int(status), replays=endpoint in IDEMPOTENT)
    return document


def _operations(document: Mapping[str, Any], app: Flask) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each endpoint of the API with what is said of it."""
    for rule in app.url_map.iter_rules():
        ways = document["paths"].get(rule.rule.replace("<string:", "{").replace(">", "}"), {})
        for method in rule.methods or ():
            if method.lower() in ways:
                yield rule.endpoint, ways[method.lower()]


def _exemplify(operation: Mapping[str, Any]) -> None:
    for body in operation.get("requestBody", {}).get("content", {}).values():
        example = EXAMPLES.get(body["schema"].get("$ref", "").rpartition("/")[2])
        if example is not None:
            body["example"] = example


def _describe(response: dict[str, Any], status: int, *, replays: bool) -> None:
    """Name the headers of an answer; a refusal has a media type of its own."""
    headers = {REQUEST_HEADER: _ref("headers/RequestId")}
    if status != HTTPStatus.UNAUTHORIZED:
        headers[VERSION_HEADER] = _ref("headers/Version")
        headers[RATE_HEADER] = _ref("headers/Rate")
    if status < HTTPStatus.BAD_REQUEST:
        if replays:
            headers[REPLAYED_HEADER] = _ref("headers/Replayed")
    else:
        response["content"] = dict.fromkeys((MEDIA_TYPE,), *response["content"].values())
    response["headers"] = headers


def _ref(place: str) -> dict[str, str]:
    return {"$ref": f"#/components/{place}"}
