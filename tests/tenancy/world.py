"""Two merchants with everything that one can have, made through the services only.

Each text of globex that a person, a file or a provider can fill carries CANARY; acme has a little
of its own, marked OWN, so that its pages are not empty.
"""

from __future__ import annotations

import io
import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest

from app.adapters import clock, db
from app.domain.actors import Actor
from app.domain.money import Money
from app.domain.permissions import ROLES, RoleName
from app.jobs.handlers import HANDLERS
from app.models import Merchant, SettlementSchedule
from app.providers.request import ConnectorConfig
from app.providers.sandbox.client import SandboxConnector
from app.queries import operations
from app.services import (
    accounts,
    audit,
    desk,
    idempotency,
    inbound,
    leases,
    merchants,
    outbox,
    payments,
    records,
    refunds,
    routing,
)
from app.services.approvals import decisions, limits, refund
from app.services.bulk import uploads
from tests.services import flows, telling
from tests.tenancy.api_keys import api_key
from tests.tenancy.applied import applied
from tests.tenancy.faces import face
from tests.tenancy.notices import notices
from tests.tenancy.payment_links import links
from tests.tenancy.price_lists import price_lists
from tests.tenancy.webhooks import webhooks
from tests.views.people import PASSWORD

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine
    from sqlalchemy.orm import Session

    from tests.fixtures.application import World
    from tests.views.people import Browser, People

CANARY: Final = "zyzzyva"
OWN: Final = "quokka"
CANARY_PHONE: Final = "+91 98123 76540"
CANARY_CURRENCY: Final = "CHF"
CANARY_AMOUNT: Final = Money(731_99, CANARY_CURRENCY)
HEADER: Final = (
    "reference,amount,currency,method,card_token,customer_name,customer_email,description,"
    "metadata.note"
)
NOBODY: Final = "nobody"
PARTNER: Final = "partner"
"""Acts for both merchants, and so has the form that switches between them."""

SCOUTS: Final = ("admin", "operations", "finance", "globex-owner", PARTNER, NOBODY)
_ids: Iterator[int] = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Tenants:
    """The world of the crawl, and who looks at it."""

    people: People
    acme: int
    globex: int
    engine: Engine

    def browser(self, name: str) -> Browser:
        """Return somebody's browser."""
        return self.people.nobody() if name == NOBODY else self.people.browser(name)

    def scouts(self) -> dict[str, Browser]:
        """Return the browsers of those who together see every page and form."""
        return {name: self.browser(name) for name in SCOUTS}


