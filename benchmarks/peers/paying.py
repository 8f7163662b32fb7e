"""PayAgency's services, as a contender that makes payments with a simulated provider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.adapters import clock
from app.domain.identifiers import new_token
from app.extensions import db
from app.factory import create_worker_app
from app.services.invariants import registry
from app.services.unscoped import unscoped
from benchmarks.money import derive, files, profile, shop, simulated
from benchmarks.money.script import to_json
from benchmarks.peers import crew

if TYPE_CHECKING:
    from flask import Flask


class Ours:
    """Makes the merchants, their payments and their files."""

    def __init__(self, app: Flask) -> None:
        """Serve as a worker is built; the provider is simulated within the process."""
        simulated.install()
        self._app = app
        self._merchants: list[int] = []

    def open(self) -> list[int]:
        """Make the merchants; returns their keys."""
        with self._app.app_context():
            return shop.open_shops()

    def know(self, merchants: list[int]) -> bool:
        """Be told the merchants."""
        self._merchants = merchants
        return True

    def record(self) -> dict[str, Any]:
        """Make one payment, and one by a file, and return the scripts of what was written."""
        with self._app.app_context():
            return {
                "payment": to_json(derive.payment(db.engine, self._merchants)),
                "row": to_json(derive.row(db.engine, self._merchants)),
            }

    def statements(self) -> list[str]:
        """Return the statements of one payment, commits among them."""
        with self._app.app_context():
            return derive.statements(db.engine, self._merchants[0])

    def profile(self, number: int) -> dict[str, Any]:
        """Return where the time of a payment goes, over so many of them."""

        def once() -> None:
            shop.pay(self._merchants[0], new_token())

        with self._app.app_context():
            sent = profile.statements(db.engine, once, number)
            return {"statements": sent, **profile.layers(once, number)}

    def run(self, number: int, threads: int, first: int = 0) -> dict[str, float]:
        """Make so many payments; `first` tells the processes' merchants apart."""

        def once(thread: int, index: int) -> None:
            with self._app.app_context():
                merchant = self._merchants[(first + thread + index) % len(self._merchants)]
                shop.pay(merchant, new_token())

        return crew.side_by_side(once, number, threads)

    def upload(self, rows: int, number: int) -> list[str]:
        """Hand in files of so many rows, a merchant each; returns their ids."""
        with self._app.app_context():
            return [files.upload(each, rows) for each in self._merchants[:number]]

    def confirm(self, uploads: list[str]) -> bool:
        """Confirm checked files: from here on the workers make their payments."""
        with self._app.app_context():
            for merchant, public_id in zip(self._merchants, uploads, strict=False):
                files.confirm(merchant, public_id)
        return True

    def violations(self) -> dict[str, list[str]]:
        """Check what `flask payagency invariants` checks; returns what does not hold."""
        with (
            self._app.app_context(),
            unscoped(shop.HOUSE, clock.now(), "benchmark") as session,
        ):
            results = registry.check_all(session)
        return {
            each.name: [f"{item.subject} {item.text}" for item in each.violations][:5]
            for each in results
            if each.violations
        }


def main() -> None:
    """Serve."""
    ours = Ours(create_worker_app())
    names = (
        "open",
        "know",
        "record",
        "statements",
        "profile",
        "run",
        "upload",
        "confirm",
        "violations",
    )
    crew.serve({name: getattr(ours, name) for name in names})


if __name__ == "__main__":
    main()
