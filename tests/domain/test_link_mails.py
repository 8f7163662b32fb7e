"""Mails of payment links, the rules: addresses, languages, and messages that lead nowhere."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.link_mails import LONGEST_MESSAGE, LinkMail, check, inert
from app.errors import BadInputError, CardNumberRefusedError

# What mail programs make something of that can be pressed: hosts, and addresses of mail.
LIVE = re.compile(r"[\w-]+\.[a-z]{2,}|\w@\w", re.IGNORECASE)


def test_a_mail_is_kept_in_the_form_in_which_it_is_sent() -> None:
    found = check(LinkMail(to=" jo@example.com ", locale="de", message="Hello\r\n  Jo \u202e! "))
    assert found == LinkMail(to="jo@example.com", locale="de", message="Hello Jo !")


@pytest.mark.parametrize(
    "place, changes",
    [
        ("to", {"to": " "}),
        ("to", {"to": "Jo <jo@example.com>"}),
        ("to", {"to": "jo@example.com, all@example.com"}),
        ("to", {"to": "jo@example.com\nBcc: all@example.com"}),
        ("locale", {"locale": "fr"}),
        ("message", {"message": "x" * (LONGEST_MESSAGE + 1)}),
        ("message", {"message": "Pay here: HTTPS://evil.example"}),
        ("message", {"message": "Pay at www.evil.example"}),
    ],
)
def test_what_cannot_be_sent_is_refused_at_its_place(place: str, changes: dict[str, str]) -> None:
    with pytest.raises(BadInputError) as refused:
        check(LinkMail(**{"to": "jo@example.com", **changes}))
    assert refused.value.place == place


def test_a_card_number_is_in_no_message() -> None:
    with pytest.raises(CardNumberRefusedError):
        check(LinkMail(to="jo@example.com", message="4242 4242 4242 4242"))


@given(st.text(st.sampled_from(string.ascii_letters + string.digits + ".@- "), max_size=60))
def test_nothing_in_a_message_can_be_pressed(text: str) -> None:
    shown = inert(text)
    assert LIVE.search(shown) is None
    assert shown.replace("\N{WORD JOINER}", "") == text
