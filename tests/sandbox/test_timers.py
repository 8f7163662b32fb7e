from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tests.sandbox.conftest import Place, Shop

if TYPE_CHECKING:
    from pathlib import Path

    from tests.sandbox.conftest import Clock

LATE = {"type": "upi", "flow": "collect", "vpa": "late@sandbox"}


def test_what_is_due_happens_once_however_many_look(place: Place, clock: Clock) -> None:
    shop = Shop(place.client)
    charge = shop.ask(LATE)["id"]
    clock.pass_seconds(1)

    def look(_number: int) -> str:
        return str(Shop(place.client.application.test_client()).read(charge)["status"])

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(look, range(20))) == {"failed"}
        clock.pass_seconds(5)
        assert set(pool.map(look, range(20))) == {"succeeded"}
    assert shop.kinds() == ["processing", "expired", "purchase"]


def test_what_became_due_while_it_was_down_happens_once(
    shop: Shop, place: Place, clock: Clock, store_file: Path
) -> None:
    charge = shop.ask(LATE)["id"]
    clock.pass_seconds(1)
    shop.read(charge)
    place.store.close()
    clock.pass_seconds(3600)
    for _ in range(2):
        again = Place(store_file, clock)
        assert Shop(again.client).read(charge)["status"] == "succeeded"
        assert Shop(again.client).kinds() == ["processing", "expired", "purchase"]
        again.store.close()


def test_what_follows_at_once_happens_at_once(shop: Shop, clock: Clock) -> None:
    shop.set(collect_seconds=0, late_seconds=0)
    charge = shop.ask(LATE)["id"]
    assert shop.read(charge)["status"] == "succeeded"


def test_a_clock_that_is_set_back_loses_nothing(shop: Shop, clock: Clock) -> None:
    clock.pass_seconds(300)
    shop.read(shop.ask(LATE, "k1")["id"])
    clock.pass_seconds(-300)
    charge = shop.ask(LATE, "k2")["id"]
    clock.pass_seconds(10)
    assert shop.read(charge)["status"] in {"failed", "succeeded"}


def test_each_timer_stands_in_the_log(shop: Shop, clock: Clock) -> None:
    charge = shop.ask({"type": "upi", "flow": "qr"})["id"]
    shop.do(charge, "pay")
    clock.pass_seconds(300)
    shop.read(charge)
    verbs = [call["verb"] for call in shop.log()["calls"]]
    assert verbs == ["charge.create", "control.act", "timer.expire", "charge.read"]
    assert shop.kinds() == ["purchase"]
