"""The desk: the queue, a case with its facts, claiming it, and proposing how it ends."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any, Final, Unpack
from urllib.parse import urlencode

import pytest

from app.adapters import clock, db
from app.domain.identifiers import new_id
from app.domain.money import Money
from app.errors import IllegalStateError, said
from app.models import ApprovalRequest, AuditEntry
from app.models.tenancy import actor_of
from app.services import desk as desk_service
from app.services import desk_resolutions
from app.views import desk_proposal
from tests.services import cases, flows
from tests.services.approvals.people import FINANCE, approve

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy.orm import Session
    from werkzeug.test import TestResponse

    from app.models import DeskCase
    from app.views.desk_proposal import Request
    from tests.views.desk import Desk, Person

HIDDEN: Final = re.compile(r'type="hidden" name="([a-z_]+)" value="([^"]*)"')
pytest_plugins = ["tests.views.desk"]


class Requests:
    """Takes requests as the framework of four eyes does, and carries none of them out."""

    def __init__(self) -> None:
        """Begin with none."""
        self.taken: list[dict[str, Any]] = []

    def __call__(
        self, session: Session, now: datetime, /, **request: Unpack[Request]
    ) -> ApprovalRequest:
        """Keep a request; a second one about the same case is refused."""
        if any(each["object_id"] == request["object_id"] for each in self.taken):
            raise IllegalStateError(said("A request waits already."))
        self.taken.append({**request, "by": actor_of(session).label})
        return ApprovalRequest(public_id=new_id("apr", now))


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    """Let the screens hand their requests to a stand-in."""
    stand_in = Requests()
    monkeypatch.setattr(desk_proposal, "REQUESTER", stand_in)
    return stand_in


@pytest.fixture
def staff(desk: Desk) -> Person:
    """Somebody of operations."""
    return desk.person("operations")


def opened(desk: Desk, kind: str) -> DeskCase:
    """Open a case of this kind and return it."""
    cases.MAKERS[kind](desk.world)
    return cases.the_open_one(desk.world)


def now(desk: Desk, case: DeskCase) -> DeskCase:
    """Return a case as it is stored now."""
    with db.reading(desk.world.staff()) as session:
        found = desk_service.find(session, case.case_key)
        assert found is not None
        return found


def question(case: DeskCase, ending: str, **typed: str) -> str:
    """Return the address that asks before a decision."""
    chosen = {"ending": ending, "note": "told by letter", "reference": "", **typed}
    return f"/desk/{case.public_id}/decide?{urlencode(chosen)}"


def propose(person: Person, case: DeskCase, ending: str, **typed: str) -> TestResponse:
    """Press the button of that page."""
    found = HIDDEN.findall(person.get(question(case, ending, **typed)))
    return person.post(f"/desk/{case.public_id}/decide", dict(found))


def flat(text: str) -> str:
    """Return the words of a page without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


def test_the_queue_counts_each_kind_and_narrows_to_it(desk: Desk, staff: Person) -> None:
    second, over = opened(desk, "second"), cases.over_paid(desk.world)
    text = staff.get("/desk/")
    assert f"/desk/{second.public_id}" in text
    assert f"/payments/{over}" in text
    link = re.search(r'href="(/desk/\?kind=second)"[^>]*>1<', text)
    assert link
    narrowed = staff.get(link[1])
    assert f"/desk/{second.public_id}" in narrowed
    assert f"/payments/{over}" not in narrowed.partition("<tbody>")[2]
    assert "Remove the filter Kind: Paid twice" in narrowed
    for nothing in ("merchant=globex", "age=day", "claimed=mine", "state=resolved", "currency=USD"):
        assert "Nothing matches these filters" in staff.get(f"/desk/?{nothing}")
    staff.get("/desk/?kind=nonsense", 400)


def test_what_is_refused_at_the_desk_leaves_one_trace_each(
    desk: Desk, staff: Person, requests: Requests
) -> None:
    case, other = opened(desk, "over_paid"), desk.person("finance")
    address = f"/desk/{case.public_id}"
    for person in (staff, other):
        person.post(f"{address}/claim", person.csrf())
    for person in (staff, other):
        propose(person, case, "send_back")
    assert len(requests.taken) == 1
    with db.reading(desk.world.staff()) as session:
        found = session.query(AuditEntry).filter(AuditEntry.action.like("%refused"))
        traces = [(each.action, each.object_id, each.actor_label) for each in found]
    assert traces == [
        ("desk.claim_refused", case.public_id, "finance"),
        ("desk.propose_refused", case.public_id, "finance"),
    ]


def test_the_queue_is_handed_out_as_a_file(desk: Desk, staff: Person) -> None:
    opened(desk, "over_paid")
    head, row = staff.post("/desk/export.csv?kind=over_paid", staff.csrf()).text.splitlines()
    assert "Claimed by" in head
    assert row.endswith("30.00,EUR")


