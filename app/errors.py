"""Errors named for the situation; each knows how it is shown and whether a retry makes sense."""

from __future__ import annotations

from typing import ClassVar


class PayAgencyError(Exception):
    """Base of every expected error.

    `code` is stable and machine-readable, `status` the HTTP status it is shown with, `retryable`
    whether the very same request may succeed later without a change.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"
    retryable: ClassVar[bool] = False

    def __init__(self, detail: str, **data: object) -> None:
        """Keep the sentence for the reader and the values that it names."""
        super().__init__(detail)
        self.detail = detail
        self.data = data


class BadInputError(PayAgencyError):
    """What was typed or sent cannot be used; `place` names where."""

    code = "bad_input"
    status = 422
    title = "This cannot be used"

    def __init__(self, place: str, reason: str, way_out: str = "") -> None:
        """Name the place, the reason and the way out."""
        detail = f"{place}: {reason}" + (f" {way_out}" if way_out else "")
        super().__init__(detail, place=place, reason=reason, way_out=way_out)
        self.place = place
        self.reason = reason
        self.way_out = way_out


class CardNumberRefusedError(BadInputError):
    """A full card number was found where none may be; it is never stored or repeated."""

    code = "card_number_refused"

    def __init__(self, place: str) -> None:
        """Name the place only: the number itself must not travel any further."""
        super().__init__(
            place,
            "contains what looks like a full card number.",
            "Remove it and use a card token instead; nothing of it was kept.",
        )


class NotFoundError(PayAgencyError):
    """The thing does not exist for this actor (also when it belongs to someone else)."""

    code = "not_found"
    status = 404
    title = "Not found"


class ForbiddenError(PayAgencyError):
    """The actor may not do this."""

    code = "forbidden"
    status = 403
    title = "Not allowed"


class TenancyError(ForbiddenError):
    """A write would cross the border between merchants or books."""

    code = "tenancy"


class CapabilityMissingError(ForbiddenError):
    """The merchant has not been granted the capability that this needs."""

    code = "capability_missing"
    title = "Not enabled for this merchant"


class LimitExceededError(PayAgencyError):
    """An amount passes a limit: nothing was changed."""

    code = "limit_exceeded"
    status = 422
    title = "Over the limit"


class IllegalStateError(PayAgencyError):
    """The object is not in a state in which this may be done."""

    code = "illegal_state"
    status = 409
    title = "Not possible now"


class IdempotencyMismatchError(PayAgencyError):
    """The same key came with another body."""

    code = "idempotency_mismatch"
    status = 422
    title = "The key was used for another request"


class IdempotencyInFlightError(PayAgencyError):
    """The first request with this key is still at work."""

    code = "idempotency_in_flight"
    status = 409
    title = "The first request is still being worked on"
    retryable = True


class DatabaseBusyError(PayAgencyError):
    """Deadlock or lock wait: the whole unit of work may be tried again."""

    code = "database_busy"
    status = 503
    title = "Busy for a moment"
    retryable = True


class CheckViolatedError(PayAgencyError):
    """The database refused a row by a CHECK constraint."""

    code = "check_violated"
    status = 422
    title = "Refused by a rule of the database"


class LeaseLostError(PayAgencyError):
    """Another worker holds the task now; what was learned is kept as evidence."""

    code = "lease_lost"
    status = 409
    title = "Taken over by another worker"


class ConfigurationError(PayAgencyError):
    """The configuration cannot be used; `faults` lists every one of them."""

    code = "configuration"
    title = "The configuration is not usable"

    def __init__(self, faults: list[str]) -> None:
        """Join the faults, a line each."""
        super().__init__("\n".join(faults), faults=faults)
        self.faults = faults


class UnavailableError(PayAgencyError):
    """A part that this needs does not answer."""

    code = "unavailable"
    status = 503
    title = "Not available right now"
    retryable = True
