"""A merchant's settings on screen, and its face on the pages of its payers."""

from __future__ import annotations

import io
import json
import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Final

import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from app.adapters import db
from app.errors import TenancyError
from app.models import AuditEntry, Merchant
from tests.views import markup

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]

PAGE: Final = "/settings/"
TYPED: Final = {
    "shown_name": "Acme <b>Shoes</b>",
    "colour": "#FFDD00",
    "support_email": "help@shop.example",
    "support_url": "https://shop.example/help",
    "return_url": "https://shop.example/thanks",
    "return_hosts": "Shop.example\r\n*.acme.example",
    "late_money": "refund",
    "receipts": "1",
    "upload_mails": "1",
}
SEEN: Final = (
    *("Acme <b>Shoes</b>", "/merchant-style/ffdd00.css", "/merchant-logo/"),
    *("mailto:help@shop.example", "https://shop.example/help", "Payments by "),
)
LINK: Final = {
    "title": "Invoice 7",
    "asks": "fixed",
    "amount": "60.00",
    "currency": "EUR",
    "kind": "one_off",
    "reference": "inv-7",
}
_VERSION = re.compile(r'name="version" value="(\w+)"')
_LOGO = re.compile(r'<img src="(/merchant-logo/[^"]+)" alt="">')


def _png(colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (80, 40), colour).save(file, format="PNG")
    return file.getvalue()


def _form(person: Person) -> dict[str, str]:
    found = _VERSION.search(person.get(PAGE))
    assert found is not None
    return {**person.csrf(), "version": found[1], **TYPED}


def _save(person: Person, **changes: str) -> TestResponse:
    return person.post(PAGE, {**_form(person), **changes})


def _send(person: Person, content: bytes, name: str = "logo.png") -> TestResponse:
    file = FileStorage(io.BytesIO(content), name)
    boundary, body = encode_multipart({**person.csrf(), "logo": file})
    kind = f"multipart/form-data; boundary={boundary}"
    return person.client.post(f"{PAGE}logo", data=body, content_type=kind)


def _link(person: Person, **changes: str) -> TestResponse:
    new = "/payment-links/new"
    return person.post(new, {**person.form(new), **LINK, **changes})


def _payers_page(person: Person) -> str:
    answer = _link(person)
    found = re.search(r'href="[^"]*(/link/\w{26})"', person.get(answer.location))
    assert found is not None
    return found[1]


def _merchant(desk: Desk, merchant_id: int) -> Merchant:
    with db.reading(desk.world.staff()) as session:
        return session.get_one(Merchant, merchant_id)


def _trail(desk: Desk) -> list[AuditEntry]:
    wanted = select(AuditEntry).where(AuditEntry.action.like("settings.%")).order_by(AuditEntry.id)
    with db.reading(desk.world.staff()) as session:
        return list(session.scalars(wanted))


def test_an_owner_sets_up_the_merchants_face_and_payers_see_it(desk: Desk) -> None:
    owner, nobody = desk.person("acme-owner"), desk.nobody()
    address = _payers_page(owner)
    plain = nobody.get(address)
    assert "merchant-style" not in plain
    assert _save(owner).status_code == 303
    assert _send(owner, _png()).status_code == 303
    html = nobody.client.get(address).text
    shown = nobody.get(address)
    led = nobody.post(address, nobody.form(address)).location
    for text in (shown, nobody.get(led)):
        for words in SEEN:
            assert words in text
    assert "<b>Shoes" not in html
    assert not markup.faults(html)
    assert not markup.faults(nobody.client.get(led).text)
    assert not markup.faults(owner.client.get(PAGE).text)
    row = _merchant(desk, desk.world.acme)
    assert (row.colour, row.return_hosts) == ("#ffdd00", "shop.example\n*.acme.example")
    assert "Acme" not in desk.person("globex-owner").get(PAGE)