def test_a_case_tells_what_happened_and_its_money(desk: Desk, staff: Person) -> None:
    case = opened(desk, "over_paid")
    text = flat(staff.get(f"/desk/{case.public_id}"))
    assert "The payer has sent more than was asked for." in text
    for fact in ("Expected 60.00 EUR", "Received 90.00 EUR", "Held apart now 30.00 EUR"):
        assert fact in text
    assert "The money is added to what is available to the merchant" in text
    assert "What was reported" in text
    assert "Journals of the money held apart" in text


def test_who_may_not_read_calls_sees_no_evidence_and_who_may_not_decide_no_form(
    desk: Desk,
) -> None:
    case = opened(desk, "second")
    finance = desk.person("finance").get(f"/desk/{case.public_id}")
    assert "What was reported" not in finance
    assert 'name="ending"' in finance
    auditor = desk.person("auditor")
    assert 'name="ending"' not in auditor.get(f"/desk/{case.public_id}")
    auditor.get(question(case, "credit"), 403)
    for verb in ("claim", "release", "decide"):
        answer = auditor.post(f"/desk/{case.public_id}/{verb}", auditor.csrf())
        assert answer.status_code == 403


def test_merchants_and_the_other_book_have_no_desk(desk: Desk, staff: Person) -> None:
    case = opened(desk, "second")
    for name in ("acme-owner", "globex-owner", "acme-clerk"):
        for address in ("/desk/", f"/desk/{case.public_id}"):
            desk.person(name).get(address, 403)
    staff.post("/book/", {**staff.csrf(), "book": "live"})
    staff.get(f"/desk/{case.public_id}", 404)
    assert staff.post(f"/desk/{case.public_id}/claim", staff.csrf()).status_code == 404


def test_a_claimed_case_says_whose_it_is(desk: Desk, staff: Person) -> None:
    case, finance = opened(desk, "second"), desk.person("finance")
    address = f"/desk/{case.public_id}"
    staff.post(f"{address}/claim", staff.csrf())
    assert "operations works on this case" in finance.get(address)
    assert "operations works on this case" not in staff.get(address)
    finance.post(f"{address}/claim", finance.csrf())
    assert "operations has claimed case" in finance.get(address)
    assert now(desk, case).claimed_label == "operations"
    assert "Nothing matches" not in staff.get("/desk/?claimed=mine")
    finance.post(f"{address}/release", finance.csrf())
    assert now(desk, case).claimed_by is None


def test_the_question_says_what_will_be_posted_and_changes_nothing(
    desk: Desk, staff: Person, requests: Requests
) -> None:
    case = opened(desk, "second")
    text = staff.get(question(case, "credit"))
    assert "Credit it to the merchant: 60.00 EUR" in flat(text)
    posts = flat(text.partition('id="posts"')[2])
    assert "Sandbox: Money not matched yet 60.00 EUR" in posts
    assert "Acme: Available 60.00 EUR" in posts
    assert "when it has succeeded" in staff.get(question(case, "send_back"))
    assert requests.taken == []
    assert now(desk, case).state == "open"


def test_a_decision_is_proposed_once_and_carries_what_it_rests_on(
    desk: Desk, staff: Person, requests: Requests
) -> None:
    case = opened(desk, "second")
    found = dict(HIDDEN.findall(staff.get(question(case, "credit"))))
    for _ in range(2):
        assert staff.post(f"/desk/{case.public_id}/decide", found).status_code == 303
    (request,) = requests.taken
    assert (request["command"], request["by"]) == ("desk.resolve", "operations")
    assert request["payload"] == {
        "case": case.public_id,
        "ending": "credit",
        "note": "told by letter",
        "reference": "",
    }
    assert (request["amount"], request["merchant_id"]) == (Money(6000, "EUR"), desk.world.acme)
    assert "about 60.00 EUR: Credit it to the merchant." in request["sentence"]
    with db.reading(desk.world.staff()) as session:
        assert request["object_digest"] == desk_resolutions.digest(session, case.public_id)
    assert now(desk, case).state == "open", "nobody decides alone"


def test_what_was_proposed_can_be_carried_out_by_the_second_person(
    desk: Desk, staff: Person, requests: Requests
) -> None:
    case = opened(desk, "unknown")
    propose(staff, case, "succeeded", reference="sbx_letter")
    (request,) = requests.taken
    assert request["command"] == "operation.end_unknown"
    with db.unit_of_work(desk.world.staff()) as session:
        moment = clock.now()
        desk_resolutions.execute(
            session, moment, request["payload"], ApprovalRequest(public_id=new_id("apr", moment))
        )
    text = staff.get(f"/desk/{case.public_id}")
    assert "Ended: It happened" in text
    assert 'name="ending"' not in text


def test_a_case_that_changed_meanwhile_is_looked_at_again(
    desk: Desk, staff: Person, requests: Requests
) -> None:
    case = opened(desk, "over_paid")
    found = dict(HIDDEN.findall(staff.get(question(case, "credit"))))
    with db.unit_of_work(desk.world.staff()) as session:
        again = desk_service.find(session, case.case_key)
        assert again is not None
        desk_service.set_amount(again, 2000)
    answer = staff.post(f"/desk/{case.public_id}/decide", found)
    assert answer.status_code == 409
    assert "has changed since you looked at it" in answer.text
    assert requests.taken == []


