from __future__ import annotations

import pytest

from app.domain.ledger import accounts
from app.domain.ledger.accounts import (
    AccountOwner,
    AccountOwnerMissingError,
    AccountRef,
    AccountType,
    AccountUnknownError,
    account_type,
    is_sharded,
    normal_sign,
    qualify,
)

CHART = [ref for ref in vars(accounts).values() if isinstance(ref, AccountRef)]


def test_no_two_accounts_share_a_code() -> None:
    assert len({ref.code for ref in CHART}) == len(CHART) == 18


@pytest.mark.parametrize(
    "code, row",
    [
        ("merchant:pending", "merchant:mer_x:pending"),
        ("provider:receivable", "provider:ca_x:receivable"),
        ("suspense", "suspense:ca_x"),
        ("agent:commission", "agent:ag_x:commission"),
        ("revenue:mdr", "revenue:mdr"),
        ("tax:fee", "tax:fee"),
    ],
)
def test_a_row_is_named_after_its_owner(code: str, row: str) -> None:
    ref = next(ref for ref in CHART if ref.code == code)
    assert qualify(ref, merchant="mer_x", connector_account="ca_x", agent="ag_x") == row


@pytest.mark.parametrize("ref", [ref for ref in CHART if ref.owner != "house"])
def test_an_owned_account_without_its_owner_is_refused(ref: AccountRef) -> None:
    with pytest.raises(AccountOwnerMissingError, match=ref.code):
        qualify(ref, merchant=None, connector_account="")


@pytest.mark.parametrize(
    "code, kind, sign",
    [
        ("provider:disputed", AccountType.ASSET, 1),
        ("bank:main", AccountType.ASSET, 1),
        ("wallet:BTC", AccountType.ASSET, 1),
        ("merchant:in_payout", AccountType.LIABILITY, -1),
        ("agent:commission", AccountType.LIABILITY, -1),
        ("tax:fee", AccountType.LIABILITY, -1),
        ("suspense", AccountType.LIABILITY, -1),
        ("revenue:fixed", AccountType.REVENUE, -1),
        ("expense:network_fee", AccountType.EXPENSE, 1),
        ("fx:EUR", AccountType.POSITION, 1),
    ],
)
def test_every_account_has_a_type_and_a_side(code: str, kind: AccountType, sign: int) -> None:
    assert account_type(AccountRef(code, AccountOwner.HOUSE)) is kind
    assert normal_sign(kind) == sign


@pytest.mark.parametrize("ref", CHART)
def test_every_account_of_the_chart_has_a_type(ref: AccountRef) -> None:
    assert account_type(ref) in AccountType


def test_an_account_outside_the_chart_is_refused() -> None:
    with pytest.raises(AccountUnknownError, match="petty_cash"):
        account_type(AccountRef("petty_cash", AccountOwner.HOUSE))


def test_what_many_payments_share_is_sharded() -> None:
    sharded = {ref.owner for ref in CHART if is_sharded(ref)}
    assert sharded == {AccountOwner.HOUSE, AccountOwner.CONNECTOR}
    assert accounts.SHARDS == 16
