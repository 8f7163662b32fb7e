"""How large a run is, and where its rows are; the peer reads this, so nothing of ours is here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

DATABASE: Final = "payagency_bench"
STOCK: Final = "payagency_bench_stock"
PAID: Final = "payagency_bench_paid"


@dataclass(frozen=True, slots=True)
class Scale:
    """Rows of the data set, and how often each thing is measured."""

    name: str
    payments: int
    merchants: int
    rounds: int
    depths: tuple[int, ...]
    connections: int
    file_rows: int

    @property
    def lone_payment(self) -> int:
        """The number of the only payment of the smallest merchant."""
        return self.payments // 3


SCALES: Final = {
    each.name: each
    for each in (
        Scale("smallest", 5_000, 100, 1, (500, 2_500), 4, 100),
        Scale("small", 50_000, 1_000, 5, (5_000, 25_000), 8, 400),
        Scale("full", 1_000_000, 20_000, 7, (100_000, 500_000), 32, 4_000),
    )
}
