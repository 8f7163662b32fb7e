"""Files whose rows become payment links, on MariaDB: each row once, mailed, apart by merchant."""

from __future__ import annotations

import io
import json
from datetime import timedelta
from itertools import count
from typing import TYPE_CHECKING, Any, Final, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select, update

from app.adapters import clock, db, failpoints
from app.domain.actors import Actor
from app.domain.bulk_links import LinkTerms
from app.domain.bulk_rows import PaymentRow
from app.domain.link_mails import MOST_OF_MERCHANT
from app.domain.money import Money
from app.domain.payment_links import LinkKind, NewLink, Price
from app.models import AuditEntry, BulkRow, MailAllowance, Notification, PaymentLink
from app.queries import bulk, operations, payment_pages
from app.services import link_mails, payment_links
from app.services.bulk import linking, running
from app.services.bulk.report import dry_run_report
from app.services.invariants import registry as invariants
from tests.services import flows
from tests.services.bulk import files
from tests.services.notify import mailing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from tests.fixtures.application import World

HEADER: Final = (
    *(*files.HEADER, "description", "customer_name", "customer_email"),
    *("expires", "locale", "send", "metadata.shop"),
)
FAILPOINTS: Final = ("bulk.chunk_loaded", "bulk.before_commit", "bulk.chunk_committed")
NUMBERS: Final = count(1)
OWN: Final = frozenset({"id", "public_id", "token", "object_id", "changes"})


class Killed(BaseException):
    """Stands for the end of a process: nothing catches it."""


def link(reference: str, amount: str = "10.50", send: str = "", **more: str) -> list[str]:
    """Return a row that becomes a link."""
    row = {
        "reference": reference,
        "amount": amount,
        "currency": "EUR",
        "method": "link",
        "description": f"Invoice {reference}",
        "customer_email": f"{reference}@example.com",
        "send": send,
        **more,
    }
    return [row.get(column, "") for column in HEADER]


def row_of(kind: str, name: str) -> list[str]:
    """Return a row of a kind."""
    match kind:
        case "upi":
            return [name, "10.50", "INR", "upi"]
        case "link":
            return link(name, send="yes")
        case "bad link":
            return link(name, expires="never")
        case _:
            return files.card(name, "0" if kind == "bad" else "10.50")


def text(rows: Sequence[Sequence[str]]) -> str:
    """Return a file; rows of cards are filled up."""
    return files.text([[*row, *[""] * (len(HEADER) - len(row))] for row in rows], HEADER)


def links(actor: Actor) -> list[PaymentLink]:
    with db.reading(actor) as session:
        return list(session.scalars(select(PaymentLink).order_by(PaymentLink.id)))


