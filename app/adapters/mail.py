"""The door to mail: an SMTP server (RFC 5321) named by MAIL_URL, or a folder with a file a mail.

A mail is given away at least once: its Message-ID is the same at each attempt, so that whoever
gets it twice can see that it is one.
"""

from __future__ import annotations

import contextlib
import os
import smtplib
import ssl
import time
from dataclasses import dataclass
from datetime import UTC
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

import config
from app.domain.notifications import is_address, one_line
from app.errors import UnavailableError, said

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from urllib.parse import SplitResult

SECONDS: Final = 18.0
"""The whole conversation with a server; shorter than a lease, so that two never send one mail."""
MOST_REASON: Final = 160
_PORTS: Final = {"smtp": 587, "smtps": 465}
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_ACCEPTED: Final = range(200, 300)
_PERMANENT: Final = range(500, 600)


class Verdict(StrEnum):
    """What became of an attempt."""

    SENT = "sent"
    AGAIN = "again"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail as it is sent; `name` tells it from all others, `at` is when it was asked for."""

    name: str
    at: datetime
    recipient: str
    locale: str
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an attempt, and why where it did not go well."""

    verdict: Verdict
    reason: str = ""


class _RefusedError(Exception):
    """Nothing would make the server take this mail."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def send(letter: Letter) -> Result:
    """Give a mail to the server, or put it into the folder; an error is an answer, never raised."""
    if not is_address(letter.recipient):
        return Result(Verdict.REFUSED, said("The address is none to which mail can be sent."))
    parts = urlsplit(config.get().mail)
    try:
        if parts.scheme == "file":
            _keep(Path(parts.path), letter)
        else:
            _talk(parts, letter)
    except _RefusedError as error:
        return Result(Verdict.REFUSED, error.reason)
    except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
        return Result(
            Verdict.AGAIN, said("The mail server did not take it: {fault}", fault=_told(error))
        )
    return Result(Verdict.SENT)


def check() -> str:
    """Return whither mails go; raises UnavailableError where that does not answer."""
    parts = urlsplit(config.get().mail)
    try:
        if parts.scheme == "file":
            folder = Path(parts.path)
            folder.mkdir(parents=True, exist_ok=True)
            return f"kept in {folder}"
        with _connected(parts, time.monotonic() + SECONDS):
            return f"{parts.hostname} answers"
    except (smtplib.SMTPException, ssl.SSLError, OSError) as error:
        raise UnavailableError(_told(error)) from error


def composed(letter: Letter) -> EmailMessage:
    """Return the mail with its headers and both parts; no value can begin a header of its own."""
    name, sender = parseaddr(config.get().mail_sender)
    message = EmailMessage(policy=SMTP if letter.recipient.isascii() else SMTPUTF8)
    message["From"] = Address(one_line(name), addr_spec=sender)
    user, _, host = letter.recipient.rpartition("@")
    message["To"] = Address(username=user, domain=host)
    message["Subject"] = one_line(letter.subject)
    message["Date"] = format_datetime(letter.at.astimezone(UTC))
    message["Message-ID"] = f"<{letter.name}@{sender.rpartition('@')[2]}>"
    # RFC 3834: answering machines answer nothing to this.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    # Said before the parts were made, it would have become a header of the first of them.
    message["Content-Language"] = letter.locale
    return message


def _keep(folder: Path, letter: Letter) -> None:
    """Write the mail whole or not at all; a repeat writes the same file."""
    folder.mkdir(parents=True, exist_ok=True)
    partial = folder / f".{letter.name}.{os.getpid()}.partial"
    try:
        with partial.open("wb") as file:
            file.write(composed(letter).as_bytes())
            file.flush()
            os.fsync(file.fileno())
        partial.replace(folder / f"{letter.name}.eml")
    finally:
        partial.unlink(missing_ok=True)


def _talk(parts: SplitResult, letter: Letter) -> None:
    message = composed(letter)
    sender = parseaddr(config.get().mail_sender)[1]
    end = time.monotonic() + SECONDS
    with _connected(parts, end) as server:
        options = [] if letter.recipient.isascii() else ["SMTPUTF8"]
        if options and not server.has_extn("smtputf8"):
            raise _RefusedError(said("The mail server cannot write to such an address."))
        _hurry(server, end)
        # What is wrong with the sender is the house's to mend, and then the mail goes out.
        _judge(*server.mail(sender, options), final=False)
        _hurry(server, end)
        _judge(*server.rcpt(letter.recipient), final=True)
        _hurry(server, end)
        _judge(*server.data(message.as_bytes()), final=True)


@contextlib.contextmanager
def _connected(parts: SplitResult, end: float) -> Iterator[smtplib.SMTP]:
    """Yield a server that has been greeted, over TLS, and signed in where a password is named."""
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    own = urlsplit(config.get().public_url).hostname or "localhost"
    left = max(0.1, end - time.monotonic())
    tls = ssl.create_default_context()
    server = (
        smtplib.SMTP_SSL(host, port, own, timeout=left, context=tls)
        if parts.scheme == "smtps"
        else smtplib.SMTP(host, port, own, timeout=left)
    )
    try:
        _hurry(server, end)
        server.ehlo_or_helo_if_needed()
        if parts.scheme == "smtp" and _needs_tls(parts, server):
            _hurry(server, end)
            server.starttls(context=tls)
            server.ehlo()
        if parts.username:
            _hurry(server, end)
            server.login(unquote(parts.username), unquote(parts.password or ""))
        yield server
    finally:
        # What the server took, it has taken, however it says goodbye.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
        server.close()


def _needs_tls(parts: SplitResult, server: smtplib.SMTP) -> bool:
    """Whether to ask for TLS: always, but of a server here or one that was said to have none."""
    may_do_without = parts.hostname in _LOOPBACK and not parts.username
    return parts.query != "tls=off" and (server.has_extn("starttls") or not may_do_without)


def _hurry(server: smtplib.SMTP, end: float) -> None:
    """Let the next answer take what is left of the time."""
    if server.sock is not None:
        server.sock.settimeout(max(0.1, end - time.monotonic()))


def _judge(code: int, answer: bytes, *, final: bool) -> None:
    if code in _ACCEPTED:
        return
    if final and code in _PERMANENT:
        raise _RefusedError(said("The mail was refused: {answer}", answer=_line(code, answer)))
    raise smtplib.SMTPResponseException(code, answer)


def _line(code: int, answer: bytes) -> str:
    return f"{code} {one_line(answer.decode(errors='replace'))}"[:MOST_REASON]


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"{error.smtp_code} the name or the password of MAIL_URL is not right"
    if isinstance(error, smtplib.SMTPResponseException):
        answer = error.smtp_error
        return _line(error.smtp_code, answer if isinstance(answer, bytes) else answer.encode())
    return one_line(str(error) or type(error).__name__)[:MOST_REASON]
