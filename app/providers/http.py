"""The one way out to providers: checked address, hard deadline, no redirects, bounded answers.

What went wrong is told by two errors, because money hangs on the difference: `NotSentError` (the
request never left this machine, so it may be sent elsewhere) and `NoAnswerError` (it may have been
carried out).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import httpx

from app.adapters import http
from app.errors import UnavailableError, said

if TYPE_CHECKING:
    import ssl

CONNECT_SECONDS = 3.0
MAX_ANSWER_BYTES = 1024 * 1024
_LIMITS = httpx.Limits(max_connections=100, max_keepalive_connections=20, keepalive_expiry=5)
_NEVER_LEFT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    UnicodeError,  # a credential that no header can carry
)

AddressCheck = Callable[[str], None]
"""Takes the IP address that is about to be connected to; raises PayAgencyError to refuse it."""


class NotSentError(UnavailableError):
    """The request never left this machine (name, address, connection, TLS)."""

    code = "provider_not_reached"
    title = said("The provider cannot be reached")


class NoAnswerError(UnavailableError):
    """The request left, and no whole answer came: it may have been carried out."""

    code = "provider_no_answer"
    title = said("The provider did not answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpCall:
    """One request. `shown` is the body for the transcript; `content` the bytes that are sent."""

    method: Literal["GET", "POST", "PUT"]
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: bytes = field(default=b"", repr=False)
    shown: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A whole answer."""

    status: int
    content: bytes = field(repr=False)


class ProviderHttp:
    """One pool of connections per process; a forked child opens its own."""

    def __init__(self, address_check: AddressCheck | None = None) -> None:
        self.address_check = address_check
        self._client: httpx.Client | None = None
        self._pid = 0

    def send(self, call: HttpCall, *, timeout_seconds: float) -> HttpReply:
        """Send once and read the whole answer within `timeout_seconds`, counted from now.

        Raises NotSentError or NoAnswerError. Never follows a redirect, never tries again.
        """
        try:
            with http.deadline(timeout_seconds):
                return self._exchange(call, timeout_seconds)
        except _NEVER_LEFT as error:
            raise NotSentError(_reason(error)) from error
        except httpx.HTTPError as error:
            raise NoAnswerError(_reason(error)) from error

    def warm_up(self) -> None:
        """Read the certificates once, before a process forks."""
        _ = self._tls

    def _exchange(self, call: HttpCall, timeout_seconds: float) -> HttpReply:
        connect = min(CONNECT_SECONDS, timeout_seconds)
        timeout = httpx.Timeout(timeout_seconds, connect=connect, pool=connect)
        headers = dict(call.headers)
        with self._open().stream(
            call.method, call.url, headers=headers, content=call.content, timeout=timeout
        ) as response:
            content = bytearray()
            for chunk in response.iter_raw():
                content += chunk
                if len(content) > MAX_ANSWER_BYTES:
                    raise NoAnswerError(
                        said(
                            "The answer is larger than {most} bytes.",
                            most=MAX_ANSWER_BYTES,
                        )
                    )
            return HttpReply(response.status_code, bytes(content))

    def _open(self) -> httpx.Client:
        if self._client is None or self._pid != os.getpid():
            self._pid = os.getpid()
            self._client = httpx.Client(
                transport=http.PinnedTransport(self._tls, self._check, _LIMITS),
                trust_env=False,
                headers={"User-Agent": "PayAgency", "Accept-Encoding": "identity"},
            )
        return self._client

    def _check(self, address: str) -> None:
        if self.address_check is not None:
            self.address_check(address)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return http.tls()


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


DOOR = ProviderHttp()
"""The process's pool. The composition root sets its `address_check`."""