def test_a_change_leaves_one_entry_with_what_really_changed(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    _save(owner)
    assert _save(owner).status_code == 303
    _save(owner, upload_mails="")
    first, second = _trail(desk)
    assert set(json.loads(first.changes)["after"]) == TYPED.keys() - {"receipts", "upload_mails"}
    assert json.loads(second.changes) == {
        "before": {"upload_mails": True},
        "after": {"upload_mails": False},
    }
    assert (second.merchant_id, second.actor_label) == (desk.world.acme, "acme-owner")
    assert "Changed the settings of" in owner.get("/audit/")


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"shown_name": "x" * 61}, "Name shown to payers: Is longer than 60"),
        ({"shown_name": "4242 4242 4242 4242"}, "Name shown to payers: "),
        ({"colour": "yellow"}, "Colour: Is no colour"),
        ({"colour": "#fff;}a{}"}, "Colour: Is no colour"),
        ({"support_email": "help"}, "E-mail for payers' questions: Is no e-mail address"),
        ({"support_url": "http://shop.example"}, "Page for payers' questions: Goes over http"),
        ({"support_url": "javascript:alert(1)"}, "Page for payers' questions: Is no web address"),
        ({"return_url": "https://evil.example/"}, "Usual return address: Leads to evil.example"),
        ({"return_hosts": "https://shop.example"}, "Allowed hosts: Hold https://shop.example"),
        ({"late_money": "keep"}, "Late money: Is missing"),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field_and_all_else_stays(
    desk: Desk, changes: dict[str, str], told: str
) -> None:
    owner = desk.person("acme-owner")
    answer = _save(owner, **{"support_email": "typed@shop.example", **changes})
    assert answer.status_code == 422
    text = unescape(answer.text)
    assert told in text
    assert "typed@shop.example" in text or "support_email" in changes
    assert "4242 4242" not in text
    assert not markup.faults(answer.text)
    assert _trail(desk) == []


