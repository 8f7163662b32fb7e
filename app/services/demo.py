"""The demo's people and merchants, in the test book; made by the services that people use too."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import config
from app.adapters.db import reading, unit_of_work
from app.domain.actors import Actor
from app.domain.fees import FeeRule, ListTerms
from app.domain.money import Money
from app.domain.permissions import RoleName
from app.errors import IllegalStateError, UnavailableError
from app.models import Merchant
from app.providers import registry
from app.providers.base import ConnectorConfig
from app.queries import actors, operations, payments, prices
from app.services import accounts, demo_faces, merchants, records, seed
from app.services import prices as price_lists

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.orm import Session

HOUSE = Actor.house(None, "demo")
TEST_BOOK = Actor.house(livemode=False, label="demo")
METHOD = "card"
METHOD_PERCENT_BPS = {"card": None, "upi": 40, "crypto": 100, "apm": 120}
"""What a method costs; None where each merchant has a price of its own."""
PRICED_DAYS_AGO = (60, 14)
"""When each version of the prices began; the first before the history, which reaches back."""
DISCOUNT_BPS = 10
CHARGEBACK_FEES = 50
"""So many times the fixed fee of a payment is the fee of a chargeback."""


@dataclass(frozen=True, slots=True)
class DemoPrice:
    """What a merchant pays for a card payment in one currency, and its largest payment."""

    percent_bps: int
    fixed_minor: int
    most_minor: int

    def percent_bps_of(self, method: str) -> int:
        """Basis points of a payment by a method."""
        own = METHOD_PERCENT_BPS[method]
        return self.percent_bps if own is None else own


@dataclass(frozen=True, slots=True)
class DemoMerchant:
    """A merchant of the demo; `prices` by currency, the first being the usual one."""

    key: str
    name: str
    country: str
    timezone: str
    capabilities: tuple[str, ...]
    prices: Mapping[str, DemoPrice]
    late_money: str = "accept"

    def methods(self, currency: str) -> list[str]:
        """Families in which it takes a currency; UPI knows rupees only."""
        return [
            method
            for method in METHOD_PERCENT_BPS
            if method in self.capabilities and (method != "upi" or currency == "INR")
        ]


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A person of the demo; staff act for no merchant."""

    username: str
    role: RoleName
    merchant: str | None = None


MERCHANTS = (
    DemoMerchant(
        "acme",
        "Acme Traders",
        "IN",
        "Asia/Kolkata",
        ("card", "upi", "crypto", "apm", "bulk"),
        {
            "INR": DemoPrice(200, 300, 50_000_000),
            "USD": DemoPrice(290, 30, 1_000_000),
            "EUR": DemoPrice(250, 25, 1_000_000),
        },
    ),
    DemoMerchant(
        "globex",
        "Globex Corporation",
        "US",
        "America/New_York",
        ("card", "apm"),
        {
            "USD": DemoPrice(270, 30, 2_000_000),
            "EUR": DemoPrice(280, 30, 1_500_000),
            "INR": DemoPrice(250, 300, 50_000_000),
        },
        late_money="refund",
    ),
)
USERS = (
    DemoUser("admin", RoleName.ADMIN),
    DemoUser("operations", RoleName.OPERATIONS),
    DemoUser("compliance", RoleName.COMPLIANCE),
    DemoUser("compliance-2", RoleName.COMPLIANCE),
    DemoUser("finance", RoleName.FINANCE),
    DemoUser("finance-2", RoleName.FINANCE),
    DemoUser("auditor", RoleName.AUDITOR),
    DemoUser("acme-owner", RoleName.MERCHANT_OWNER, "acme"),
    DemoUser("acme-clerk", RoleName.MERCHANT_CLERK, "acme"),
    DemoUser("globex-owner", RoleName.MERCHANT_OWNER, "globex"),
)


def refuse_in_production() -> None:
    """Raise IllegalStateError where published passwords must never exist."""
    if config.get().environment == "production":
        raise IllegalStateError(
            "The demo is refused in production: its passwords are published. "
            "Create people with flask payagency user create."
        )


def people_and_merchants(now: datetime) -> None:
    """Make what is missing of the demo's merchants, their rights and prices, and the users."""
    refuse_in_production()
    for wanted in MERCHANTS:
        with unit_of_work(HOUSE) as session:
            merchant = _merchant(session, now, wanted)
        with unit_of_work(Actor.system(merchant.id, livemode=False, label="demo")) as session:
            _allow(session, now, wanted, merchant)
    with unit_of_work(HOUSE) as session:
        for user in USERS:
            _user(session, now, user)


