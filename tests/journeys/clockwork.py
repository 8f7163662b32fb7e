"""Time that passes for some rows: their moments are moved back, which only the migrator may do."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import create_engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection


@dataclass(frozen=True)
class Clockwork:
    """Works on the database at `url`."""

    url: str

    def a_day_passes(self, payment: str) -> None:
        """Let a day pass since what is open of a payment was sent: it is due, and its key old."""
        with self._connected() as connection:
            connection.exec_driver_sql(
                "UPDATE operation SET first_sent_at = first_sent_at - INTERVAL 25 HOUR, "
                "deadline_at = deadline_at - INTERVAL 25 HOUR "
                "WHERE payment_id = (SELECT id FROM payment WHERE public_id = %s)",
                (payment,),
            )
            connection.exec_driver_sql(
                "UPDATE outbox SET run_at = run_at - INTERVAL 25 HOUR WHERE state = 'waiting' "
                "AND ref IN (SELECT o.public_id FROM operation o JOIN payment p "
                "ON p.id = o.payment_id WHERE p.public_id = %s)",
                (payment,),
            )

    def an_hour_passes(self, kind: str) -> None:
        """Let an hour pass since a recurring task was done last."""
        with self._connected() as connection:
            connection.exec_driver_sql(
                "UPDATE outbox SET changed_at = changed_at - INTERVAL 1 HOUR, "
                "run_at = run_at - INTERVAL 1 HOUR WHERE kind = %s",
                (kind,),
            )

    def its_time_is_over(self, payment: str) -> None:
        """Let the time of an open payment be over since an hour."""
        with self._connected() as connection:
            connection.exec_driver_sql(
                "UPDATE payment SET expires_at = UTC_TIMESTAMP(6) - INTERVAL 1 HOUR "
                "WHERE public_id = %s",
                (payment,),
            )
            connection.exec_driver_sql(
                "UPDATE outbox SET run_at = UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE "
                "WHERE kind = 'payment.expire' AND state = 'waiting' AND ref = %s",
                (payment,),
            )

    def charge_of(self, payment: str) -> str:
        """Return under which id the provider knows the newest attempt of a payment."""
        with self._connected() as connection:
            found = connection.exec_driver_sql(
                "SELECT o.provider_reference FROM operation o JOIN payment p "
                "ON p.id = o.payment_id WHERE p.public_id = %s ORDER BY o.id DESC LIMIT 1",
                (payment,),
            )
            return str(found.scalar_one())

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        engine = create_engine(self.url)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()
