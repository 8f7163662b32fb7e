import re

import pytest

from app.domain.permissions import (
    MERCHANT_ROLES,
    MOVES_MONEY,
    ROLES,
    STAFF_ROLES,
    WORDS,
    Permission,
    RoleName,
    fab_pair,
    from_fab_pair,
)

# Who may do what, written a second time on purpose: a change of rights is made in two places.
MATRIX = {
    "Admin": """home:read book:switch account:update payments:read payments:look_up
        payments:read_calls links:read disputes:read desk:read approvals:read inbound:read
        inbound:replay uploads:read ledger:read prices:read settlement:read audit:read
        merchants:read merchants:create merchants:update applications:read applications:decide
        capabilities:read capabilities:update
        capabilities:approve connectors:read users:read users:create users:update users:delete
        users:reset_password roles:read keys:read webhooks:read team:read team:update
        notifications:read notifications:resend jobs:read jobs:retry""",
    "Operations": """home:read book:switch account:update payments:read payments:capture
        payments:void payments:refund payments:look_up payments:read_calls links:read disputes:read
        desk:read desk:resolve approvals:read inbound:read inbound:replay uploads:read ledger:read
        prices:read settlement:read merchants:read capabilities:read connectors:read
        webhooks:read notifications:read notifications:resend jobs:read jobs:retry""",
    "Finance": """home:read book:switch account:update payments:read payments:refund
        links:read refunds:approve disputes:read desk:read desk:resolve desk:approve approvals:read
        uploads:read ledger:read ledger:adjust ledger:approve prices:read prices:update
        prices:approve settlement:read settlement:update merchants:read capabilities:read
        jobs:read""",
    "Compliance": """home:read book:switch account:update payments:read links:read disputes:read
        approvals:read audit:read merchants:read merchants:create merchants:update
        applications:read applications:decide capabilities:read capabilities:update
        capabilities:approve""",
    "Auditor": """home:read book:switch account:update payments:read links:read disputes:read
        desk:read approvals:read inbound:read uploads:read ledger:read prices:read settlement:read
        audit:read merchants:read applications:read capabilities:read connectors:read users:read
        roles:read keys:read
        webhooks:read team:read notifications:read jobs:read""",
    "Merchant owner": """home:read book:switch account:update payments:read payments:create
        payments:capture payments:void payments:refund links:read links:update disputes:read
        approvals:read prices:read
        uploads:read uploads:create uploads:confirm ledger:read audit:read keys:read keys:update
        webhooks:read webhooks:update team:read team:update notifications:read
        notifications:resend""",
    "Merchant clerk": """home:read book:switch account:update payments:read links:read
        uploads:read uploads:create""",
}


def test_every_role_has_exactly_the_written_rights() -> None:
    assert {role.value: set(rights) for role, rights in ROLES.items()} == {
        role: set(rights.split()) for role, rights in MATRIX.items()
    }


def test_every_role_belongs_to_the_house_or_to_merchants() -> None:
    assert set(ROLES) == set(RoleName)
    assert set(RoleName) - STAFF_ROLES == MERCHANT_ROLES
    assert {role.value for role in MERCHANT_ROLES} == {"Merchant owner", "Merchant clerk"}


def test_whoever_hands_out_rights_or_only_looks_moves_no_money() -> None:
    for role in (RoleName.ADMIN, RoleName.AUDITOR, RoleName.COMPLIANCE):
        assert not ROLES[role] & MOVES_MONEY


def test_merchants_have_no_right_over_the_house() -> None:
    house = {"merchants", "capabilities", "connectors", "users", "roles", "jobs"}

    for role in MERCHANT_ROLES:
        assert not {right.split(":")[0] for right in ROLES[role]} & house


@pytest.mark.parametrize("permission", list(Permission))
def test_every_permission_is_named_by_area_and_verb_and_said_in_words(
    permission: Permission,
) -> None:
    assert re.fullmatch(r"[a-z]+:[a-z]+(_[a-z]+)*", permission)
    assert permission.name == permission.value.replace(":", "_").upper()
    assert WORDS[permission][0].isupper()
    assert any(permission in rights for rights in ROLES.values())


def test_words_are_not_shared() -> None:
    assert set(WORDS) == set(Permission)
    assert len(set(WORDS.values())) == len(WORDS)


@pytest.mark.parametrize(
    "permission, pair",
    [
        (Permission.PAYMENTS_REFUND, ("can_refund", "payments")),
        (Permission.PAYMENTS_LOOK_UP, ("can_look_up", "payments")),
        (Permission.USERS_RESET_PASSWORD, ("can_reset_password", "users")),
    ],
)
def test_flask_appbuilder_names_a_permission_by_a_pair(
    permission: Permission, pair: tuple[str, str]
) -> None:
    assert fab_pair(permission) == pair


def test_every_pair_leads_back() -> None:
    assert {from_fab_pair(*fab_pair(each)) for each in Permission} == set(Permission)


@pytest.mark.parametrize(
    "action, view", [("refund", "payments"), ("can_refund", "Payments"), ("menu_access", "Jobs")]
)
def test_other_pairs_are_none_of_ours(action: str, view: str) -> None:
    assert from_fab_pair(action, view) is None