@pytest.mark.parametrize(
    "kind, ending, typed, place, told",
    [
        ("second", "", {}, "ending", "Choose one of those that the page offers."),
        ("second", "succeeded", {}, "ending", "Is no way to end this case."),
        ("second", "credit", {"note": " "}, "note", "Is missing."),
        ("second", "credit", {"note": "4242424242424242"}, "note", "full card number"),
        ("unknown", "succeeded", {}, "reference", "Give the provider's own id of it."),
        ("unknown", "failed", {"reference": "4242424242424242"}, "reference", "card number"),
    ],
)
def test_what_is_wrong_stands_at_its_place_and_what_was_typed_is_kept(
    desk: Desk,
    staff: Person,
    kind: str,
    ending: str,
    typed: dict[str, str],
    place: str,
    told: str,
) -> None:
    answer = staff.client.get(question(opened(desk, kind), ending, **typed))
    text = unescape(answer.text)
    assert answer.status_code == 422
    assert told in text.partition(f'id="{place}-error"')[2].partition("</div>")[0]
    assert f'<a href="#{place}">' in text
    assert "4242424242424242" not in text
    assert "note" in typed or "told by letter</textarea>" in text


def test_a_decision_waits_for_a_second_person_who_carries_it_out(desk: Desk, staff: Person) -> None:
    case = opened(desk, "second")
    assert propose(staff, case, "credit").status_code == 303
    assert now(desk, case).state == "open"
    with db.reading(desk.world.staff()) as session:
        request = session.query(ApprovalRequest).one().public_id
    posts = desk.person("finance").get(f"/approvals/{request}").partition('id="posts"')[2]
    assert "Acme: Available 60.00 EUR" in flat(posts)
    approve(FINANCE, request)
    assert (now(desk, case).state, now(desk, case).resolution) == ("resolved", "credit")
    assert 'id="posts"' not in desk.person("finance").get(f"/approvals/{request}")


def test_a_proposal_that_waits_takes_the_place_of_the_form(desk: Desk, staff: Person) -> None:
    case = opened(desk, "second")
    moment = clock.now()
    with db.unit_of_work(desk.world.staff()) as session:
        session.add(
            ApprovalRequest(
                public_id=new_id("apr", moment),
                livemode=False,
                merchant_id=desk.world.acme,
                command="desk.resolve",
                object_type="desk_case",
                object_id=case.public_id,
                object_digest=bytes(32),
                payload="{}",
                sentence="Credit it to the merchant",
                reason="told by letter",
                state="waiting",
                maker_user_id=1,
                maker_label="finance",
                created_at=moment,
                lapses_at=moment,
            )
        )
    text = staff.get(f"/desk/{case.public_id}")
    assert "A decision waits for a second person" in text
    assert "Proposed by finance: told by letter" in text
    assert 'name="ending"' not in text


def test_the_payment_leads_staff_to_its_case_and_tells_the_story(desk: Desk, staff: Person) -> None:
    payment = cases.conflicted(desk.world)
    case = cases.the_open_one(desk.world)
    text = staff.get(f"/payments/{payment}")
    assert "This payment waits for a decision at the desk" in text
    assert f"/desk/{case.public_id}" in text
    assert "contradicts what is known" in text
    own = desk.person("acme-owner").get(f"/payments/{payment}")
    assert "We look into it." in own
    assert "/desk/" not in own
    assert "Conflicted" not in own


def test_a_decision_stands_in_the_story_of_its_payment(desk: Desk, staff: Person) -> None:
    payment, case = cases.second(desk.world), cases.the_open_one(desk.world)
    with db.unit_of_work(desk.world.staff()) as session:
        moment = clock.now()
        desk_resolutions.resolve(
            session, moment, case.public_id, "send_back", "a letter", approval=new_id("apr", moment)
        )
    text = staff.get(f"/payments/{payment}")
    assert "Case ended by operations: Send it back to the payer" in text
    assert "Refund of 60.00\xa0EUR that is held apart asked by operations" in text
    own = desk.person("acme-owner").get(f"/payments/{payment}")
    assert "decided at the desk" in own
    assert "Case ended" not in own
    refund = flows.read_operations(desk.world.owner(), payment)[-1].public_id
    listed = desk.person("acme-owner").get("/refunds/").partition(refund)[2].partition("</tr>")[0]
    assert "Of money held apart" in listed


def test_money_that_came_in_parts_is_told(desk: Desk, staff: Person) -> None:
    payment = cases.over_paid(desk.world)
    cases.more_comes(desk.world, payment, 9500)
    assert "received 95.00 EUR" in staff.get(f"/payments/{payment}")


def test_home_counts_the_open_cases_for_who_works_on_them(desk: Desk, staff: Person) -> None:
    opened(desk, "second")
    line = re.compile(r'href="(/desk/[^"]*)"[^>]*>1 case at the desk waits for a decision')
    for person in (staff, desk.person("finance")):
        found = line.search(person.get("/"))
        assert found
        assert "1 row" in person.get(found[1])
    assert not line.search(desk.person("auditor").get("/"))
    assert not line.search(desk.person("acme-owner").get("/"))
