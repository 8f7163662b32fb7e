"""Webhooks out, the rules: what is told, to whom, when again, and which addresses may be."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.payments import PaymentStatus
from app.domain.webhooks_out import (
    CHOICES,
    MOST_ATTEMPTS,
    OVERLAPS,
    WAITS_SECONDS,
    EventType,
    NewEndpoint,
    Standing,
    Verdict,
    check,
    check_filter,
    check_overlap,
    check_url,
    judge,
    new_secret,
    next_wait,
    of_payment,
    retry_after,
    secrets_at,
    takes,
)
from app.errors import BadInputError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOLD = {status for status in PaymentStatus if status not in {"disputed", "conflicted"}}


def test_the_waits_are_those_of_the_interface() -> None:
    minute, hour = 60, 3600
    hours = (2, 5, 10, 14, 20, 24)
    assert (0, 5, 5 * minute, 30 * minute, *(each * hour for each in hours)) == WAITS_SECONDS
    assert [next_wait(tried) for tried in range(MOST_ATTEMPTS + 1)] == [*WAITS_SECONDS, None]


@given(st.integers(1, MOST_ATTEMPTS - 1), st.integers(0, 10**9))
def test_a_wish_only_lengthens_a_wait_and_never_beyond_the_one_after(
    tried: int, asked: int
) -> None:
    wait = next_wait(tried, 429, asked)
    assert wait is not None
    assert WAITS_SECONDS[tried] <= wait <= max(WAITS_SECONDS[tried : tried + 2])
    assert next_wait(tried, 500, asked) == WAITS_SECONDS[tried]


@pytest.mark.parametrize(
    "text, seconds",
    [
        ("120", 120),
        ("Sun, 01 Mar 2026 12:01:00 GMT", 60),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0),
        ("9" * 400, 86_400),
        ("-1", None),
        ("²", None),
        ("soon", None),
        ("", None),
    ],
)
def test_a_wish_for_time_is_read_in_both_its_forms(text: str, seconds: int | None) -> None:
    assert retry_after(text, NOW) == seconds


@pytest.mark.parametrize(
    "status, verdict",
    [(200, "delivered"), (299, "delivered"), (301, "again"), (410, "gone"), (None, "again")],
)
def test_only_2xx_is_delivered_and_410_is_gone(status: int | None, verdict: str) -> None:
    assert judge(status) is Verdict(verdict)


@given(st.sampled_from(sorted(TOLD)), st.sampled_from(sorted(TOLD)), st.integers(0, 1))
def test_every_change_of_a_payment_is_told_under_its_new_status(
    before: str, after: str, captured: int
) -> None:
    kind = of_payment(Standing(before, 0, 0, 0), Standing(after, captured, 0, 0))
    same = before == after and not captured
    assert kind == (None if same else EventType(f"payment.{after}"))


def test_a_dispute_is_not_told_as_a_change_of_its_payment() -> None:
    paid, disputed = Standing("succeeded", 9, 0, 0), Standing("disputed", 9, 0, 0)
    assert of_payment(paid, disputed) is None
    assert of_payment(disputed, paid) is None
    lost = Standing("charged_back", 9, 0, 9)
    assert of_payment(disputed, lost) is EventType.PAYMENT_CHARGED_BACK
    review = Standing("in_review", 9, 0, 0)
    assert of_payment(disputed, review) is EventType.PAYMENT_IN_REVIEW


@given(st.sets(st.sampled_from([*CHOICES, "payment.*", "refund.*", "dispute.*", "*"]), min_size=1))
def test_a_filter_takes_what_it_names_and_nothing_else(wanted: set[str]) -> None:
    patterns = check_filter(wanted)
    for kind in CHOICES:
        named = kind in wanted or "*" in wanted or f"{kind.split('.')[0]}.*" in wanted
        assert takes(patterns, kind) is named
    assert check_filter(patterns) == patterns


@pytest.mark.parametrize("texts", [[], ["payment"], ["pay.*"], ["webhook_endpoint.test"], ["**"]])
def test_what_is_no_type_or_pattern_is_refused(texts: list[str]) -> None:
    with pytest.raises(BadInputError, match="events"):
        check_filter(texts)


@pytest.mark.parametrize(
    "url", ["https://a.example", "https://a.example:8443/x?y=1", "http://a.example:8080/"]
)
def test_web_addresses_on_open_ports_pass(url: str) -> None:
    assert check_url(f" {url} ") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.example",
        "ftp://a.example",
        "https://",
        "https://user:word@a.example",
        "https://a.example:22",
        "https://a.example:0",
        "https://a.example:99999",
        "http://a.example",
        "http://a.example:80",
        "https://a.example/#part",
        "https://a.example\\@b.example",
        "https://a.example/\nHost: b",
        "https://bücher.example",
        "https://[::1",
        f"https://a.example/{'x' * 500}",
        "https://a.example/4242424242424242",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(BadInputError, match="url"):
        check_url(url)


def test_a_secret_in_a_description_is_refused() -> None:
    with pytest.raises(BadInputError, match="description"):
        check(NewEndpoint(url="https://a.example", events=("*",), description=new_secret()))


def test_a_secret_is_32_bytes_in_base64_and_another_each_time() -> None:
    assert new_secret() != new_secret()
    assert len(base64.b64decode(new_secret().removeprefix("whsec_"), validate=True)) == 32


def test_the_former_secret_signs_until_its_moment() -> None:
    assert secrets_at("new", "old", NOW + timedelta(seconds=1), NOW) == ("new", "old")
    assert secrets_at("new", "old", NOW, NOW) == ("new",)
    assert secrets_at("new", None, None, NOW) == ("new",)


@given(st.timedeltas())
def test_only_offered_overlaps_pass(overlap: timedelta) -> None:
    if overlap in OVERLAPS:
        check_overlap(overlap)
    else:
        with pytest.raises(BadInputError, match="overlap"):
            check_overlap(overlap)


def test_a_moment_without_a_zone_asks_for_no_wait() -> None:
    now = datetime(2026, 11, 27, 10, tzinfo=UTC)
    assert retry_after("Fri, 27 Nov 2026 10:01:00 GMT", now) == 60
    assert retry_after("Fri, 27 Nov 2026 10:01:00 -0000", now) is None
