from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.methods import upi
from app.domain.methods.upi import UpiLink
from app.errors import BadInputError

LAKH = 10_000_000
TODAY = date(2026, 3, 1)
TEXT = st.text(st.characters(exclude_categories=["C", "Z"], include_characters=" "), max_size=40)
LINKS = st.builds(
    UpiLink,
    payee=st.from_regex(r"[a-z0-9][a-z0-9._-]{1,20}@[a-z][a-z0-9]{1,10}", fullmatch=True),
    name=TEXT,
    mcc=st.just("") | st.from_regex(r"[0-9]{4}", fullmatch=True),
    reference=TEXT,
    note=TEXT,
    amount_minor=st.none() | st.integers(1, 2**60),
)


@pytest.mark.parametrize(
    "mcc, verified, on, most",
    [
        ("", True, TODAY, LAKH),
        ("5411", True, TODAY, LAKH),
        ("6211", False, TODAY, LAKH),
        ("6211", True, date(2025, 9, 14), LAKH),
        ("6211", True, date(2025, 9, 15), 5 * LAKH),
        ("5944", True, TODAY, 2 * LAKH),
        ("8062", True, date(2024, 1, 9), LAKH),
        ("8062", True, date(2024, 1, 10), 5 * LAKH),
        ("9311", True, date(2024, 9, 15), 5 * LAKH),
    ],
)
def test_the_limit_depends_on_category_day_and_verification(
    mcc: str, verified: bool, on: date, most: int
) -> None:
    assert upi.limit_minor(mcc, on, verified=verified) == most


@given(st.sampled_from(sorted(frozenset.union(*(row.mccs for row in upi.LIMITS)))), st.dates())
def test_verification_never_lowers_a_limit(mcc: str, on: date) -> None:
    assert upi.limit_minor(mcc, on, verified=True) >= upi.limit_minor(mcc, on, verified=False)


@pytest.mark.parametrize(
    "mcc, on, allowed",
    [
        ("5411", date(2026, 2, 27), True),
        ("5411", date(2026, 2, 28), False),
        ("", date(2026, 2, 28), False),
        ("6012", date(2026, 2, 28), True),
        ("6211", date(2030, 1, 1), True),
    ],
)
def test_collect_requests_ended_but_for_two_categories(mcc: str, on: date, allowed: bool) -> None:
    assert upi.collect_allowed(mcc, on) is allowed


@given(LINKS)
def test_a_link_is_read_as_it_was_written(link: UpiLink) -> None:
    text = upi.write_link(link)
    assert upi.read_link(text) == link
    assert " " not in text
    assert text.startswith("upi://pay?pa=")


def test_a_link_in_full() -> None:
    link = UpiLink(
        payee="acme@bank",
        name="Acme & Söhne",
        mcc="5411",
        reference="order-17",
        note="two shirts",
        amount_minor=105_000,
    )
    assert upi.write_link(link) == (
        "upi://pay?pa=acme@bank&pn=Acme%20%26%20S%C3%B6hne&mc=5411&tr=order-17"
        "&tn=two%20shirts&am=1050.00&cu=INR"
    )


def test_parts_that_we_do_not_use_are_passed_over() -> None:
    assert upi.read_link("upi://pay?pa=a1@bank&mode=02&sign=a%2Bb&am=5") == UpiLink(
        payee="a1@bank", amount_minor=500
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://bank.example/pay?pa=acme@bank",
        "upi://pay?pn=Acme",
        "upi://pay?pa=acme@bank&pa=thief@bank",
        "upi://pay?pa=acme@bank&am=1&am=2",
        "upi://pay?pa=acme@bank&cu=USD",
        "upi://pay?pa=acme@bank&am=0.00",
        "upi://pay?pa=acme@bank&am=-1",
        "upi://pay?pa=acme@bank&am=1.005",
        "upi://pay?pa=acme@bank&am=1e3",
        "upi://pay?pa=acme@bank&mc=shop",
        "upi://pay?pa=acme@bank&pn=%FF",
        "upi://pay?pa=acme@bank&pn=%0a",
        "upi://pay?pa=acme%20@bank",
    ],
)
def test_another_link_is_refused_at_its_place(text: str) -> None:
    with pytest.raises(BadInputError) as refused:
        upi.read_link(text)
    assert refused.value.place == "link"


def test_a_link_that_asks_for_nothing_is_not_written() -> None:
    with pytest.raises(BadInputError, match="asks for nothing"):
        UpiLink(payee="acme@bank", amount_minor=0)


@given(st.text(max_size=80))
def test_any_text_is_a_link_or_refused(text: str) -> None:
    try:
        read: Any = upi.read_link(upi.LINK + text)
    except BadInputError:
        return
    assert upi.read_link(upi.write_link(read)) == read


@pytest.mark.parametrize("text", ["success@sandbox", " 9876543210@ybl ", "Jo.Doe-1@OkBank"])
def test_an_address_is_kept_in_one_spelling(text: str) -> None:
    assert upi.parse_vpa(text) == text.strip().lower()


@pytest.mark.parametrize("text", ["", "jo", "@bank", "jo@", "jo@bank@bank", "jo doe@bank", "j@b"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(BadInputError, match="vpa"):
        upi.parse_vpa(text)


def test_an_address_is_shown_masked() -> None:
    assert upi.mask_vpa("success@sandbox") == "su…@sandbox"
    assert upi.mask_vpa("su…@sandbox") == "su…@sandbox"
    assert upi.mask_vpa("9876543210") == "…"


@pytest.mark.parametrize("text, is_one", [("412345678901", True), ("41234567890", False)])
def test_a_retrieval_reference_has_twelve_digits(text: str, is_one: bool) -> None:
    assert upi.is_rrn(text) is is_one
    assert not upi.is_rrn("٤١٢٣٤٥٦٧٨٩٠١")