def listen() -> str:
    """Have the sandbox send its messages to us; answers a line that tells what came of it.

    Without them everything is learned by looking, only later: it never stops a release.
    """
    configuration = sandbox_configuration()
    address = f"{config.get().public_url}/webhooks/{seed.SANDBOX}/{configuration.account}"
    try:
        registry.get(seed.SANDBOX).register(configuration, address)
    except UnavailableError as error:
        return f"Warning: the sandbox provider sends no messages to {address}: {error.detail}"
    return f"Sandbox provider: sends its messages to {address}"


def sandbox_configuration() -> ConnectorConfig:
    """Return how the sandbox is reached; raises IllegalStateError before it was seeded."""
    with reading(TEST_BOOK) as session:
        account = operations.shared_connector_account(session, seed.SANDBOX)
        if account is None:
            raise IllegalStateError("There is no account with the sandbox provider.")
        return ConnectorConfig(
            connector=account.connector,
            account=account.public_id,
            base_url=account.base_url,
            credentials=json.loads(account.credentials),
        )


def merchant_id(key: str) -> int:
    """Return the row id of a demo merchant; raises IllegalStateError where it was not made."""
    with reading(HOUSE) as session:
        found = actors.merchant_by_key(session, key)
    if found is None:
        raise IllegalStateError(f"The demo's merchant {key} does not exist.")
    return found.id


def _merchant(session: Session, now: datetime, wanted: DemoMerchant) -> Merchant:
    known = actors.merchant_by_key(session, wanted.key)
    if known is not None:
        return known
    made = merchants.create_merchant(
        session,
        now,
        key=wanted.key,
        name=wanted.name,
        country=wanted.country,
        currency=next(iter(wanted.prices)),
        timezone=wanted.timezone,
    )
    if wanted.late_money != made.late_money:
        records.update(session, now, Merchant, made.id, {"late_money": wanted.late_money})
    demo_faces.give(session, now, made)
    return made


def _allow(session: Session, now: datetime, wanted: DemoMerchant, merchant: Merchant) -> None:
    granted = payments.capability_kinds(session, merchant.id)
    for kind in wanted.capabilities:
        if kind not in granted:
            merchants.grant(session, now, merchant, kind)
    for currency, price in wanted.prices.items():
        methods = wanted.methods(currency)
        if not prices.has_any(session, merchant.id, currency):
            for days_ago, terms in _versions(currency, price, methods):
                since = now - timedelta(days=days_ago)
                price_lists.agree(session, since, merchant.id, terms)
        for method in methods:
            if payments.limit_minor(session, merchant.id, method, currency) is None:
                most = Money(price.most_minor, currency)
                merchants.limit(session, now, merchant, method, most)


def _versions(
    currency: str, price: DemoPrice, methods: Iterable[str]
) -> Iterator[tuple[int, ListTerms]]:
    """Return what is agreed on, and how many days ago: later a little less, and fees for more."""
    names = list(methods)
    first = ListTerms(
        currency=currency, effective_from=None, rules=_rules(currency, price, names, 0)
    )
    yield PRICED_DAYS_AGO[0], first
    later = replace(
        first,
        rules=_rules(currency, price, names, DISCOUNT_BPS),
        chargeback_fee_minor=CHARGEBACK_FEES * price.fixed_minor,
        note="Less per payment, and a fee for each chargeback",
    )
    yield PRICED_DAYS_AGO[1], later


def _rules(
    currency: str, price: DemoPrice, methods: Iterable[str], discount_bps: int
) -> tuple[FeeRule, ...]:
    return tuple(
        FeeRule(
            price.percent_bps_of(method) - discount_bps, price.fixed_minor, currency, method=method
        )
        for method in methods
    )


def _user(session: Session, now: datetime, wanted: DemoUser) -> None:
    if actors.user_by_name(session, wanted.username) is not None:
        return
    merchant = actors.merchant_by_key(session, wanted.merchant) if wanted.merchant else None
    first_name, _, last_name = wanted.username.partition("-")
    accounts.create_user(
        session,
        now,
        username=wanted.username,
        first_name=first_name.capitalize(),
        last_name=last_name.capitalize() or "Demo",
        email=f"{wanted.username}@example.com",
        password=config.get().payagency_demo_password,
        role=wanted.role.value,
        merchant_ids=[merchant.id] if merchant else [],
    )
