"""What a program is told when something goes wrong: RFC 9457, in English, never a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import g, request
from werkzeug.exceptions import RequestEntityTooLarge

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from flask.typing import ResponseReturnValue
    from werkzeug.exceptions import HTTPException

    from app.errors import PayAgencyError

MEDIA_TYPE: Final = "application/problem+json"
PROGRAMS: Final = ("/v1/", "/webhooks/")
"""The beginnings of addresses that programs ask, which cannot read a page."""


_POINTERS: Final = {
    "card_token": "/method/token",
    "vpa": "/method/vpa",
    "asset": "/method/asset",
    "apm_name": "/method/name",
    "upi_flow": "/method/flow",
    "encrypted_cards": "/method/encrypted_cards",
    "customer_name": "/customer/name",
    "customer_email": "/customer/email",
    "customer_phone": "/customer/phone",
    "least": "/amount_least",
    "most": "/amount_most",
    "most_payments": "/max_payments",
}
"""Where what a service calls a place stands in a body; another place is a member of the body."""


_DETAILS: Final = {
    404: "There is nothing at this address. Compare it with /v1/openapi.json.",
    415: "Send Content-Type: application/json, in UTF-8.",
}
"""What is to be done about what the framework refuses, by HTTP status."""


def are_wanted() -> bool:
    """Tell whether a program is asking."""
    return request.path.startswith(PROGRAMS)


def problem(
    status: int,
    title: str,
    detail: str,
    *,
    code: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> ResponseReturnValue:
    """Answer a program. `errors` name the places of a body by JSON pointer (RFC 6901)."""
    told: dict[str, object] = {
        "type": "about:blank",
        "title": str(title),
        "status": status,
        "detail": str(detail),
        "instance": request.path,
        "code": code or str(title).lower().replace(" ", "_"),
        "request_id": g.get("request_id"),
    }
    if errors:
        told["errors"] = [dict(each) for each in errors]
    return told, status, {**(headers or {}), "Content-Type": MEDIA_TYPE}


def of_error(error: PayAgencyError) -> ResponseReturnValue:
    """Tell an expected error."""
    errors: Sequence[Mapping[str, str]] = getattr(error, "errors", ())
    place = error.data.get("place")
    if not errors and isinstance(place, str):
        reason = getattr(error, "without_place", error.detail)
        errors = [{"pointer": _pointer(place), "code": error.code, "detail": str(reason)}]
    headers = {}
    wait = error.data.get("retry_after_seconds")
    if wait is not None:
        headers["Retry-After"] = str(wait)
    if error.status == 401:  # noqa: PLR2004  # how HTTP says that a key is wanted
        headers["WWW-Authenticate"] = "Bearer"
    return problem(
        error.status, error.title, error.detail, code=error.code, errors=errors, headers=headers
    )


def of_http(error: HTTPException) -> ResponseReturnValue:
    """Tell what the framework refuses: an unknown address, a method, a size."""
    detail = _DETAILS.get(error.code or 0, "")
    if isinstance(error, RequestEntityTooLarge):
        most = (request.max_content_length or 0) // 1024
        detail = f"At most {most} KiB are taken at once."
    headers = {}
    allowed = getattr(error, "valid_methods", None)
    if allowed:
        headers["Allow"] = ", ".join(sorted(allowed))
        detail = f"This address takes {headers['Allow']}."
    return problem(error.code or 500, error.name, detail, headers=headers)


def unexpected() -> ResponseReturnValue:
    """Tell that something broke on our side, and nothing of what it was."""
    detail = "Try again. If it stays, tell us the request's number."
    return problem(500, "Something went wrong", detail, code="error")


def _pointer(place: str) -> str:
    if not place or place.startswith("/"):
        return place
    if place == "Idempotency-Key":
        return ""
    return _POINTERS.get(place, f"/{place}")