def test_who_was_overtaken_is_told_and_may_save_knowing_it(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    mine = {**_form(owner), "colour": "#00ff00"}
    assert _save(owner).status_code == 303
    stale = owner.post(PAGE, mine)
    assert stale.status_code == 409
    assert "Somebody has changed the settings meanwhile" in stale.text
    assert re.findall(r"<li>(\w[^<]*)</li>", stale.text[stale.text.index("callout-warning") :])[
        :1
    ] == ["Colour"]
    assert 'value="#00ff00"' in stale.text
    assert _merchant(desk, desk.world.acme).colour == "#ffdd00"
    assert [each.action for each in _trail(desk)] == ["settings.update", "settings.update_refused"]
    version = _VERSION.search(stale.text)
    assert version is not None
    assert owner.post(PAGE, {**mine, "version": version[1]}).status_code == 303
    assert _merchant(desk, desk.world.acme).colour == "#00ff00"


def test_only_a_merchants_own_owner_changes_its_settings(desk: Desk) -> None:
    clerk, staff = desk.person("acme-clerk"), desk.person("auditor")
    form = _form(desk.person("acme-owner"))
    for person in (clerk, staff, desk.person("operations")):
        assert person.post(PAGE, {**form, **person.csrf()}).status_code == 403
        assert _send(person, _png()).status_code == 403
        assert person.post(f"{PAGE}logo/remove", person.csrf()).status_code == 403
    clerk.get(PAGE, 403)
    assert "Acme" in staff.get(f"{PAGE}?merchant=acme")
    assert "<form" in staff.get(PAGE)
    assert "There is no such merchant" in staff.get(f"{PAGE}?merchant=nobody", 422)
    desk.person("acme-owner").get(f"{PAGE}?merchant=globex", 404)
    assert _trail(desk) == []
    _save(desk.person("globex-owner"))
    assert _merchant(desk, desk.world.acme).shown_name == ""
    assert _merchant(desk, desk.world.globex).shown_name == TYPED["shown_name"]


def test_an_owner_changes_no_other_column_and_no_other_merchant(desk: Desk) -> None:
    world = desk.world
    own = world.owner()

    def change(name: str, value: object, merchant_id: int = world.acme) -> None:
        with db.unit_of_work(own) as session, session.no_autoflush:
            setattr(session.get_one(Merchant, merchant_id), name, value)

    for name, value in (("verified", True), ("status", "closed"), ("mcc", "5411"), ("name", "x")):
        with pytest.raises(TenancyError):
            change(name, value)
    with pytest.raises(NoResultFound):
        change("colour", "#123456", world.globex)
    with pytest.raises(TenancyError), db.unit_of_work(own) as session:
        session.delete(session.get_one(Merchant, world.acme))
    with (
        pytest.raises(TenancyError),
        db.unit_of_work(replace(own, permissions=frozenset())) as session,
    ):
        session.get_one(Merchant, world.acme).colour = "#123456"
    change("colour", "#123456")


def test_logos_are_made_anew_kept_once_and_served_as_pictures_only(desk: Desk) -> None:
    owner, nobody = desk.person("acme-owner"), desk.nobody()
    _send(owner, _png("red"))
    (first,) = set(_LOGO.findall(owner.get(PAGE)))
    answer = nobody.client.get(first)
    assert Image.open(io.BytesIO(answer.data)).size == (80, 40)
    headers = answer.headers
    assert (answer.mimetype, headers["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert "immutable" in headers["Cache-Control"]
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers
    _send(owner, _png("blue"))
    (second,) = set(_LOGO.findall(owner.get(PAGE)))
    assert (nobody.client.get(first).status_code, nobody.client.get(second).status_code) == (
        404,
        200,
    )
    owner.post(f"{PAGE}logo/remove", owner.csrf())
    assert _LOGO.findall(owner.get(PAGE)) == []
    nobody.get(second, 404)
    assert len(_trail(desk)) == 3


@pytest.mark.parametrize(
    "content, told",
    [
        (b"<html><script>alert(1)</script>", "Is no PNG, JPEG or WebP picture"),
        (_png()[:60], "Is broken"),
        (bytes(1024 * 1024 + 1), "Is larger than 1 MB"),
        (b"", "Is missing"),
    ],
)
def test_a_file_that_is_no_logo_is_refused_at_its_field(
    desk: Desk, content: bytes, told: str
) -> None:
    owner = desk.person("acme-owner")
    answer = _send(owner, content)
    assert answer.status_code == 422
    assert f"Logo: {told}" in answer.text
    assert not markup.faults(answer.text)
    assert _merchant(desk, desk.world.acme).logo_at == ""


@pytest.mark.parametrize("name", ["x", "..%2f..%2fsecret.png", "0" * 40 + ".png", "a.svg", "%00"])
def test_no_other_file_is_served_as_a_logo(desk: Desk, name: str) -> None:
    desk.nobody().get(f"/merchant-logo/{name}", 404)


def test_a_style_is_made_of_six_digits_only(desk: Desk) -> None:
    nobody = desk.nobody()
    answer = nobody.client.get("/merchant-style/ffdd00.css")
    assert (answer.mimetype, answer.status_code) == ("text/css", 200)
    assert "--brand-fill: #ffdd00" in answer.text
    assert "--brand-ink: #050505" in answer.text
    for colour in ("FFDD00", "fff", "red", "ffdd0g", "ffdd00;", "ffdd00%7d"):
        nobody.get(f"/merchant-style/{colour}.css", 404)


def test_links_lead_back_to_allowed_hosts_only(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    _save(owner)
    refused = _link(owner, return_url="https://evil.example/")
    assert refused.status_code == 422
    assert "Address to go on to: Leads to evil.example" in unescape(refused.text)
    assert _link(owner, return_url="https://pay.acme.example/done").status_code == 303


def test_staff_change_the_same_facts_on_the_merchants_page(desk: Desk) -> None:
    acme = _merchant(desk, desk.world.acme)
    page = desk.person("auditor").get(f"/merchants/show/{acme.public_id}")
    for words in ("Name shown to payers", "Allowed hosts", "Mails about finished files"):
        assert words in page
    assert f"{PAGE}?merchant=acme" in page
