"""Random stories of payments: no order of events breaks an invariant."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.services.stories import PaymentStories

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

RUNS = {"small": 30, "full": 200}
STEPS = 20


@pytest.mark.timeout(1800)
def test_no_order_of_events_breaks_an_invariant(
    context: Flask, migrator_engine: Engine, scale: str
) -> None:
    class Stories(PaymentStories):
        engine = migrator_engine

    run_state_machine_as_test(
        Stories,
        settings=settings(
            max_examples=RUNS[scale],
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
