"""The search box, in each way of naming a payment, for each reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from app.adapters.crypto import blind_index
from benchmarks import rows
from benchmarks.measure import Contender, Floor, Scenario
from benchmarks.payment_lists import BY_KEY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pymysql import Connection
    from pymysql.cursors import Cursor

    from benchmarks.peers.serving import Cost

MOST: Final = 8
READERS: Final = {
    "staff": "1",
    "largest": f"merchant_id = {rows.LARGEST}",
    "smallest": f"merchant_id = {rows.SMALLEST}",
}


def scenarios(connection: Connection[Cursor], ours: Contender) -> Iterator[Scenario]:
    """Yield the scenarios; what is found must be what a scan of the table finds."""
    for reader, mine in READERS.items():
        for name, text, where, values in _asked(connection, mine):
            expected = _expected(connection, mine, where, values)
            yield Scenario(
                f"search, {reader}, {name}",
                Floor(connection, BY_KEY, [key for key, _ in expected]),
                _asking(ours, f"/search/?q={quote(text)}", reader),
                check=_finds({public_id for _, public_id in expected}),
            )


def _asked(
    connection: Connection[Cursor], mine: str
) -> Iterator[tuple[str, str, str, tuple[object, ...]]]:
    """Yield what is typed about a payment of the reader's, and what it means in SQL."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT payment.public_id, payment.reference, provider_reference, payment.amount_minor,"
            " payment.currency FROM payment JOIN operation ON payment_id = payment.id"
            f" WHERE payment.livemode = 0 AND payment.{mine.lstrip('1') or 'id > 0'}"
            " ORDER BY payment.id LIMIT 1"
        )
        row: Any = cursor.fetchone()
    public_id, reference, at_provider, amount, currency = row
    exact = ("reference = %s", (reference,))
    often = blind_index(rows.OFTEN_EMAIL, "payment.customer_email")
    of_card = "id IN (SELECT payment_id FROM attempt WHERE card_last4 = %s)"
    of_provider = "id IN (SELECT payment_id FROM operation WHERE provider_reference = %s)"
    price = ("amount_minor = %s AND currency = %s", (rows.OFTEN_AMOUNT, "EUR"))
    yield "id", public_id, "public_id = %s", (public_id,)
    yield "reference", reference, *exact
    yield "provider's reference", at_provider, of_provider, (at_provider,)
    yield "frequent e-mail address", rows.OFTEN_EMAIL, "customer_email_index = %s", (often,)
    yield "frequent end of a card", rows.OFTEN_LAST4, of_card, (rows.OFTEN_LAST4,)
    yield "rare end of a card", "card 1357", of_card, ("1357",)
    yield "frequent amount", f"{rows.OFTEN_AMOUNT / 100:.2f} EUR", *price
    own = f"{currency} {amount // 100}.{amount % 100:02d}"
    yield "own amount", own, price[0], (amount, currency)


def _expected(
    connection: Connection[Cursor], mine: str, where: str, values: tuple[object, ...]
) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, public_id FROM payment WHERE livemode = 0 AND {mine} AND {where}"
            f" ORDER BY created_at DESC, id DESC LIMIT {MOST}",
            values,
        )
        found: list[Any] = list(cursor.fetchall())
    return found


def _asking(contender: Contender, address: str, reader: str) -> Callable[[], Cost]:
    return lambda: contender.ask(address, reader, "application/json")


def _finds(expected: set[str]) -> Callable[[Cost], None]:
    def check(cost: Cost) -> None:
        assert expected <= set(cost.ids), f"{len(expected - set(cost.ids))} payments are missing"

    return check
