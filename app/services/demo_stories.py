"""What does not go smoothly in the demo: disputes, refunds that fail, and what waits at the desk.

A story is told once, by its merchant's reference; one that was cut short stays as it is, and the
workers bring its operations to their end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from app.adapters import clock
from app.adapters.db import reading, unit_of_work
from app.domain.actors import Actor
from app.domain.money import Money
from app.queries import methods, operations, payments
from app.services import attempts, closing, demo, demo_people, desk_notice, refunds
from app.services import payments as payment_service
from app.services.demo_plan import APPROVE, SILENT
from app.services.demo_stage import HEAD_START_SECONDS, Stage, first, pay, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from app.models import Operation
    from app.services.routing import Routes

_LATER: Final = timedelta(hours=5)
_UNMATCHED_SINCE: Final = timedelta(hours=26)
_SURPLUS_PERCENT: Final = 125
_SHORT_PERCENT: Final = 60
_WHOLE: Final = 100


@dataclass(frozen=True, slots=True)
class Told:
    """A story that is being told: its payment, who makes it, and those behind the sandbox."""

    owner: Actor
    routes: Routes
    stage: Stage
    payment: str

    @property
    def charge(self) -> str:
        """The provider's id of the payment's first operation."""
        return str(first(self.owner, self.payment).provider_reference)

    def last(self) -> Operation:
        """Return the payment's newest operation, as it is now."""
        with reading(self.owner) as session:
            payment_id = first(self.owner, self.payment).payment_id
            return operations.of_payment(session, payment_id)[-1]

    def run_first(self) -> None:
        """Look the first operation up."""
        run(first(self.owner, self.payment).public_id, self.owner)


def _later(part: timedelta = _LATER) -> datetime:
    return clock.now() + part


def _dispute(*moves: dict[str, str], **opened: object) -> Callable[[Told], None]:
    def tell(told: Told) -> None:
        with clock.at(_later()):
            dispute = told.stage.dispute(told.charge, **opened)
            told.stage.hear(dispute, clock.now())
        for number, move in enumerate(moves, start=2):
            with clock.at(_later(number * _LATER)):
                told.stage.move(dispute, **move)
                told.stage.hear(dispute, clock.now())

    return tell


def _refund(told: Told, percent: int) -> Operation:
    with unit_of_work(told.owner) as session:
        payment = payments.get(session, told.payment)
        captured_minor = 0 if payment is None else payment.captured_minor
        refund = refunds.ask_refund(
            session,
            clock.now(),
            told.payment,
            captured_minor * percent // _WHOLE,
            "Customer returned the goods",
            head_start_seconds=HEAD_START_SECONDS,
        )
    run(refund.public_id, told.owner)
    with unit_of_work(told.owner) as session:
        return operations.get(session, refund.public_id) or refund


def _refund_comes_back(told: Told) -> None:
    """The payer's bank sends a refund back that had succeeded."""
    with clock.at(_later()):
        refund = _refund(told, 50)
        told.stage.fail(str(refund.provider_reference))
        told.stage.hear(str(refund.provider_reference), clock.now())
        run(refund.public_id, told.owner)


def _refunded_and_disputed(told: Told) -> None:
    """A payer is refunded in full and disputes the payment all the same."""
    with clock.at(_later()):
        _refund(told, _WHOLE)
    _dispute()(told)


def _second(told: Told) -> None:
    """The payer pays by card after a QR code had expired, and then by the code as well."""
    told.stage.act(told.charge, "expire")
    told.run_first()
    with unit_of_work(told.owner) as session:
        again = attempts.try_again(
            session,
            clock.now(),
            told.payment,
            told.routes.choose("card"),
            card_token=APPROVE,
            head_start_seconds=HEAD_START_SECONDS,
        )
    run(again.public_id, told.owner)
    with clock.at(_later(timedelta(minutes=20))):
        told.stage.act(told.charge, "pay")
        told.run_first()


def _late(told: Told) -> None:
    """A payment is given up, then it is paid, and the payer's bank does not take it back."""
    told.stage.act(told.charge, "decline")
    told.run_first()
    with unit_of_work(told.owner) as session:
        closing.cancel(session, clock.now(), told.payment, "Ordered elsewhere")
    with clock.at(_later()):
        told.stage.act(told.charge, "pay")
        told.stage.hear(told.charge, clock.now())
        told.run_first()
        refund = told.last()
        run(refund.public_id, told.owner)
        refused = str(told.last().provider_reference)
        told.stage.fail(refused)
        told.stage.hear(refused, clock.now())
        run(refund.public_id, told.owner)


