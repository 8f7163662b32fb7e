from __future__ import annotations

from typing import TYPE_CHECKING

from tests.queries import rows
from tests.services import flows

if TYPE_CHECKING:
    from tests.views.desk import Desk

pytest_plugins = ["tests.views.desk"]


def test_a_refund_stands_in_the_list_and_leads_to_its_payment(paying_desk: Desk) -> None:
    world = paying_desk.world
    payment = flows.pay(world.owner(), world.acme)
    refund = flows.refund(world.owner(), world.acme, payment, 1999)
    text = paying_desk.person("acme-owner").get("/refunds/?state=success")
    assert refund in text
    assert f"/payments/{payment}" in text
    assert "19.99" in text
    assert "returned goods" in text


def test_refunds_are_narrowed_by_state_and_merchant(desk: Desk) -> None:
    world = desk.world
    (paid,) = rows.series(world.owner(), world.acme, 1)
    refund = rows.refund(world.owner(), world.connector_account, paid, 300)
    staff = desk.person("operations")
    assert refund in staff.get("/refunds/?merchant=acme&state=init")
    assert "Nothing matches these filters" in staff.get("/refunds/?merchant=globex")
    staff.get("/refunds/?state=nowhere", 400)


def test_a_stranger_sees_no_refund(desk: Desk) -> None:
    world = desk.world
    (paid,) = rows.series(world.owner(), world.acme, 1)
    refund = rows.refund(world.owner(), world.connector_account, paid, 300)
    stranger = desk.person("globex-owner")
    assert refund not in stranger.get("/refunds/")
    stranger.get(f"/refunds/?older={refund}", 404)
