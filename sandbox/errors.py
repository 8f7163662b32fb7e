"""What the sandbox answers when it refuses a call."""

from __future__ import annotations


class ApiError(Exception):
    """A refusal: nothing was done and nothing is remembered under the call's key."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    def body(self) -> dict[str, object]:
        return {"error": {"code": self.code, "message": self.message}}


def invalid(place: str, reason: str) -> ApiError:
    return ApiError(422, "invalid_request", f"{place}: {reason}")


def no_answer() -> ApiError:
    return ApiError(504, "no_answer", "The bank does not say what became of this charge.")


def not_found(what: str) -> ApiError:
    return ApiError(404, "not_found", f"There is no such {what} on this account.")
