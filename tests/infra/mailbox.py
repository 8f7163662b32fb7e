"""An SMTP server of the tests: it keeps what it is given, and refuses what a test tells it to."""

from __future__ import annotations

import email
import time
from dataclasses import dataclass, field
from email.policy import default
from typing import TYPE_CHECKING, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from tests.infra.ports import free_port

if TYPE_CHECKING:
    import ssl
    from email.message import EmailMessage

    from aiosmtpd.smtp import Envelope, Session

PATIENCE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Received:
    """A mail as it arrived: who was named to the server, its bytes, and the mail read from them."""

    sender: str
    recipients: list[str]
    raw: bytes

    @property
    def mail(self) -> EmailMessage:
        """Return the mail with its headers decoded."""
        found = email.message_from_bytes(self.raw, policy=default)
        assert isinstance(found, email.message.EmailMessage)
        return found

    def part(self, subtype: str) -> str:
        """Return the text of its plain or html part."""
        found = self.mail.get_body((subtype,))
        assert found is not None
        return str(found.get_content())

    @property
    def link(self) -> str:
        """Return the path of the (one) address in its text."""
        (found,) = [line for line in self.part("plain").splitlines() if line.startswith("http")]
        return "/" + found.split("/", 3)[3]


@dataclass
class Mailbox:
    """The server; `answers` is what it says to each recipient, `after` to each mail."""

    answer: str = "250 OK"
    after: str = "250 taken"
    password: str = ""
    tls: ssl.SSLContext | None = None
    received: list[Received] = field(default_factory=list)

    def __enter__(self) -> Self:
        self.port = free_port()
        self.open()
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def open(self) -> None:
        """Answer from now on."""
        self._controller = _Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        self._is_open = True

    def close(self) -> None:
        """Answer nobody any more."""
        if self._is_open:
            self._is_open = False
            self._controller.stop()

    @property
    def url(self) -> str:
        """Return what MAIL_URL says of it."""
        return f"smtp://127.0.0.1:{self.port}"

    def wait(self, count: int = 1) -> Received:
        """Wait for so many mails; answers the last."""
        end = time.monotonic() + PATIENCE_SECONDS
        while len(self.received) < count:
            assert time.monotonic() < end, f"{len(self.received)} of {count} mails came"
            time.sleep(0.1)
        return self.received[count - 1]

    async def handle_RCPT(  # noqa: N802  # aiosmtpd finds it by this name
        self,
        _server: SMTP,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take a recipient, or say what a test wants."""
        if self.answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(  # noqa: N802  # as above
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail."""
        raw = envelope.content
        assert isinstance(raw, bytes)
        if self.after.startswith("2"):
            sender = envelope.mail_from or ""
            self.received.append(Received(sender, list(envelope.rcpt_tos), raw))
        return self.after


class _Controller(Controller):
    """Makes a server that may want a name and a password."""

    def factory(self) -> SMTP:
        box = self.handler
        return SMTP(
            box,
            enable_SMTPUTF8=True,
            auth_required=bool(box.password and box.tls),
            authenticator=lambda _s, _ss, _e, _m, data: AuthResult(
                handled=False,
                success=isinstance(data, LoginPassword) and data.password == box.password.encode(),
            ),
            tls_context=box.tls,
        )
