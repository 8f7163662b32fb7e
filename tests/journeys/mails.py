"""What a running PayAgency has mailed, as its readers find it: files in the folder of its mails."""

from __future__ import annotations

import email
import time
from email.policy import default
from typing import TYPE_CHECKING

from tests.infra.mailbox import Received
from tests.journeys import pages

if TYPE_CHECKING:
    from tests.journeys.agency import Agency


def link(agency: Agency, to: str, subject: str) -> str:
    """Wait for the mail to an address of this subject; answers the link in its text."""
    lines = text(agency, to, subject).splitlines()
    return next(line for line in lines if line.startswith("http"))


def text(agency: Agency, to: str, subject: str) -> str:
    """Wait for the mail to an address of this subject; answers its text."""
    end = time.monotonic() + pages.PATIENCE_SECONDS
    while time.monotonic() < end:
        for file in (agency.home / "mail").glob("*.eml"):
            mail = email.message_from_bytes(file.read_bytes(), policy=default)
            if mail["To"] == to and subject in mail["Subject"]:
                return Received("", [], file.read_bytes()).part("plain")
        time.sleep(0.2)
    raise AssertionError(f"no mail “{subject}” came")