def report(world: World, rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    actor = Actor.system(world.acme, livemode=False, label="command line")
    return cast("dict[str, Any]", dry_run_report(actor, io.BytesIO(text(rows).encode()), "."))


def sound(world: World) -> None:
    """Refuse whatever breaks an invariant."""
    with db.reading(world.staff()) as session:
        assert [each for each in invariants.check_all(session) if each.violations] == []


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(kinds=st.lists(st.sampled_from(["card", "upi", "link", "bad", "bad link"]), min_size=1))
def test_a_mixed_file_ends_with_as_many_payments_and_links_as_good_rows(
    families: World, kinds: list[str]
) -> None:
    owner = families.owner()
    before = len(files.payments(owner)), len(links(owner))
    upload = files.checked(owner, text([row_of(kind, f"r-{next(NUMBERS)}") for kind in kinds]))
    paid, linked = kinds.count("card") + kinds.count("upi"), kinds.count("link")
    assert (upload.rows_valid, upload.rows_links, upload.rows_mails) == (
        paid + linked,
        linked,
        linked,
    )
    if paid + linked:
        files.confirm(owner, upload.public_id)
        files.work()
    expected = {"created": paid, "linked": linked}
    assert files.states(owner, upload) == {name: n for name, n in expected.items() if n}
    after = len(files.payments(owner)), len(links(owner))
    assert after == (before[0] + paid, before[1] + linked)


def test_many_at_once_write_what_one_by_one_write(world: World) -> None:
    rows = [
        PaymentRow(
            line=number,
            reference=f"r-{number}",
            amount=Money(1050, "EUR"),
            method="link",
            customer_name=name,
            customer_email=f"{name}@example.com",
            description=name * 40,
            metadata={"room": str(number)},
            link=LinkTerms(days=number, locale="hi"),
        )
        for number, name in enumerate(("jo", "maria"), 1)
    ]
    found, now = [], clock.now()
    for at_once in (True, False):
        session = db.new_session(Actor.system(world.acme, livemode=False, label="file"), write=True)
        if at_once:
            linking.create_all(session, now, world.acme, rows)
        else:
            merchant = operations.merchant_of(session, world.acme)
            for row in rows:
                asked = linking.wanted(now, merchant, row)
                payment_links.create(session, now, world.acme, asked)
        found.append(
            [
                [
                    {
                        name: getattr(row, name)
                        for name in set(model.__mapper__.columns.keys()) - OWN
                    }
                    for row in session.scalars(select(model).order_by(model.id))
                ]
                for model in (PaymentLink, AuditEntry)
            ]
        )
        session.rollback()
        session.close()
    assert found[0] == found[1]
    assert [len(rows) for rows in found[0]] == [2, 2]
    assert [len(row["title"]) for row in found[0][0]] == [80, 100]
    assert found[0][0][1]["description"] == "maria" * 40


def test_a_payment_by_the_link_of_a_row_knows_whom_it_is_for_and_its_file(world: World) -> None:
    more = {"customer_name": "Jo", "expires": "14", "locale": "de", "metadata.shop": "7"}
    upload = files.finished(world.owner(), text([link("inv-7", **more)]))
    (row,) = links(world.owner())
    assert (row.kind, row.title, row.reference) == ("one_off", "Invoice inv-7", "inv-7")
    assert row.expires_at is not None
    assert timedelta(days=13) < row.expires_at - clock.now() < timedelta(days=14)
    with db.unit_of_work(Actor.system(world.acme, False, "payer")) as session:
        opened = payment_links.open_payment(session, clock.now(), row.public_id, None).public_id
    payment = flows.read(world.owner(), opened)
    assert (payment.customer_name, payment.customer_email, payment.payer_locale) == (
        *("Jo", "inv-7@example.com"),
        "de",
    )
    assert json.loads(payment.details)["metadata"] == {"shop": "7", "payment_link": row.public_id}
    again = files.checked(world.owner(), text([link("inv-7", **more)]))
    assert (again.rows_valid, again.rows_done) == (0, 1)
    with db.reading(world.owner()) as session:
        assert bulk.link_counts(session, upload.id) == (1, 0)
        of_link, of_payment = (
            payment_pages.upload_of_link(session, row),
            payment_pages.upload_of(session, payment),
        )
        assert of_link == of_payment == (upload.public_id, "payments.csv", 2, "acme-owner")
    sound(world)


def test_what_is_against_a_link_is_named_by_line_and_column(world: World) -> None:
    rows = [
        link("r-1", currency="BTC"),
        link("r-2", "99999999.00", currency="JPY"),
        link("r-3", expires="2020-01-31"),
        link("r-4", description="zero\u200bwidth"),
        link("r-5", send="yes"),
        files.card("r-6"),
    ]
    found = report(world, rows)
    assert [(each["line"], each["column"]) for each in found["errors"]] == [
        (2, "currency"),
        (3, "amount"),
        (4, "expires"),
        (5, "description"),
    ]
    assert (found["rows"]["links"], found["rows"]["mails"]) == (1, 1)
    assert (found["totals"], found["link_totals"]) == ({"EUR": 1050}, {"EUR": 1050})


def test_a_reference_is_taken_once_by_whatever_has_it(world: World) -> None:
    owner = world.owner()
    flows.pay(owner, world.acme, reference="paid", run=False)
    by_hand = NewLink(
        kind=LinkKind.ONE_OFF,
        title="T",
        price=Price(currency="EUR", amount_minor=1050),
        reference="hand",
    )
    with db.unit_of_work(owner) as session:
        payment_links.create(session, clock.now(), world.acme, by_hand)
    first = files.finished(owner, text([link("file"), files.card("card")]))
    assert files.states(owner, first) == {"linked": 1, "created": 1}
    others = [link("paid"), link("hand"), link("card"), files.card("file"), link("file", "9.00")]
    found = report(world, [*others[:3], others[3], link("free")])
    assert [each["code"] for each in found["errors"]] == ["reference_taken"] * 4
    assert report(world, [others[4]])["errors"][0]["code"] == "reference_taken"
    assert report(world, [link("file")])["rows"]["done"] == 1
    assert len(links(owner)) == 2


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("name", FAILPOINTS)
def test_killed_at_any_failpoint_every_row_is_one_link_and_one_mail(
    world: World, migrator_engine: Engine, monkeypatch: pytest.MonkeyPatch, name: str, times: int
) -> None:
    monkeypatch.setattr(running, "CHUNK_ROWS", 2)
    rows = [link(f"r-{number}", send="yes") for number in range(5)]
    upload = files.checked(world.owner(), text(rows))
    files.confirm(world.owner(), upload.public_id)
    hits: list[str] = []

    def hit(reached: str) -> None:
        hits.append(reached)
        if reached == name and hits.count(name) == times:
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(failpoints, "hit", hit)
        with pytest.raises(Killed):
            files.work()
    files.end_leases(migrator_engine)
    files.work()
    assert files.states(world.owner(), upload) == {"linked": 5}
    assert sorted(row.reference for row in links(world.owner())) == [f"r-{n}" for n in range(5)]
    mails = [row for row in mailing.rows() if row.kind == "payment_link"]
    assert sorted(row.recipient for row in mails) == [f"r-{n}@example.com" for n in range(5)]
    sound(world)


def test_a_file_mails_no_more_than_the_day_has_and_says_which_not(world: World) -> None:
    with db.unit_of_work(world.owner()) as session:
        link_mails.take(session, clock.now(), world.acme, 1)
        session.execute(update(MailAllowance).values(used=MOST_OF_MERCHANT - 2))
    rows = [link(f"r-{number}", send="yes") for number in range(4)]
    upload = files.finished(world.owner(), text([*rows, link("r-9", send="no")]))
    assert files.states(world.owner(), upload) == {"linked": 5}
    with db.reading(world.owner()) as session:
        codes = list(session.scalars(select(BulkRow.code).order_by(BulkRow.line)))
        mailed = session.query(Notification).where(Notification.kind == "payment_link").count()
    assert (codes, mailed) == ([None, None, "mails_used_up", "mails_used_up", None], 2)


def test_more_rows_take_no_more_statements(world: World) -> None:
    def statements(number: int) -> int:
        rows = [
            PaymentRow(
                line=each,
                reference=f"{number}-{each}",
                amount=Money(1050, "EUR"),
                method="link",
                customer_email="jo@example.com",
                link=LinkTerms(send=True),
            )
            for each in range(number)
        ]
        sent: list[str] = []

        def note(*told: object) -> None:
            sent.append(str(told[2]))

        with db.unit_of_work(world.owner()) as session:
            connection = session.connection()
            event.listen(connection, "before_cursor_execute", note)
            made = linking.create_all(session, clock.now(), world.acme, rows)
            pairs = list(zip(rows, made, strict=True))
            assert linking.mail_all(session, clock.now(), world.acme, pairs) == number
            event.remove(connection, "before_cursor_execute", note)
        return len(sent)

    assert statements(200) <= statements(5) + 4


def test_another_merchant_neither_sees_nor_takes_them(world: World) -> None:
    upload = files.finished(world.owner(), text([link("inv-7", send="yes")]))
    stranger = world.stranger()
    assert (links(stranger), files.states(stranger, upload)) == ([], {})
    with db.reading(stranger) as session:
        assert bulk.link_counts(session, upload.id) == (0, 0)
        assert list(bulk.results(session, upload.id)) == [[]]
        assert bulk.taken(session, world.acme, ["inv-7"]) == {}
