"""Connections to the outside: to the checked address, within one deadline, nothing followed.

A name is looked up once, each of its addresses is checked, and the very address that passed is
connected to, so that a second look-up cannot lead elsewhere. TLS still proves the name.
"""

from __future__ import annotations

import socket
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import httpcore
import httpx

from app.errors import PayAgencyError

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterable, Iterator, Mapping

    AddressCheck = Callable[[str], None]

_ALONE: Final = httpx.Limits(max_connections=1, max_keepalive_connections=0)
_FAILURES: Final = (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError)
_deadline: ContextVar[float] = ContextVar("deadline")


@lru_cache(maxsize=1)
def tls() -> ssl.SSLContext:
    """Return the certificates that are trusted, read once a process."""
    return httpx.create_ssl_context(trust_env=False)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """End every step of the calls within after so many seconds, counted from now."""
    token = _deadline.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _deadline.reset(token)


def addresses(host: str, port: int) -> list[str]:
    """Return the IP addresses of a name, each once. Raises OSError or UnicodeError for none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of one request: an answer (`status`), or why there is none (`error`).

    `address` is the IP address that answered, `headers` are by lower-case name.
    """

    status: int | None
    address: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = field(default=b"", repr=False)
    error: str = ""


def post(  # what a request is made of, all named but the address
    url: str,
    *,
    headers: Mapping[str, str],
    content: bytes,
    check: AddressCheck,
    seconds: float,
    most_bytes: int,
) -> Posted:
    """Send once over a connection of its own and read the answer, up to `most_bytes` of it.

    Follows no redirect, uses no proxy, ends within `seconds`, and never raises for what the other
    side does.
    """
    transport = PinnedTransport(tls(), check, _ALONE)
    try:
        with (
            deadline(seconds),
            httpx.Client(transport=transport, trust_env=False, timeout=seconds) as client,
            client.stream("POST", url, headers=dict(headers), content=content) as response,
        ):
            peer, found = _peer(response), bytearray()
            for chunk in response.iter_raw():
                found += chunk
                if len(found) >= most_bytes:
                    break
            return Posted(
                response.status_code,
                peer,
                {name.lower(): value for name, value in response.headers.items()},
                bytes(found[:most_bytes]),
            )
    except _FAILURES as error:
        return Posted(None, error=f"{type(error).__name__}: {error}".removesuffix(": "))


def _peer(response: httpx.Response) -> str:
    """Return the IP address that answers; empty where it has hung up already."""
    try:
        return str(response.extensions["network_stream"].get_extra_info("server_addr")[0])
    except OSError:
        return ""


class PinnedTransport(httpx.HTTPTransport):
    """Connects within `deadline`, to addresses that `check` lets pass (it raises otherwise)."""

    def __init__(self, context: ssl.SSLContext, check: AddressCheck, limits: httpx.Limits) -> None:
        super().__init__(verify=context, trust_env=False)
        # httpx offers no public way to hand in a network backend.
        self._pool = httpcore.ConnectionPool(
            ssl_context=context,
            max_connections=limits.max_connections,
            max_keepalive_connections=limits.max_keepalive_connections,
            keepalive_expiry=limits.keepalive_expiry,
            network_backend=_Backend(check),
        )


def _left(timeout: float | None, expired: type[httpcore.TimeoutException]) -> float:
    """Seconds that one step may take: httpx bounds each step, the deadline bounds them all."""
    left = _deadline.get() - time.monotonic()
    if left <= 0:
        raise expired("the time for this call is over")
    return left if timeout is None else min(timeout, left)


class _Backend(httpcore.SyncBackend):
    """Connects to the very address that was checked."""

    def __init__(self, check: AddressCheck) -> None:
        self._check = check

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception = httpcore.ConnectError("the name has no address")
        for address in self._checked(host, port):
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

    def _checked(self, host: str, port: int) -> list[str]:
        try:
            found = addresses(host, port)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host}: {error}") from error
        try:
            for address in found:
                self._check(address)
        except PayAgencyError as error:
            raise httpcore.ConnectError(error.detail) from error
        return found


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
