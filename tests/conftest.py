"""What every test shares: test servers and the scale."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.configuration import set_hypothesis_home_dir

pytest_plugins = [
    "tests.fixtures.mariadb",
    "tests.fixtures.redis",
    "tests.fixtures.sandbox",
    "tests.fixtures.application",
    "tests.fixtures.agency",
    "tests.fixtures.families",
    "tests.fixtures.mail",
    "tests.fixtures.web",
]

SCALE: Literal["small", "full"] = "full" if os.environ.get("SCALE") == "full" else "small"

set_hypothesis_home_dir(Path(__file__).resolve().parents[1] / ".cache" / "hypothesis")
# A deadline measures the machine, and two test processes share it.
settings.register_profile(
    "payagency",
    deadline=None,
    max_examples=100 if SCALE == "small" else 2_000,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("payagency")


@pytest.fixture(scope="session")
def scale() -> Literal["small", "full"]:
    """Return how much work the mechanisms are put through (`make test SCALE=full`)."""
    return SCALE
