"""The example shop, run as its page says: bought, paid at the bank, told, shown as paid."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

import httpx
import pytest

from app.adapters import db
from app.domain.identifiers import new_id
from app.jobs.handlers import HANDLERS
from app.models import Capability
from app.services import leases
from tests.architecture.tree import ROOT
from tests.fixtures.application import NOW
from tests.infra.ports import free_port
from tests.infra.processes import Server
from tests.services import flows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.processes import Web
    from tests.fixtures.application import World
    from tests.infra.sandbox import SandboxServer

pytestmark = [pytest.mark.xdist_group("web"), pytest.mark.timeout(300)]

SHOP: Final = ROOT / "examples" / "shop"
MOST_LINES: Final = 150


@pytest.fixture
def shop(web: Web, secret: str, sandbox_world: World, tmp_path: Path) -> Iterator[httpx.Client]:
    """Start the shop, whose merchant may be paid by iDEAL; yield a browser that looks at it."""
    with db.unit_of_work(sandbox_world.staff()) as session:
        granted = {"merchant_id": sandbox_world.acme, "livemode": False, "kind": "apm"}
        by = {"public_id": new_id("cap", NOW), "granted_by": "test", "granted_at": NOW}
        session.add(Capability(**granted, **by))
    port = free_port()
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as browser:
        server = Server(
            [sys.executable, str(SHOP / "shop.py")], tmp_path / "log", ready=lambda: _is_up(browser)
        )
        server.environment |= {"KEY": secret, "PAYAGENCY": web.origin, "PORT": str(port)}
        server.start(timeout_seconds=120)
        try:
            yield browser
        finally:
            server.stop()


def _is_up(browser: httpx.Client) -> bool:
    try:
        return browser.get("/").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def test_an_order_is_shown_as_paid_when_a_message_says_so(
    shop: httpx.Client,
    web: Web,
    secret: str,
    sandbox_world: World,
    sandbox_server: SandboxServer,
) -> None:
    owner = sandbox_world.owner()
    assert "12.50 EUR" in shop.get("/").text
    sent = shop.post("/buy")
    assert (sent.status_code, sent.headers["Location"][: len(web.origin)]) == (303, web.origin)
    page = httpx.get(sent.headers["Location"], trust_env=False, timeout=60)
    assert page.status_code == httpx.codes.OK
    payment, order = _newest(web, secret, shop)
    forged = shop.post("/webhooks", json={"type": "payment.succeeded", "data": {}})
    assert forged.status_code == httpx.codes.BAD_REQUEST
    assert "We wait for your payment" in shop.get(order).text
    (operation,) = flows.read_operations(owner, payment)
    door = f"{sandbox_server.url}/control/charges/{operation.provider_reference}"
    httpx.post(door, json={"do": "pay"}, trust_env=False).raise_for_status()
    flows.send(owner, sandbox_world.acme, operation.public_id)
    while leases.drain("webhooks", HANDLERS):
        pass
    assert "It is paid" in shop.get(order).text
    assert shop.get("/orders/another").status_code == httpx.codes.NOT_FOUND


def _newest(web: Web, secret: str, shop: httpx.Client) -> tuple[str, str]:
    """Return the only payment, by the API, and where the shop shows its order."""
    headers = {"Authorization": f"Bearer {secret}"}
    told = httpx.get(f"{web.origin}/v1/payments", headers=headers, trust_env=False, timeout=60)
    (payment,) = told.json()["data"]
    order = str(payment["return_url"]).removeprefix(str(shop.base_url).rstrip("/"))
    return payment["id"], order


def test_the_shop_is_as_short_as_it_says() -> None:
    code = (SHOP / "shop.py").read_text()
    assert len(code.splitlines()) < MOST_LINES
    named = set(re.findall(r"[\w/.-]+\.py", (SHOP / "README.md").read_text()))
    assert named == {"shop.py", "examples/shop/shop.py"}
