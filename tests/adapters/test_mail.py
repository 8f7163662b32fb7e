"""The door to mail: TLS, names and passwords, the folder, and how long a server may take."""

from __future__ import annotations

import email
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.policy import default
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

import config
from app.adapters import clock, mail
from app.adapters.mail import Letter, Verdict
from app.domain.notifications import is_address
from app.errors import UnavailableError
from tests.infra.mailbox import Mailbox
from tests.infra.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def _read_again(environment: Path) -> Iterator[None]:
    assert environment
    yield
    config.get.cache_clear()


def _point(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("MAIL_URL", url)
    config.get.cache_clear()


def letter(recipient: str = "jo@example.com", subject: str = "Hello") -> Letter:
    return Letter(
        name="ntf_1.0",
        at=clock.now(),
        recipient=recipient,
        locale="en",
        subject=subject,
        text="A text.\n",
        html="<p>A page.</p>",
    )


def test_a_folder_keeps_each_mail_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _point(monkeypatch, f"file://{tmp_path / 'mail'}")
    for _ in range(2):
        assert mail.send(letter()).verdict is Verdict.SENT
    (kept,) = (tmp_path / "mail").iterdir()
    assert kept.name == "ntf_1.0.eml"
    found = email.message_from_bytes(kept.read_bytes(), policy=default)
    assert (found["To"], found["Subject"]) == ("jo@example.com", "Hello")
    assert mail.check() == f"kept in {tmp_path / 'mail'}"


def test_a_password_is_never_sent_without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    with Mailbox() as box:
        _point(monkeypatch, f"smtp://app:open%20sesame@127.0.0.1:{box.port}")
        found = mail.send(letter())
        assert found.verdict is Verdict.AGAIN
        assert box.received == []
        with pytest.raises(UnavailableError, match="STARTTLS"):
            mail.check()


def _certificate(folder: Path) -> Path:
    """Return the file of a key and a certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    address = x509.IPAddress(ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=36_500))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(secret + made.public_bytes(pem))
    return file


@pytest.mark.parametrize("trusted", [True, False])
@pytest.mark.parametrize("typed", ["open sesame", "wrong"])
def test_a_password_goes_to_a_server_that_proves_who_it_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, typed: str, *, trusted: bool
) -> None:
    file = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    with Mailbox(tls=context, password="open sesame") as box:
        _point(monkeypatch, f"smtp://app:{quote(typed)}@127.0.0.1:{box.port}")
        found = mail.send(letter())
    is_right = trusted and typed == "open sesame"
    assert found.verdict is (Verdict.SENT if is_right else Verdict.AGAIN)
    assert len(box.received) == is_right
    assert typed not in found.reason
    if trusted and not is_right:
        assert "the password of MAIL_URL is not right" in found.reason


def test_an_address_of_other_letters_is_written_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with Mailbox() as box:
        _point(monkeypatch, box.url)
        assert mail.send(letter("आशा@example.com", "नमस्ते")).verdict is Verdict.SENT
    (came,) = box.received
    assert came.recipients == ["आशा@example.com"]
    assert came.mail["Subject"] == "नमस्ते"


def test_a_server_that_says_nothing_is_not_waited_for_longer_than_a_lease(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mail, "SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", free_port())) as silent:
        _point(monkeypatch, f"smtp://127.0.0.1:{silent.getsockname()[1]}")
        begun = time.monotonic()
        assert mail.send(letter()).verdict is Verdict.AGAIN
        assert time.monotonic() - begun < 5


def test_the_whole_talk_is_shorter_than_the_shortest_lease_of_production() -> None:
    assert config.Settings.model_fields["payagency_lease_seconds"].default > mail.SECONDS


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=60))
def test_every_address_that_is_one_can_be_written(text: str) -> None:
    for address in (f"{text}@example.com", f"jo@{text}", text):
        if is_address(address):
            raw = mail.composed(letter(address)).as_bytes()
            assert raw.count(b"\r\nTo: ") == 1


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_text_becomes_a_header(name: str, rest: str) -> None:
    raw = mail.composed(letter(subject=f"{name}\r\nBcc: a@b\r\n{rest}")).as_bytes()
    found = email.message_from_bytes(raw, policy=default)
    assert set(found.keys()) == {
        "From",
        "To",
        "Subject",
        "Date",
        "Message-ID",
        "Auto-Submitted",
        "X-Auto-Response-Suppress",
        "MIME-Version",
        "Content-Type",
        "Content-Language",
    }
