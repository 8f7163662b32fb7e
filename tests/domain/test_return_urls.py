"""Where payers may be led back to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.return_urls import (
    LONGEST,
    MOST_HOSTS,
    check,
    check_address,
    chosen,
    is_allowed,
    parse_hosts,
)
from app.errors import BadInputError, CardNumberRefusedError

HOSTS = ("shop.example", "*.acme.example")


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/done?order=1#top",
        "https://SHOP.example./done",
        "https://shop.example:8443/",
        "https://pay.acme.example/",
        "https://a.b.acme.example/",
    ],
)
def test_allowed_hosts_are_let_through(url: str) -> None:
    assert check(f" {url} ", HOSTS, livemode=True) == url


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "https://acme.example/",
        "https://shop.example.evil.example/",
        "https://evil-acme.example/",
        "https://notacme.example/",
        "http://shop.example/",
        "https://user@shop.example/",
        "https://evil.example\\@shop.example/",
        "https://evil.example/https://shop.example/",
        "https:///shop.example",
        "https://shop.example:x/",
        "//shop.example/",
        "javascript:alert(1)//shop.example",
        "https://shop.example/\u202e",
        "https://shop.example/\r\nX: 1",
        "https://shop.example/" + "x" * LONGEST,
    ],
)
def test_everything_else_is_refused_at_its_place(url: str) -> None:
    with pytest.raises(BadInputError) as refused:
        check(url, HOSTS, livemode=False)
    assert refused.value.place == "return_url"
    assert not is_allowed(url, HOSTS, livemode=False)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_http_is_for_ones_own_machine_in_the_test_book(host: str) -> None:
    url = f"http://{host}:8000/done"
    assert check(url, (), livemode=False) == url
    with pytest.raises(BadInputError, match="over http"):
        check(url, (), livemode=True)
    with pytest.raises(BadInputError, match="over http"):
        check("http://shop.example/", (), livemode=False)


def test_a_card_number_is_no_address() -> None:
    with pytest.raises(CardNumberRefusedError):
        check_address("https://shop.example/4242424242424242")


def test_the_usual_address_counts_where_none_was_asked_for_and_it_may_be_used() -> None:
    usual = "https://shop.example/thanks"
    assert chosen("", usual, HOSTS, livemode=True) == usual
    assert chosen("https://a.acme.example/", usual, HOSTS, livemode=True).startswith("https://a.")
    assert chosen("", usual, ("other.example",), livemode=True) == ""
    assert chosen("", "http://localhost/", (), livemode=True) == ""
    with pytest.raises(BadInputError):
        chosen("https://evil.example/", usual, HOSTS, livemode=True)


def test_hosts_are_read_line_by_line_each_once() -> None:
    typed = "Shop.Example.\n shop.example, *.acme.example\r\nsh\u00f6p.example localhost"
    found = ("shop.example", "*.acme.example", "xn--shp-tna.example", "localhost")
    assert parse_hosts(typed) == found
    assert check("https://sh\u00f6p.example/", found, livemode=True)
    assert parse_hosts(" \n ") == ()


@pytest.mark.parametrize(
    "typed",
    ["https://shop.example", "shop.example/done", "*", "*.com", "a..b", "-a.example", "a b@c",
     "x" * 254, "\u00f6" * 70 + ".example",
     "shop.example:8000", "\n".join(f"h{n}.example" for n in range(MOST_HOSTS + 1)),
     "\n".join(f"{'x' * 60}.{'y' * 60}.{n}.example" for n in range(MOST_HOSTS))],
)  # fmt: skip
def test_what_is_no_list_of_hosts_is_refused(typed: str) -> None:
    with pytest.raises(BadInputError) as refused:
        parse_hosts(typed)
    assert refused.value.place == "return_hosts"


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading(text: str) -> None:
    if is_allowed(text, HOSTS, livemode=True):
        assert check(text, HOSTS, livemode=True) == text.strip()
