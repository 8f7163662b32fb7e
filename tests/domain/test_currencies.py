import pytest

from app.domain.currencies import (
    UnknownCurrencyError,
    exponent,
    is_crypto,
    iso_codes,
    parse_currency,
)

# ISO 4217 list one, minor units; written out a second time on purpose.
WITHOUT_DECIMALS = {
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "ISK",
    "JPY",
    "KMF",
    "KRW",
    "PYG",
    "RWF",
    "UGX",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
}
WITH_THREE = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
WITH_FOUR = {"CLF", "UYW"}


def test_exponents_are_those_of_iso_4217() -> None:
    by_exponent = {
        decimals: {code for code in iso_codes() if exponent(code) == decimals}
        for decimals in range(5)
    }

    assert by_exponent[0] == WITHOUT_DECIMALS
    assert by_exponent[1] == set()
    assert by_exponent[2] >= {"EUR", "USD", "GBP", "INR", "CHF", "HUF", "TWD", "MGA", "KPW"}
    assert by_exponent[3] == WITH_THREE
    assert by_exponent[4] == WITH_FOUR
    assert set.union(*by_exponent.values()) == iso_codes()
    assert len(iso_codes()) > 150


@pytest.mark.parametrize(
    "currency, decimals",
    [("BTC", 8), ("ETH@ethereum", 9), ("USDC@ethereum", 6), ("USDT@tron", 6)],
)
def test_crypto_assets_count_in_their_own_unit(currency: str, decimals: int) -> None:
    assert exponent(currency) == decimals
    assert is_crypto(currency)


def test_ordinary_money_is_no_crypto() -> None:
    assert not is_crypto("EUR")


@pytest.mark.parametrize(
    "currency",
    [
        "XXX",
        "XTS",
        "XAU",
        "XAG",
        "XDR",
        "XAD",
        "BOV",
        "CHE",
        "CHW",
        "COU",
        "MXV",
        "USN",
        "UYI",
        "eur",
        "EURO",
        "ZZZ",
        "DEM",
        "ETH",
        "USDC",
        "DOGE",
        "DOGE@ethereum",
        "BTC@bitcoin",
        "eth@ethereum",
        "ETH@Ethereum",
        "ETH@",
        "ETH@a@b",
        "USDC@a-chain-name-too-long",
    ],
)
def test_what_cannot_be_charged_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrencyError) as caught:
        exponent(currency)

    assert caught.value.code == "unknown_currency"
    assert caught.value.place == "currency"
    assert caught.value.way_out
    with pytest.raises(UnknownCurrencyError):
        is_crypto(currency)


def test_the_longest_code_fits() -> None:
    code = "USDC@" + "a" * 19

    assert len(code) == 24
    assert exponent(code) == 6


@pytest.mark.parametrize(
    "text, code",
    [("EUR", "EUR"), (" eur ", "EUR"), ("btc", "BTC"), ("usdc@Ethereum", "USDC@ethereum")],
)
def test_a_code_is_read_in_any_case(text: str, code: str) -> None:
    assert parse_currency(text) == code


@pytest.mark.parametrize(
    "text", ["", "  ", "\uff25\uff35\uff32", "\u212aRW", "xxx", "eth", "EUR USD"]
)
def test_what_is_no_code_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(UnknownCurrencyError) as caught:
        parse_currency(text, place="line 3, currency")

    assert caught.value.place == "line 3, currency"
    assert caught.value.reason.endswith(".")


def test_a_card_number_in_the_place_of_a_currency_is_not_repeated() -> None:
    with pytest.raises(UnknownCurrencyError) as caught:
        parse_currency("4242424242424242")

    assert "4242" not in str(caught.value)
    assert "what stands here is no known currency" in caught.value.detail
