"""The screens of webhooks: endpoints, deliveries and events, each merchant's own."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING

import pytest
from standardwebhooks import Webhook

from app.adapters import clock
from tests.providers.answering import Answering
from tests.services import flows
from tests.services.webhooks_out import sending
from tests.views import markup

if TYPE_CHECKING:
    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]

URL = "http://127.0.0.1:9999/hook"
LIST = "/webhook-endpoints/"
_SECRET = re.compile(
    r'<code[^>]*>(whsec_[\w+/=]+)</code>.*?href="(/webhook-endpoints/we_\w+)"', re.DOTALL
)


def _make(person: Person, url: str = URL, *events: str) -> tuple[str, str]:
    """Make an endpoint by form; answers its secret and its page."""
    fields = {**person.form(f"{LIST}new"), "url": url, "events": list(events or ("*",))}
    answer = person.client.post(f"{LIST}new", data=fields)
    assert answer.headers["Cache-Control"] == "no-store"
    found = _SECRET.search(unescape(answer.text))
    assert found is not None, answer.text
    return found[1], found[2]


def _press(person: Person, page: str, button: str, **fields: str) -> str:
    answer = person.post(f"{page}/{button}", {**person.csrf(), **fields})
    assert answer.status_code == 303, answer.text
    return person.get(answer.location)


def test_a_secret_is_told_once_and_signs_the_test_event(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    with Answering(body=b"<b>thanks</b>") as sink:
        secret, page = _make(owner, sink.url)
        assert "on its way" in _press(owner, page, "test")
        sending.drain()
    Webhook(secret).verify(sink.asked[0].body, dict(sink.asked[0].headers))
    delivery = sending.deliveries(desk.world.owner())[0].public_id
    told = owner.get(f"/webhook-deliveries/{delivery}")
    for words in ("Delivered", "Answer 200", "<b>thanks</b>", "webhook_endpoint.test", "127.0.0.1"):
        assert words in told
    event = sending.told(desk.world.owner())[0]["id"]
    shown = (page, LIST, "/webhook-deliveries/", f"/webhook-deliveries/{delivery}")
    for address in (*shown, f"{page}/edit", "/webhook-events/", f"/webhook-events/{event}"):
        answer = owner.client.get(address)
        assert answer.status_code == 200, address
        assert secret not in unescape(answer.text)
        assert not markup.faults(answer.text), address


def test_a_double_click_makes_one_endpoint(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    fields = {**owner.form(f"{LIST}new"), "url": URL, "events": "*"}
    owner.post(f"{LIST}new", fields)
    assert "cannot be shown again" in owner.post(f"{LIST}new", fields).text
    assert owner.get(LIST).count('href="/webhook-endpoints/we_') == 1


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"url": "shop"}, "Address: Is no web address"),
        ({"url": "https://10.0.0.1/x"}, "Address: Leads to an address that is not public"),
        ({"url": "https://a.example:22"}, "Address: Has a port"),
        ({"events": "payment"}, "What is told: Payment is none"),
        ({"events": ""}, "What is told: "),
        ({"description": "x" * 201}, "Description: Is longer than 200"),
        ({"form_key": "stale"}, "Nothing was done"),
    ],
)
def test_a_fault_stands_beside_its_field(desk: Desk, changes: dict[str, str], told: str) -> None:
    owner = desk.person("acme-owner")
    fields = {**owner.form(f"{LIST}new"), "url": URL, "events": "*", **changes}
    answer = owner.post(f"{LIST}new", fields)
    assert answer.status_code == 422
    assert told in unescape(answer.text)
    assert not markup.faults(answer.text)
    assert "No endpoints yet" in owner.get(LIST)


def test_an_endpoint_is_changed_once_for_what_was_seen(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    _, page = _make(owner, URL, "payment.succeeded", "refund.failed")
    form = owner.get(f"{page}/edit")
    assert form.count("checked") == 2
    fields = {**owner.csrf(), "url": f"{URL}2", "events": "dispute.opened", "version": "1"}
    assert owner.post(f"{page}/edit", fields).status_code == 303
    assert "dispute.opened" in owner.get(page)
    again = owner.post(f"{page}/edit", fields)
    assert (again.status_code, "changed this endpoint meanwhile" in again.text) == (409, True)


def test_an_endpoint_is_rotated_disabled_enabled_and_deleted(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    old, page = _make(owner)
    answer = owner.post(f"{page}/rotate", {**owner.form(page), "overlap": "86400"})
    found = _SECRET.search(unescape(answer.text))
    assert found is not None
    assert found[1] != old
    assert "The former secret signs too until" in answer.text
    assert "is missing" in _press(owner, page, "disable", reason=" ")
    shown = _press(owner, page, "disable", reason="moving house")
    assert "moving house" in shown
    assert f"{page}/test" not in shown
    assert "disabled" in _press(owner, page, "test")
    assert "Works" in _press(owner, page, "enable")
    assert "was deleted" in _press(owner, page, "delete")
    owner.get(page, 404)


def test_days_are_sent_again(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    _make(owner, URL, "dispute.*")
    flows.pay(desk.world.owner(), desk.world.acme, run=False)
    with Answering() as sink:
        _, other = _make(owner, sink.url)
        today = f"{clock.now():%Y-%m-%d}"
        day = {"from_day": "2026-01-01", "to_day": "2099-01-01", "which": "all"}
        assert "A worker sends them again" in _press(owner, other, "resend", **day)
        for fields in (
            {**day, "from_day": ""},
            {**day, "which": "some"},
            {**day, "to_day": today[:4]},
        ):
            assert "A worker sends them again" not in _press(owner, other, "resend", **fields)
        while sending.drain():
            pass
    assert len(sink.asked) == 1
    assert "1 event from" in owner.get(other)
    again = sending.deliveries(desk.world.owner())[0].public_id
    assert "on its way again" in _press(owner, f"/webhook-deliveries/{again}", "resend")


def test_who_does_not_answer_stands_on_the_home_page_when_it_is_disabled(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    with Answering(status=410) as sink:
        _, page = _make(owner, sink.url)
        _press(owner, page, "test")
        assert "webhook endpoint was disabled" not in owner.get("/")
        sending.drain()
    assert "1 webhook endpoint was disabled" in owner.get("/")
    assert "It answered 410" in owner.get(page)
    assert "127.0.0.1" in owner.get(f"{LIST}?state=disabled")


def test_who_may_not_change_meets_no_way_to_and_strangers_nothing(desk: Desk) -> None:
    owner, auditor = desk.person("acme-owner"), desk.person("auditor")
    _, page = _make(owner)
    _press(owner, page, "test")
    delivery = f"/webhook-deliveries/{sending.deliveries(desk.world.owner())[0].public_id}"
    event = f"/webhook-events/{sending.told(desk.world.owner())[0]['id']}"
    assert URL in auditor.get(f"{LIST}?merchant=acme")
    assert "Delete …" not in auditor.get(page)
    auditor.get(f"{LIST}new", 403)
    assert auditor.post(f"{page}/delete", auditor.csrf()).status_code == 403
    desk.person("acme-clerk").get(LIST, 403)
    stranger = desk.person("globex-owner")
    for address in (page, f"{page}/edit", delivery, event):
        stranger.get(address, 404)
    for address in (f"{page}/test", f"{page}/delete", f"{page}/enable", f"{delivery}/resend"):
        assert stranger.post(address, stranger.csrf()).status_code == 404
    assert "Nothing was sent yet" in stranger.get("/webhook-deliveries/")
    owner.post("/book/", {**owner.csrf(), "book": "live"})
    assert "No endpoints yet" in owner.get(LIST)
    owner.get(page, 404)
