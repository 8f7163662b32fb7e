"""Payment links on screen: the merchant's pages, and the page of a payer."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Final

import pytest

from app.adapters import clock
from app.views import link_page
from tests.services import flows
from tests.services.notify import mailing
from tests.views import markup

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.views.desk import Desk, Person

pytest_plugins = ["tests.views.desk"]

LIST: Final = "/payment-links/"
FIXED: Final = {
    "title": "Invoice 7",
    "asks": "fixed",
    "amount": "60.00",
    "currency": "EUR",
    "kind": "one_off",
    "reference": "inv-7",
    "customer_email": "known@example.com",
}
ENTERED: Final = {
    "title": "Donations <b>",
    "asks": "entered",
    "least": "1.00",
    "most": "90.00",
    "currency": "EUR",
    "kind": "reusable",
    "reference": "poster",
}
_ADDRESS = re.compile(r'href="[^"]*(/link/\w{26})"')


def _make(person: Person, fields: dict[str, str] = FIXED) -> tuple[str, str]:
    """Make a link by form; answers its page and the payer's."""
    answer = person.post(f"{LIST}new", {**person.form(f"{LIST}new"), **fields})
    assert answer.status_code == 303, unescape(answer.text)
    found = _ADDRESS.search(person.get(answer.location))
    assert found is not None
    return answer.location, found[1]


def _pay(person: Person, address: str, **fields: str) -> TestResponse:
    return person.post(address, {**person.form(address), **fields})


def _press(person: Person, page: str, button: str) -> str:
    answer = person.post(f"{page}/{button}", person.csrf())
    assert answer.status_code == 303, answer.text
    return person.get(answer.location)


def test_a_link_is_made_shown_and_leads_its_payer_to_a_payment(desk: Desk) -> None:
    owner, nobody = desk.person("acme-owner"), desk.nobody()
    page, address = _make(owner)
    shown = owner.get(page)
    for words in ("Invoice 7", "60.00", "Can be paid", "Nobody has begun", 'role="img"'):
        assert words in shown
    told = nobody.get(address)
    for words in ("Acme", "Invoice 7", "60.00", "Go on to pay", "This is a test"):
        assert words in told
    for secret in ("known@example.com", "inv-7", "acme-owner", "pl_"):
        assert secret not in told
    led = _pay(nobody, address, customer_email="payer@example.com")
    assert led.status_code == 303
    assert led.location.startswith("/pay/")
    assert "60.00" in nobody.get(led.location)
    assert _pay(desk.nobody(), address).location == led.location
    text = owner.get(page)
    payment = re.search(r"/payments/(pay_\w+)", text)
    assert payment is not None
    stored = flows.read(desk.world.owner(), payment[1])
    its_page = owner.get(f"/payments/{payment[1]}")
    assert "Payment link Invoice 7" in its_page
    assert "begun by its payer at a payment link" in its_page
    assert (stored.customer_email, stored.reference) == ("payer@example.com", "inv-7")
    pl = page.rpartition("/")[2]
    assert payment[1] in owner.get(f"/payments/?link={pl}")
    assert payment[1] not in owner.get("/payments/?link=pl_none")
    for html in (shown, told, text, owner.get(f"{page}/edit"), owner.get(f"{LIST}new")):
        assert not markup.faults(html)


def test_a_payer_enters_what_the_link_allows_once_for_a_form(desk: Desk) -> None:
    _page, address = _make(desk.person("acme-owner"), ENTERED)
    nobody = desk.nobody()
    assert "Donations &lt;b>" in nobody.client.get(address).text.replace("&gt;", ">")
    for amount, told in (
        ("0.99", "The least that may be paid is 1.00"),
        ("90.01", "The most that may be paid is 90.00"),
        ("", "Error:"),
        ("1,5,0", "Error:"),
    ):
        refused = _pay(nobody, address, amount=amount)
        assert refused.status_code == 422
        assert told in unescape(refused.text)
    form = {**nobody.form(address), "amount": "12.50"}
    first = nobody.post(address, form)
    assert nobody.post(address, form).location == first.location
    assert nobody.post(address, {**form, "amount": "13"}).status_code == 422
    assert _pay(nobody, address, amount="12.50").location != first.location


