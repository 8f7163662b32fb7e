"""The one way out to providers: checked address, hard deadline, no redirects, bounded answers.

What went wrong is told by two errors, because money hangs on the difference: `NotSentError` (the
request never left this machine, so it may be sent elsewhere) and `NoAnswerError` (it may have been
carried out).
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import httpcore
import httpx

from app.errors import PayAgencyError, UnavailableError, said

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
        token = _deadline.set(time.monotonic() + timeout_seconds)
        try:
            return self._exchange(call, timeout_seconds)
        except _NEVER_LEFT as error:
            raise NotSentError(_reason(error)) from error
        except httpx.HTTPError as error:
            raise NoAnswerError(_reason(error)) from error
        finally:
            _deadline.reset(token)

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
                transport=_Transport(self._tls, self),
                trust_env=False,
                headers={"User-Agent": "PayAgency", "Accept-Encoding": "identity"},
            )
        return self._client

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        return httpx.create_ssl_context(trust_env=False)


def _reason(error: Exception) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


_deadline: ContextVar[float] = ContextVar("deadline")


def _left(timeout: float | None, expired: type[httpcore.TimeoutException]) -> float:
    """Seconds that one step may take: httpx bounds each step, the deadline bounds them all."""
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise expired("the time for this call is over")
    return left if timeout is None else min(timeout, left)


class _Transport(httpx.HTTPTransport):
    def __init__(self, tls: ssl.SSLContext, door: ProviderHttp) -> None:
        super().__init__(verify=tls, trust_env=False)
        # httpx offers no public way to hand in a network backend.
        self._pool = httpcore.ConnectionPool(
            ssl_context=tls,
            max_connections=_LIMITS.max_connections,
            max_keepalive_connections=_LIMITS.max_keepalive_connections,
            keepalive_expiry=_LIMITS.keepalive_expiry,
            network_backend=_Backend(door),
        )


class _Backend(httpcore.SyncBackend):
    """Connects to the very address that was checked, so that a second look-up cannot differ."""

    def __init__(self, door: ProviderHttp) -> None:
        self._door = door

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in _addresses(host, port, self._door.address_check):
            try:
                stream = super().connect_tcp(
                    address,
                    port,
                    _left(timeout, httpcore.ConnectTimeout),
                    local_address,
                    socket_options,
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(stream)
        raise failure


def _addresses(host: str, port: int, check: AddressCheck | None) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpcore.ConnectError(f"{host}: {error}") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        _refuse(address, check)
    return addresses


def _refuse(address: str, check: AddressCheck | None) -> None:
    if check is None:
        return
    try:
        check(address)
    except PayAgencyError as error:
        raise httpcore.ConnectError(error.detail) from error


class _Stream(httpcore.NetworkStream):
    """A connection on which every step ends by the deadline of the call that uses it."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = _left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


DOOR = ProviderHttp()
"""The process's pool. The composition root sets its `address_check`."""
