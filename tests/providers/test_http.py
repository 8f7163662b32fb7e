from __future__ import annotations

import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.errors import ForbiddenError
from app.providers.http import (
    MAX_ANSWER_BYTES,
    HttpCall,
    NoAnswerError,
    NotSentError,
    ProviderHttp,
)
from tests.infra.ports import free_port
from tests.providers.answering import Answering

if TYPE_CHECKING:
    from pathlib import Path


def ask(url: str, door: ProviderHttp | None = None, **more: str) -> tuple[int, bytes]:
    call = HttpCall(method="POST", url=url, content=b"{}", headers=more)
    reply = (door or ProviderHttp()).send(call, timeout_seconds=0.5)
    return reply.status, reply.content


def test_a_whole_answer_comes_back_raw() -> None:
    with Answering(status=201, body=b"no json") as provider:
        assert ask(f"{provider.url}/pay?x=1", Accept="a/b") == (201, b"no json")
    asked = provider.asked[0]
    assert (asked.method, asked.path, asked.body) == ("POST", "/pay?x=1", b"{}")
    assert (asked.headers["Accept"], asked.headers["User-Agent"]) == ("a/b", "PayAgency")
    assert asked.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:{port}", "ftp://127.0.0.1", "http://127.0.0.1:x", "http://a..b", ""]
)
def test_what_cannot_be_connected_to_was_not_sent(url: str) -> None:
    with pytest.raises(NotSentError):
        ask(url.format(port=free_port()))


def test_a_name_without_an_address_was_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(NotSentError, match="Name or service not known"):
        ask("http://provider.example")


@pytest.mark.parametrize("credential", ["sk_\u20ac", "sk_a\r\nX-Other: 1"])
def test_a_credential_that_no_header_carries_was_not_sent(credential: str) -> None:
    with Answering() as provider, pytest.raises(NotSentError):
        ask(provider.url, Authorization=credential)
    assert provider.asked == []


def test_a_provider_that_speaks_no_tls_was_not_sent_to() -> None:
    with Answering() as provider, pytest.raises(NotSentError):
        ask(provider.url.replace("http:", "https:"))
    assert provider.asked == []


def test_a_certificate_of_nobody_we_trust_was_not_sent_to(tmp_path: Path) -> None:
    untrusted = pytest.raises(NotSentError, match="CERTIFICATE_VERIFY_FAILED")
    with Answering(tls=self_signed(tmp_path)) as provider, untrusted:
        ask(provider.url)
    assert provider.asked == []


@pytest.mark.parametrize(
    "provider",
    [
        Answering(delay_seconds=5),
        Answering(drip_seconds=0.1),
        Answering(cut=True),
        Answering(headers={"Content-Length": "99"}),
        Answering(body=b"x" * (MAX_ANSWER_BYTES + 1)),
    ],
    ids=["hangs", "drips", "is cut", "is short", "is too large"],
)
def test_without_a_whole_answer_in_time_nothing_is_known(provider: Answering) -> None:
    started = time.monotonic()
    with provider, pytest.raises(NoAnswerError):
        ask(provider.url)
    assert len(provider.asked) == 1
    assert time.monotonic() - started < 2


def test_no_redirect_is_followed() -> None:
    with Answering(status=307) as provider:
        provider.headers["Location"] = f"{provider.url}/elsewhere"
        assert ask(provider.url)[0] == 307
    assert len(provider.asked) == 1


def name(monkeypatch: pytest.MonkeyPatch, host: str, *addresses: str) -> list[str]:
    """Give a host these addresses; return the list of look-ups by name."""
    asked: list[str] = []

    def resolve(wanted: str, port: int, *_: int, **__: int) -> list[tuple[object, ...]]:
        asked.extend([wanted] if wanted == host else [])
        found = addresses if wanted == host else [wanted]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    return asked


def test_the_address_that_was_checked_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    resolved, checked = name(monkeypatch, "provider.example", "127.0.0.1"), list[str]()
    with Answering() as provider:
        url = f"http://provider.example:{provider.port}"
        assert ask(url, ProviderHttp(checked.append))[0] == 200
    assert (resolved, checked) == (["provider.example"], ["127.0.0.1"])
    assert provider.asked[0].headers["Host"] == f"provider.example:{provider.port}"


def test_the_second_address_is_tried_when_the_first_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    name(monkeypatch, "provider.example", "192.0.2.1", "127.0.0.1")
    real = socket.create_connection

    def connect(address: tuple[str, int], timeout: float, **_: None) -> socket.socket:
        if address[0] == "192.0.2.1":
            raise ConnectionRefusedError("nobody there")
        return real(address, timeout)

    monkeypatch.setattr(socket, "create_connection", connect)
    with Answering() as provider:
        assert ask(f"http://provider.example:{provider.port}")[0] == 200


def test_a_refused_address_is_never_connected_to() -> None:
    def refuse(address: str) -> None:
        raise ForbiddenError(f"{address} is not in OUTBOUND_ALLOW_CIDRS")

    refused = pytest.raises(NotSentError, match=r"127\.0\.0\.1 is not in OUTBOUND_ALLOW_CIDRS")
    with Answering() as provider, refused:
        ask(provider.url, ProviderHttp(refuse))
    assert provider.asked == []


def test_the_time_for_the_name_counts_too() -> None:
    over = pytest.raises(NotSentError, match="the time for this call is over")
    with Answering() as provider, over:
        ask(provider.url, ProviderHttp(lambda _address: time.sleep(0.6)))
    assert provider.asked == []


def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_port()}")
    with Answering() as provider:
        assert ask(provider.url)[0] == 200


def test_a_forked_child_opens_connections_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    door = ProviderHttp()
    door.warm_up()
    parents = door._open()
    assert door._open() is parents
    monkeypatch.setattr("os.getpid", lambda: -1)
    assert door._open() is not parents


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36_500))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(secret + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context