@pytest.mark.parametrize(
    "typed", [{"customer_email": "4242 4242 4242 4242"}, {"customer_email": "x"}]
)
def test_what_is_no_address_is_said_at_its_place_and_no_card_is_shown(
    desk: Desk, typed: dict[str, str]
) -> None:
    _page, address = _make(desk.person("acme-owner"))
    refused = _pay(desk.nobody(), address, **typed)
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text
    assert "4242 4242" not in refused.text


def test_a_form_that_was_not_given_out_begins_nothing(desk: Desk) -> None:
    page, address = _make(desk.person("acme-owner"))
    _other, theirs = _make(desk.person("globex-owner"), FIXED)
    nobody = desk.nobody()
    assert nobody.post(address, {}).status_code == 400
    answer = nobody.post(address, nobody.form(theirs))
    assert answer.status_code == 422
    assert "Nobody has begun" in desk.person("acme-owner").get(page)
    nobody.get("/link/0123456789abcdefghjkmnpqrs", 404)
    nobody.get(f"/link/{page.rpartition('/')[2]}", 404)


def test_a_link_that_is_off_says_so_kindly_and_is_on_again(desk: Desk) -> None:
    owner, nobody = desk.person("acme-owner"), desk.nobody()
    page, address = _make(owner)
    form = nobody.form(address)
    assert "Switched off" in _press(owner, page, "off")
    told = nobody.get(address)
    assert "This link was switched off" in told
    assert "<form" not in told
    refused = nobody.post(address, form)
    assert refused.status_code == 409
    assert "switched off" in refused.text
    trail = owner.get(f"/audit/?object={page.rpartition('/')[2]}")
    assert "Switched the payment link" in trail
    assert "Refused" not in trail, "a stranger writes nothing into it"
    assert "Can be paid" in _press(owner, page, "on")
    assert nobody.post(address, form).status_code == 303


