"""The door to mail: TLS, names and passwords, the folder, and how long a server may take."""

from __future__ import annotations

import email
import socket
import time
from email.policy import default
from typing import TYPE_CHECKING

import pytest
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
