"""The list of payments, at its first page and deep in it, and with filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from benchmarks.measure import Contender, Floor, Scenario
from benchmarks.rows import LARGEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pymysql import Connection
    from pymysql.cursors import Cursor

    from benchmarks.peers.serving import Cost
    from benchmarks.scale import Scale

PAGE: Final = 50
LEAST_MINOR, MOST_MINOR = 300_000, 305_000
BY_KEY: Final = (
    "SELECT id, public_id, merchant_id, reference, created_at, amount_minor, currency, method,"
    " status FROM payment WHERE id IN %s ORDER BY created_at DESC, id DESC"
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page: how it is asked for, and by which SQL anybody can see what must stand on it."""

    name: str
    address: str
    where: str = "1"
    depth: int = 0
    reader: str = "staff"
    stock: str | None = None


def pages(scale: Scale) -> Iterator[Shown]:
    """Yield what is measured; the peer cannot be asked for several statuses by its address."""
    yield Shown("list, first page", "", stock="")
    for depth in scale.depths:
        name = f"list, {depth:,} rows deep"
        yield Shown(name, "", depth=depth, stock=f"page_PaymentView={depth // PAGE}")
    yield Shown(
        "list, one status",
        "status=disputed",
        "status = 'disputed'",
        stock="_flt_3_status=disputed",
    )
    yield Shown(
        "list, three statuses, half-way down",
        "status=succeeded&status=refunded&status=disputed",
        "status IN ('succeeded', 'refunded', 'disputed')",
        depth=scale.depths[-1],
    )
    yield Shown(
        "list, largest merchant",
        f"merchant=shop-{LARGEST}",
        f"merchant_id = {LARGEST}",
        stock=f"_flt_0_merchant_id={LARGEST}",
    )
    yield Shown(
        "list, amounts of one currency",
        f"currency=EUR&amount_from={LEAST_MINOR / 100:.2f}&amount_to={MOST_MINOR / 100:.2f}",
        f"currency = 'EUR' AND amount_minor BETWEEN {LEAST_MINOR} AND {MOST_MINOR}",
        stock=(
            f"_flt_1_amount_minor={LEAST_MINOR - 1}&_flt_2_amount_minor={MOST_MINOR + 1}"
            "&_flt_3_currency=EUR"
        ),
    )
    yield Shown(
        "list, the largest merchant's own", "", f"merchant_id = {LARGEST}", reader="largest"
    )
    yield Shown(
        "list, the largest merchant's own, deep",
        "",
        f"merchant_id = {LARGEST}",
        depth=scale.depths[0],
        reader="largest",
    )


def scenarios(
    connection: Connection[Cursor], scale: Scale, ours: Contender, stock: Contender
) -> Iterator[Scenario]:
    """Yield the scenarios; each answer must name the same payments in the same order."""
    for shown in pages(scale):
        ids, edge = _expected(connection, shown)
        keys = [key for key, _ in ids]
        names = tuple(public_id for _, public_id in ids)
        address = f"/payments/?{shown.address}{f'&older={edge}' if edge else ''}"
        yield Scenario(
            shown.name,
            Floor(connection, BY_KEY, keys),
            _asking(ours, address, shown.reader),
            None if shown.stock is None else _asking(stock, f"/paymentview/list/?{shown.stock}"),
            _same_rows(names),
        )


def _expected(connection: Connection[Cursor], shown: Shown) -> tuple[list[tuple[int, str]], str]:
    """Find the page by counting rows, as nobody should; and the row before it."""
    skipped = max(shown.depth - 1, 0)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, public_id FROM payment WHERE livemode = 0 AND {shown.where}"
            f" ORDER BY created_at DESC, id DESC LIMIT {PAGE + 1} OFFSET {skipped}"
        )
        rows: list[Any] = list(cursor.fetchall())
    if shown.depth:
        return rows[1:], rows[0][1]
    return rows[:PAGE], ""


def _asking(contender: Contender, address: str, reader: str = "staff") -> Callable[[], Cost]:
    return lambda: contender.ask(address, reader)


def _same_rows(names: tuple[str, ...]) -> Callable[[Cost], None]:
    def check(cost: Cost) -> None:
        shown = tuple(name for name in cost.ids if name in names)
        assert shown == names, f"{len(shown)} of {len(names)} rows, or another order"

    return check
