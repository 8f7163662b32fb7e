"""Errors named for the situation; each knows how it is shown and whether a retry makes sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Said(str):
    """A sentence in English that still knows its parts, so that a screen can say it otherwise.

    `template` is the key of the catalogues, `values` what stands in it; a value may be a sentence
    itself. Everywhere but on a screen it is a plain text.
    """

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __reduce__(self) -> tuple[object, ...]:
        """Return how it is copied and pickled: with its parts."""
        return _said, (self.template, dict(self.values))


def said(template: str, /, **values: object) -> Said:
    """Say a sentence with {names} in it; `template` is written out, or nobody could collect it."""
    return _said(template, values)


def joined(parts: Sequence[str], separator: str, end: str = "") -> Said:
    """Say several sentences or words in a row; each part keeps its own parts."""
    values = {f"part{number}": part for number, part in enumerate(parts)}
    return _said(separator.join(f"{{{name}}}" for name in values) + end, values)


def _said(template: str, values: Mapping[str, object]) -> Said:
    sentence = Said(template.format_map({name: _plain(each) for name, each in values.items()}))
    sentence.template, sentence.values = template, values
    return sentence


def _plain(value: object) -> object:
    return f"{value:,}" if type(value) is int else value


class PayAgencyError(Exception):
    """Base of every expected error.

    `code` is stable and machine-readable, `status` the HTTP status it is shown with, `retryable`
    whether the very same request may succeed later without a change.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = said("Something went wrong")
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
    title = said("This cannot be used")

    def __init__(self, place: str, reason: str, way_out: str = "") -> None:
        """Name the place, the reason and the way out."""
        detail = said("{place}: {reason}", place=place, reason=reason)
        whole = joined([detail, way_out], " ") if way_out else detail
        super().__init__(whole, place=place, reason=reason, way_out=way_out)
        self.place = place
        self.reason = reason
        self.way_out = way_out

    @property
    def without_place(self) -> str:
        """The reason and the way out, for a reader who sees the place."""
        return joined([self.reason, self.way_out], " ") if self.way_out else self.reason


class CardNumberRefusedError(BadInputError):
    """A full card number was found where none may be; it is never stored or repeated."""

    code = "card_number_refused"

    def __init__(self, place: str) -> None:
        """Name the place only: the number itself must not travel any further."""
        super().__init__(
            place,
            said("contains what looks like a full card number."),
            said("Remove it and use a card token instead; nothing of it was kept."),
        )


class NotFoundError(PayAgencyError):
    """The thing does not exist for this actor (also when it belongs to someone else)."""

    code = "not_found"
    status = 404
    title = said("Not found")


class UnauthenticatedError(PayAgencyError):
    """Nobody is known by what was sent: no key, or none that works."""

    code = "unauthenticated"
    status = 401
    title = said("Not signed in")


class ForbiddenError(PayAgencyError):
    """The actor may not do this."""

    code = "forbidden"
    status = 403
    title = said("Not allowed")


class TenancyError(ForbiddenError):
    """A write would cross the border between merchants or books."""

    code = "tenancy"


class CapabilityMissingError(ForbiddenError):
    """The merchant has not been granted the capability that this needs."""

    code = "capability_missing"
    title = said("Not enabled for this merchant")


class LimitExceededError(PayAgencyError):
    """An amount passes a limit: nothing was changed."""

    code = "limit_exceeded"
    status = 422
    title = said("Over the limit")


class TooManyRequestsError(PayAgencyError):
    """A caller asks more often than it may; `retry_after_seconds` says when it may again."""

    code = "too_many_requests"
    status = 429
    title = said("Too many requests")
    retryable = True


class IllegalStateError(PayAgencyError):
    """The object is not in a state in which this may be done."""

    code = "illegal_state"
    status = 409
    title = said("Not possible now")


class IdempotencyMismatchError(PayAgencyError):
    """The same key came with another body."""

    code = "idempotency_mismatch"
    status = 422
    title = said("The key was used for another request")


class IdempotencyInFlightError(PayAgencyError):
    """The first request with this key is still at work."""

    code = "idempotency_in_flight"
    status = 409
    title = said("The first request is still being worked on")
    retryable = True


class DatabaseBusyError(PayAgencyError):
    """Deadlock or lock wait: the whole unit of work may be tried again."""

    code = "database_busy"
    status = 503
    title = said("Busy for a moment")
    retryable = True


class CheckViolatedError(PayAgencyError):
    """The database refused a row by a CHECK constraint."""

    code = "check_violated"
    status = 422
    title = said("Refused by a rule of the database")


class LeaseLostError(PayAgencyError):
    """Another worker holds the task now; what was learned is kept as evidence."""

    code = "lease_lost"
    status = 409
    title = said("Taken over by another worker")


class ConfigurationError(PayAgencyError):
    """The configuration cannot be used; `faults` lists every one of them."""

    code = "configuration"
    title = said("The configuration is not usable")

    def __init__(self, faults: list[str]) -> None:
        """Join the faults, a line each."""
        super().__init__("\n".join(faults), faults=faults)
        self.faults = faults


class UnavailableError(PayAgencyError):
    """A part that this needs does not answer."""

    code = "unavailable"
    status = 503
    title = said("Not available right now")
    retryable = True
