"""Logs: JSON with the ids of the request, and nothing that must not be in them."""

from __future__ import annotations

import json
import logging as standard
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from app.adapters import logging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Give what was written to standard error; logging is restored afterwards."""
    root = standard.getLogger()
    before, level = root.handlers[:], root.level
    yield lambda: [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    logging.clear()
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_record_carries_the_ids_of_its_request(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    logging.configure("INFO")
    logging.bind(request_id="req_1", actor="operations")
    structlog.get_logger().info("refund_asked", amount_minor=1050)
    (record,) = lines()
    assert (record["event"], record["request_id"], record["actor"], record["amount_minor"]) == (
        "refund_asked",
        "req_1",
        "operations",
        1050,
    )


def test_card_numbers_and_secrets_do_not_get_into_logs(
    lines: Callable[[], list[dict[str, Any]]],
) -> None:
    logging.configure("INFO")
    structlog.get_logger().warning("odd", text="4242-4242-4242-4242", password="hunter2hunter2")
    standard.getLogger("library").warning("card %s", "4242 4242 4242 4242")
    error = ValueError("4242424242424242")
    standard.getLogger("library").error("failed", exc_info=error)
    text = json.dumps(lines())
    assert "4242" not in text.replace("[card number removed]", "")
    assert "hunter2" not in text
