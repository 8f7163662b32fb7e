"""PayAgency behind gunicorn, as it is: only the provider's answers are given within the process."""

from __future__ import annotations

from app.factory import create_app
from benchmarks.money import simulated

simulated.install()
app = create_app()