def _sends(percent: int, *then: str) -> Callable[[Told], None]:
    """Return how a payer sends so much of what is asked for in a coin."""

    def tell(told: Told) -> None:
        with reading(told.owner) as session:
            attempt_id = first(told.owner, told.payment).attempt_id
            quote = methods.quote_of_attempt(session, attempt_id)
            units = 0 if quote is None else quote.expected_units
        told.stage.act(told.charge, "deposit", units * percent // _WHOLE)
        for what in then:
            told.stage.act(told.charge, what)
        told.run_first()

    return tell


def _unknown(told: Told) -> None:
    """The provider never says what became of it."""
    with clock.at(_later(timedelta(minutes=31))):
        actor = Actor.system(told.owner.merchant_id or 0, livemode=False, label="desk notice")
        with unit_of_work(actor) as session:
            operation = operations.get(session, first(told.owner, told.payment).public_id)
            if operation is not None:
                desk_notice.open_unknown(session, clock.now(), operation)


@dataclass(frozen=True, slots=True)
class Story:
    """A payment that is made `ago`, and what happens to it then."""

    reference: str
    merchant: str
    ago: timedelta
    amount: Money
    tell: Callable[[Told], None]
    family: str = "card"
    name: str = ""
    token: str = ""


def _card(
    reference: str, merchant: str, days: int, amount: Money, tell: Callable[[Told], None]
) -> Story:
    return Story(f"demo-{reference}", merchant, timedelta(days=days), amount, tell, token=APPROVE)


_REVIEW: Final = {"status": "under_review"}
STORIES: Final = (
    _card("dispute-won", "acme", 24, Money(18_400, "USD"), _dispute(_REVIEW, {"status": "won"})),
    _card("dispute-lost", "acme", 21, Money(7_900, "EUR"), _dispute(_REVIEW, {"status": "lost"})),
    _card("dispute-review", "globex", 6, Money(24_900, "USD"), _dispute(_REVIEW)),
    _card("dispute-open", "acme", 3, Money(1_249_900, "INR"), _dispute()),
    _card("dispute-inquiry", "globex", 2, Money(12_900, "EUR"), _dispute(stage="inquiry")),
    _card("dispute-refunded", "globex", 9, Money(5_900, "USD"), _refunded_and_disputed),
    _card("refund-back-1", "acme", 12, Money(899_900, "INR"), _refund_comes_back),
    _card("refund-back-2", "globex", 5, Money(16_500, "USD"), _refund_comes_back),
    Story("demo-second", "acme", timedelta(days=2), Money(459_900, "INR"), _second, "upi", "qr"),
    Story("demo-late", "globex", timedelta(days=4), Money(8_900, "EUR"), _late, "apm", "ideal"),
    Story(
        "demo-over-paid",
        "acme",
        timedelta(days=1),
        Money(32_000, "EUR"),
        _sends(_SURPLUS_PERCENT, "confirm"),
        "crypto",
        "USDC@ethereum",
    ),
    Story(
        "demo-under-paid",
        "acme",
        timedelta(hours=30),
        Money(21_000, "USD"),
        _sends(_SHORT_PERCENT, "confirm", "expire"),
        "crypto",
        "BTC",
    ),
    Story(
        "demo-unknown",
        "acme",
        timedelta(hours=3),
        Money(6_400, "EUR"),
        _unknown,
        token=SILENT,
    ),
)
NOBODYS: Final = "demo-counter-sale"
"""What is charged at the provider's own desk, so that no payment of ours is known for it."""


def play(now: datetime, stage: Stage, routes: Routes) -> int:
    """Tell the stories that were not told yet; answers how many there are."""
    owners = {merchant.key: demo_people.owner(merchant.key) for merchant in demo.MERCHANTS}
    told = [_tell(each, owners[each.merchant], now, stage, routes) for each in STORIES]
    if any(told):
        with clock.at(now):
            stage.hear(stage.sell(NOBODYS, 4_500, "EUR"), now - _UNMATCHED_SINCE)
    return len(STORIES) + 1


def _tell(story: Story, owner: Actor, now: datetime, stage: Stage, routes: Routes) -> bool:
    """Make a story's payment and tell the story; False where that was done before."""
    asked = payment_service.NewPayment(
        amount=story.amount,
        method=story.family,
        method_name=story.name,
        reference=story.reference,
        origin="demo",
        card_token=story.token or None,
        customer_name="Irene Duarte",
        customer_email="irene.duarte@example.com",
        description="Order of spare parts",
    )
    with reading(owner) as session:
        if payments.by_references(session, owner.merchant_id or 0, [story.reference]):
            return False
    with clock.at(now - story.ago):
        told = Told(owner, routes, stage, pay(owner, asked, routes))
        story.tell(told)
    return True
