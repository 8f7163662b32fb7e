"""Files of payments: received, checked row by row, confirmed, run, and reported."""

from app.services.bulk.checking import check
from app.services.bulk.running import run

__all__ = ["check", "run"]
