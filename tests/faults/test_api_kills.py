"""One key, one payment: asked fifty times at once, and asked again after the server was killed."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import httpx
import pytest

from tests.faults.processes import Web, eventually
from tests.services import flows

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.fixtures.application import World
    from tests.infra.sandbox import SandboxServer

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(300)]

PAYMENT: Final = {
    "amount": 6000,
    "currency": "EUR",
    "reference": "order-17",
    "method": {"type": "card", "token": "tok_approve"},
}
AT_ONCE: Final = 50


def _ask(
    web: Web, secret: str, path: str = "/v1/payments", body: dict[str, Any] | None = None
) -> httpx.Response:
    """Ask as a program does: a body is sent under always the same key."""
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "order-17"}
    method = "GET" if body is None else "POST"
    with httpx.Client(trust_env=False, timeout=60) as client:
        return client.request(method, f"{web.origin}{path}", json=body, headers=headers)


def _let_leases_end(engine: Engine, at: str) -> None:
    """Let the first request's lease, and that of its task, end at another time."""
    with engine.begin() as connection:
        for table in ("idempotency_key", "outbox"):
            changed = f"UPDATE {table} SET lease_until = %s WHERE lease_until IS NOT NULL"
            connection.exec_driver_sql(changed, (at,))


def _payments(web: Web, secret: str) -> list[str]:
    return [each["id"] for each in _ask(web, secret).json()["data"]]


def test_fifty_requests_at_once_with_one_key_make_one_payment(
    web: Web, sandbox_server: SandboxServer, secret: str
) -> None:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        asked = [pool.submit(_ask, web, secret, body=PAYMENT) for _ in range(AT_ONCE)]
        answers = [each.result() for each in asked]
    again = _ask(web, secret, body=PAYMENT)
    payments = _payments(web, secret)
    made = [each for each in answers if each.status_code == 201]
    in_flight = [each for each in answers if each.status_code == 409]
    assert (len(made) + len(in_flight), bool(made)) == (AT_ONCE, True), Counter(
        each.status_code for each in answers
    )
    first = [each for each in made if "Idempotent-Replayed" not in each.headers]
    assert len(first) == 1
    assert {each.json()["code"] for each in in_flight} <= {"idempotency_in_flight"}
    assert all(int(each.headers["Retry-After"]) > 0 for each in in_flight)
    assert {each.json()["id"] for each in [*made, again]} == set(payments)
    assert (again.json()["status"], len(payments)) == ("succeeded", 1)
    assert len(sandbox_server.log().of_reference(payments[0], "purchase")) == 1


@pytest.mark.parametrize(
    "failpoint, status", [("intent.committed", "processing"), ("execute.committed", "succeeded")]
)
def test_a_request_whose_server_was_killed_is_sent_again_and_made_once(
    failpoint: str,
    status: str,
    web: Web,
    sandbox_world: World,
    sandbox_server: SandboxServer,
    migrator_engine: Engine,
    secret: str,
    tmp_path: Path,
) -> None:
    owner, log = sandbox_world.owner(), tmp_path / "log"
    with Web(log, failpoint=failpoint) as doomed:
        with pytest.raises(httpx.RemoteProtocolError):
            _ask(doomed, secret, body=PAYMENT)
        eventually(doomed.died, f"the web server dies at {failpoint}", log)
    _let_leases_end(migrator_engine, "2099-01-01")
    early = _ask(web, secret, body=PAYMENT)
    assert (early.status_code, early.json()["code"]) == (409, "idempotency_in_flight")
    _let_leases_end(migrator_engine, "2020-01-01")
    again = _ask(web, secret, body=PAYMENT)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json()["status"] == status
    (operation,) = flows.read_operations(owner, again.json()["id"])
    flows.send(owner, sandbox_world.acme, operation.public_id)
    now = _ask(web, secret, f"/v1/payments/{again.json()['id']}").json()
    assert (now["status"], now["amount_captured"]) == ("succeeded", 6000)
    payments = _payments(web, secret)
    assert payments == [again.json()["id"]]
    assert len(sandbox_server.log().of_reference(payments[0], "purchase")) == 1