class _BrokenError(Exception):
    """What a task ends with on the desk."""


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes what a merchant can have; `mark` stands in each text."""

    actor: Actor
    staff: Actor
    finance: Actor
    compliance: Actor
    mark: str
    currency: str

    @property
    def merchant_id(self) -> int:
        assert self.actor.merchant_id is not None
        return self.actor.merchant_id

    def text(self, field: str) -> str:
        """Return a text that names the field from which it could leak."""
        return f"{self.mark}-{field}-{next(_ids)}"

    def pay(self, token: str, *, run: bool = True, **changes: str | Money) -> tuple[str, str]:
        """Ask for a payment with every text filled; returns its id and its operation's."""
        values: dict[str, Any] = {
            "amount": CANARY_AMOUNT if self.mark == CANARY else Money(100_00, self.currency),
            "method": "card",
            "reference": self.text("reference"),
            "origin": "form",
            "card_token": token,
            "customer_name": self.text("customer-name"),
            "customer_email": f"{self.text('customer-email')}@example.com",
            "customer_phone": CANARY_PHONE if self.mark == CANARY else "+91 98000 00000",
            "description": self.text("description"),
            "metadata": {"note": self.text("metadata")},
        }
        asked = payments.NewPayment(**{**values, **changes})
        route = routing.choose("card", livemode=False)
        with db.unit_of_work(self.actor) as session:
            payment = payments.create(
                session, clock.now(), self.merchant_id, asked, route, head_start_seconds=15
            )
            public_id = payment.public_id
            operation = operations.of_payment(session, payment.id)[0].public_id
        if run:
            flows.send(self.actor, self.merchant_id, operation)
        return public_id, operation

    def refund(self, payment: str, amount_minor: int, *, run: bool = True) -> None:
        """Ask for a refund with a reason."""
        with db.unit_of_work(self.actor) as session:
            operation = refunds.ask_refund(
                session,
                clock.now(),
                payment,
                amount_minor,
                self.text("refund-reason"),
                head_start_seconds=15,
            ).public_id
        if run:
            flows.send(self.actor, self.merchant_id, operation)

    def approvals(self) -> None:
        """Leave a refund and a limit that wait for a second person, and a refund that got none."""
        large = Money(5_000_00, self.currency)
        for is_decided in (True, False):
            paid, _ = self.pay("tok_approve", amount=large)
            with db.unit_of_work(self.actor) as session:
                reason = self.text("approval-reason")
                asked = refund.ask(session, clock.now(), paid, 2_000_00, reason).public_id
            if is_decided:
                with db.unit_of_work(self.finance) as session:
                    reason = self.text("decision-reason")
                    decisions.reject(session, clock.now(), asked, reason)
        values = {
            "merchant_id": self.merchant_id,
            "kind": "upi",
            "currency": self.currency,
            "max_minor": 800_000_000,
        }
        with db.unit_of_work(self.compliance) as session:
            reason = self.text("approval-reason")
            limits.ask(session, clock.now(), "create", 0, values, reason)

    def upload(self, *rows: str, check: bool = True) -> str:
        """Upload a file and, with `check`, have it checked."""
        source = io.BytesIO("\n".join([HEADER, *rows]).encode())
        name = f"{self.text('filename')}.csv"
        with db.reading(self.actor) as session:
            received = uploads.receive(session, clock.now(), source, name)
        with db.unit_of_work(self.actor) as session:
            uploads.register(session, clock.now(), received)
        if check:
            leases.drain("bulk", HANDLERS)
        return received.public_id

    def row(self, amount: str = "73.10", token: str = "tok_approve") -> str:
        """Return a line of a file."""
        texts = [self.text(name) for name in ("row-reference", "row-name", "row-description")]
        reference, name, description = texts
        mail = f"{self.text('row-email')}@example.com"
        cells = [reference, amount, self.currency, "card", token, name, mail, description]
        return ",".join([*cells, self.text("row-metadata")])

    def uploads(self) -> None:
        """Leave an upload in each state in which one can be found."""
        good, bad = [self.row(), self.row(token="tok_decline")], self.row(amount=f"{self.mark}1")
        run = self.upload(*good, bad)
        with db.unit_of_work(self.actor) as session:
            uploads.confirm(session, clock.now(), run)
        leases.drain("bulk", HANDLERS)
        leases.drain("money", HANDLERS)
        self.upload(self.row(), bad)
        self.upload()  # has no rows, so it is refused
        canceled = self.upload(self.row())
        with db.unit_of_work(self.actor) as session:
            uploads.cancel(session, clock.now(), canceled)

    def grants(self) -> None:
        """Give the merchant what generated forms give."""
        with db.unit_of_work(self.staff) as session:
            values = {"name": f"{self.text('merchant-name').title()}"}
            merchant = records.update(session, clock.now(), Merchant, self.merchant_id, values)
            face(session, self.merchant_id, self.mark, self.text)
            merchants.grant(session, clock.now(), merchant, "upi")
            most = Money(900_000_000, self.currency)
            merchants.limit(session, clock.now(), merchant, "card", most)
            schedule = {"release_days": 3, "calendar": "CH", "reserve_bps": 0, "reserve_days": 0}
            agreed = {"merchant_id": self.merchant_id, "method": "upi", **schedule}
            records.create(session, clock.now(), SettlementSchedule, agreed)
            price_lists(session, self.merchant_id, self.currency, self.text)

    def broken_task(self) -> None:
        """Leave a failed task on the desk, with an error."""

        def fail(_lease: object) -> None:
            raise _BrokenError(self.text("task-error"))

        with db.unit_of_work(self.actor) as session:
            self._enqueue(session, "default", self.text("task-ref"), 0)
            self._enqueue(session, "default", self.text("task-later"), 86_400)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(leases, "MOST_TRIES", 1)
            leases.drain("default", {**HANDLERS, "operation": fail})

    def _enqueue(self, session: Session, queue: str, ref: str, delay_seconds: float) -> None:
        outbox.enqueue(
            session,
            clock.now(),
            queue=queue,
            kind="operation",
            ref=ref[:40],
            job_key=self.text("job-key"),
            merchant_id=self.merchant_id,
            livemode=False,
            delay_seconds=delay_seconds,
        )

    def desk(self) -> None:
        """Leave two cases at the desk: one about an unknown outcome, one that somebody has."""
        payment, operation_id = self.pay("tok_approve", run=False)
        with db.unit_of_work(self.staff) as session:
            operation = operations.get(session, operation_id)
            assert operation is not None
            made = [
                desk.open_case(
                    session,
                    clock.now(),
                    case_key=f"{kind}:{payment}",
                    kind=kind,
                    text=self.text("case-text"),
                    livemode=False,
                    merchant_id=self.merchant_id,
                    payment_id=known.payment_id if known else None,
                    operation_id=known.id if known else None,
                    amount=Money(operation.amount_minor, operation.currency),
                )
                for kind, known in (("unknown", operation), ("unmatched", None))
            ]
            desk.claim(session, clock.now(), made[-1].public_id)

    def traces(self) -> None:
        """Leave a trace with a text in each field, and a key that was used."""
        with db.unit_of_work(self.actor) as session:
            audit.record(
                session,
                clock.now(),
                action="payments.note",
                object_type="payment",
                object_id=self.text("audit-object"),
                sentence=self.text("audit-sentence"),
                before={"note": self.text("audit-before")},
                after={"note": self.text("audit-after")},
                livemode=False,
            )
            key, digest = self.text("idempotency-key"), idempotency.digest("POST", "/", {})
            idempotency.begin(session, clock.now(), key, digest, "", merchant_id=self.merchant_id)

    def dispute(self, payment: str) -> None:
        """Let the provider tell that a payment is disputed, with a text in each field."""
        charge = flows.read_operations(self.actor, payment)[0]
        told = {
            "object": "dispute",
            "id": self.text("dispute-id"),
            "charge": charge.provider_reference,
            "amount_minor": charge.amount_minor,
            "currency": charge.currency,
            "reference": payment,
            "stage": "chargeback",
            "status": "open",
            "withdrawn": True,
            "reason_code": self.text("reason-code"),
            "reason": self.text("dispute-reason"),
            "note": self.text("event-note"),
        }
        event = {"id": self.text("event-id"), "type": self.text("event-kind"), "data": told}
        raw = json.dumps(event).encode()
        with db.reading(self.actor) as session:
            attempt = operations.attempt_of(session, charge)
        to = inbound.Addressee(
            attempt.connector_account_id,
            self.merchant_id,
            False,
            ConnectorConfig("sandbox", "", "", {"webhook_secret": telling.SECRET}),
            telling.Reader(),
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(SandboxConnector, "webhooks", to.reader)
            inbound.receive(to, clock.now(), telling.sign(raw), raw)
            leases.drain("money", HANDLERS)

    def everything(self) -> None:
        """Make it all; of mails the first one is looked at."""
        notices(self.actor, self.merchant_id, self.text)
        self.grants()
        paid, _ = self.pay("tok_approve")
        self.refund(paid, 1_19)
        self.refund(paid, 2_29, run=False)
        disputed, _ = self.pay("tok_approve")
        self.dispute(disputed)
        self.pay("tok_approve", capture="manual")
        self.pay("tok_challenge")
        self.pay("tok_challenge", return_url=f"https://{self.mark}.example.com/return")
        self.pay("tok_decline")
        self.pay(self.text("card-token"))
        self.pay("tok_approve", run=False)
        self.approvals()
        self.uploads()
        self.desk()
        self.broken_task()
        self.traces()
        api_key(self.actor, self.merchant_id, self.text)
        webhooks(self.actor, self.merchant_id, self.text)
        applied(self.merchant_id, self.text)
        links(self.actor, self.merchant_id, self.currency, self.text)


@pytest.fixture
def tenants(sandbox_world: World, people: People, migrator_engine: Engine) -> Tenants:
    """Return acme and globex at work, with their people and those of the house."""
    with db.unit_of_work(Actor.house(None, "seed")) as session:
        accounts.create_user(
            session,
            clock.now(),
            username=PARTNER,
            first_name="Partner",
            last_name="Person",
            email="partner@example.com",
            password=PASSWORD,
            role=RoleName.MERCHANT_OWNER,
            merchant_ids=[sandbox_world.acme, sandbox_world.globex],
        )
    makers = [
        _maker(people, CANARY, sandbox_world.globex, CANARY_CURRENCY),
        _maker(people, OWN, sandbox_world.acme, "EUR"),
    ]
    for maker in makers:
        maker.everything()
    for maker in makers:
        maker.upload(maker.row(), check=False)
    return Tenants(people, sandbox_world.acme, sandbox_world.globex, migrator_engine)


def _maker(people: People, mark: str, merchant_id: int, currency: str) -> _Maker:
    username = "globex-owner" if mark == CANARY else "acme-owner"
    owner = ROLES[RoleName.MERCHANT_OWNER]
    admin, finance, compliance = (
        Actor.staff(people.ids[role.lower()], False, f"{mark}-{each}", ROLES[role])
        for role, each in (
            (RoleName.ADMIN, "staff"),
            (RoleName.FINANCE, "finance"),
            (RoleName.COMPLIANCE, "compliance"),
        )
    )
    return _Maker(
        actor=Actor.merchant(merchant_id, False, people.ids[username], username, owner),
        staff=admin,
        finance=finance,
        compliance=compliance,
        mark=mark,
        currency=currency,
    )