def test_title_and_last_day_change_and_a_stale_form_does_not(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    page, address = _make(owner)
    edit = f"{page}/edit"
    version = re.search(r'name="version" value="(\d+)"', owner.get(edit))
    assert version is not None
    day = clock.now().date().replace(day=28).isoformat()
    fields = {**owner.csrf(), "version": version[1], "title": "Invoice 8", "expires_at": ""}
    assert owner.post(edit, fields).status_code == 303
    assert "Invoice 8" in desk.nobody().get(address)
    stale = owner.post(edit, {**fields, "title": "Invoice 9", "expires_at": day})
    assert stale.status_code in {409, 422}
    bad = owner.post(edit, {**fields, "version": "2", "expires_at": "2020-01-01"})
    assert "Last day: Is over already" in unescape(bad.text)


@pytest.mark.parametrize(
    "changes, told",
    [
        ({"title": ""}, "Title: Is missing"),
        ({"amount": "1.234"}, "Amount: "),
        ({"amount": ""}, "Amount: "),
        ({"currency": "XXQ"}, "Currency: "),
        ({"asks": ""}, "How much: Is missing"),
        ({"kind": ""}, "How often it is paid: Is missing"),
        ({"kind": "reusable", "most_payments": "x"}, "Most payments: Is no whole number"),
        ({"kind": "reusable", "most_payments": "1"}, "Most payments: Is not between"),
        ({"expires_at": "soon"}, "Last day: Is no day"),
        ({"expires_at": "2099-01-01"}, "Last day: Is more than a year ahead"),
        ({"return_url": "shop"}, "Address to go on to: Is no web address"),
        ({"reference": "4242424242424242"}, "Reference: "),
    ],
)
def test_what_cannot_be_used_is_said_at_its_field(
    desk: Desk, changes: dict[str, str], told: str
) -> None:
    owner = desk.person("acme-owner")
    answer = owner.post(f"{LIST}new", {**owner.form(f"{LIST}new"), **FIXED, **changes})
    assert answer.status_code == 422
    assert told in unescape(answer.text)
    assert "4242424242424242" not in answer.text
    assert "No payment links yet" in owner.get(LIST)


def test_a_double_click_makes_one_link(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    fields = {**owner.form(f"{LIST}new"), **FIXED}
    first = owner.post(f"{LIST}new", fields)
    assert owner.post(f"{LIST}new", fields).location == first.location
    assert owner.get(LIST).count('href="/payment-links/pl_') == 1


def test_the_list_is_narrowed_and_handed_out(desk: Desk) -> None:
    owner, staff = desk.person("acme-owner"), desk.person("operations")
    _make(owner)
    page, _address = _make(owner, ENTERED)
    _press(owner, page, "off")
    assert "Invoice 7" not in owner.get(f"{LIST}?state=off")
    assert "Invoice 7" in owner.get(f"{LIST}?title=Inv&kind=one_off&period=today")
    everything = "title,link,kind,reference,state,expires,made,by,opened,paid,sum,amount"
    assert "Entered by the payer" in staff.get(f"{LIST}?columns={everything}&merchant=acme")
    address = f"{LIST}export.csv?state=active&columns={everything}"
    head, row = staff.post(address, staff.csrf()).text.splitlines()
    assert "Times paid" in head
    assert "Invoice 7" in row
    assert row.endswith("60.00,EUR")


def test_a_link_is_seen_by_its_merchant_and_the_house_and_changed_by_its_owner(
    desk: Desk,
) -> None:
    page, _address = _make(desk.person("acme-owner"))
    globex, clerk, staff = (
        desk.person(name) for name in ("globex-owner", "acme-clerk", "operations")
    )
    assert "No payment links yet" in globex.get(LIST)
    for address in (page, f"{page}/edit"):
        globex.get(address, 404)
    for verb in ("off", "on", "edit"):
        assert globex.post(f"{page}/{verb}", globex.csrf()).status_code in {303, 404}
        for reader in (clerk, staff):
            assert reader.post(f"{page}/{verb}", reader.csrf()).status_code == 403
    for reader in (clerk, staff):
        shown = reader.get(page)
        assert "Can be paid" in shown
        assert "Switch off" not in shown
        reader.get(f"{LIST}new", 403)


def test_payments_are_not_begun_too_often(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_page, "A_MINUTE", 2)
    _page, address = _make(desk.person("acme-owner"), ENTERED)
    answers = [_pay(desk.nobody(), address, amount="5").status_code for _ in range(3)]
    assert answers == [303, 303, 429]


def _mail(person: Person, page: str, **fields: str) -> TestResponse:
    (key,) = re.findall(r'link-send.*?name="form_key" value="([^"]+)"', person.get(page), re.DOTALL)
    sent = {"to": "jo@example.com", "locale": "hi", "message": ""} | fields
    return person.post(f"{page}/send", {**person.csrf(), "form_key": key, **sent})


def test_a_link_is_mailed_from_its_page(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    page, _ = _make(owner)
    assert 'value="known@example.com"' in owner.get(page)
    assert "20 more mails can be sent today." in owner.get(page)
    sent = _mail(owner, page, message="Thank you")
    assert sent.status_code == 303, sent.text
    shown = owner.get(page)
    for words in ("The mail to jo@example.com is on its way.", "To j…@example.com", "On its way"):
        assert words in shown
    assert "19 more mails can be sent today." in shown
    (row,) = mailing.rows()
    assert (row.kind, row.locale, row.object_id) == ("payment_link", "hi", page.rpartition("/")[2])
    assert "To j…@example.com" in desk.person("operations").get(page)


def test_a_mail_that_cannot_be_sent_says_so_at_its_place(desk: Desk) -> None:
    owner = desk.person("acme-owner")
    page, _ = _make(owner)
    for fields, words in (
        ({"to": "nobody"}, "Is no e-mail address"),
        ({"message": "look at https://evil.example"}, "Has a web address in it"),
        ({"locale": "fr"}, "Is no language that we write"),
    ):
        refused = _mail(owner, page, **fields)
        assert refused.status_code == 422
        assert words in unescape(refused.text)
    key = {"form_key": owner.form(page)["form_key"]}
    _press(owner, page, "off")
    assert "link-send" not in owner.get(page)
    late = owner.post(f"{page}/send", {**owner.csrf(), **key, "to": "a@b.example", "locale": "en"})
    assert late.status_code == 409
    assert "This link cannot be paid now, so it is not sent to anybody." in unescape(late.text)
    assert mailing.rows() == []
