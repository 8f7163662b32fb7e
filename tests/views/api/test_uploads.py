"""Files of payments by the API: sent once, checked, confirmed once, and nobody else's."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

import config
from app.domain.api_keys import Scope
from tests.services.bulk import files

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.test import TestResponse

    from tests.views.api.conftest import Program, Programs

PATH = "/bulk_uploads"


def _send(
    shop: Program, content: str, key: str = "file-1", name: str = "March.csv", **fields: str
) -> TestResponse:
    form: dict[str, Any] = {"file": (io.BytesIO(content.encode()), name), "kind": "payments"}
    return shop.send(PATH, key, **{**form, **fields})


def _checked(shop: Program, content: str, key: str = "file-1") -> str:
    answer = _send(shop, content, key)
    assert answer.status_code == 201, answer.text
    files.work()
    return str(answer.get_json()["id"])


def test_a_file_is_sent_checked_confirmed_and_becomes_payments(shop: Program) -> None:
    rows = [files.card("a"), files.card("b", "x"), files.card("c", "0.07")]
    upload = _send(shop, files.text(rows)).get_json()
    assert (upload["object"], upload["status"], upload["filename"]) == (
        "bulk_upload",
        "checking",
        "March.csv",
    )
    files.work()
    ready = shop.get(f"{PATH}/{upload['id']}").get_json()
    assert (ready["status"], ready["totals"]) == ("ready", {"EUR": 1057})
    found = {"total": 3, "valid": 2, "done": 0, "retry": 0, "invalid": 1, "links": 0, "mails": 0}
    assert (ready["checked"], ready["link_totals"]) == (found, {})
    errors = shop.get(f"{PATH}/{upload['id']}/errors.csv")
    assert (errors.status_code, errors.mimetype) == (200, "text/csv")
    assert "amount_invalid" in errors.text
    confirmed = [shop.post(f"{PATH}/{upload['id']}/confirm", {}, "go") for _ in range(2)]
    assert [each.status_code for each in confirmed] == [200, 200]
    assert confirmed[1].headers["Idempotent-Replayed"] == "true"
    assert files.work() == 1
    done = shop.get(f"{PATH}/{upload['id']}").get_json()
    assert (done["status"], done["rows"]["created"]) == ("done", 2)
    assert {each["reference"] for each in shop.get("/payments").get_json()["data"]} == {"a", "c"}
    again = shop.post(f"{PATH}/{upload['id']}/cancel")
    assert (again.status_code, again.get_json()["code"]) == (409, "illegal_state")


def test_a_file_that_is_sent_again_is_one_upload_and_one_file(
    shop: Program, environment: Path
) -> None:
    first, again = (_send(shop, files.cards(1)) for _ in range(2))
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.get_json() == first.get_json()
    other = _send(shop, files.cards(2))
    assert (other.status_code, other.get_json()["code"]) == (422, "idempotency_mismatch")
    without = _send(shop, files.cards(1), key="")
    assert (without.status_code, without.get_json()["code"]) == (400, "idempotency_key_missing")
    assert len(shop.get(PATH).get_json()["data"]) == 1
    kept = [each.stem for each in environment.rglob(f"{first.get_json()['id'][:12]}*.csv")]
    assert kept == [first.get_json()["id"]]


@pytest.mark.parametrize(
    "content, fields, status, pointer",
    [
        ("", {}, 422, "/file"),
        ("%PDF-1.7", {}, 422, ""),
        ("reference,amount\n", {"kind": "payouts"}, 422, "/kind"),
        ("reference,amount\n", {"decimal_mark": ";"}, 422, "/decimal_mark"),
        ("reference,amount\n", {"colour": "red"}, 422, "/colour"),
        ("reference,amount\n", {"kind": "4242 4242 4242 4242"}, 422, "/kind"),
        ("x" * 5000, {}, 413, "/file"),
    ],
)
def test_what_is_no_file_of_payments_is_refused(
    shop: Program,
    monkeypatch: pytest.MonkeyPatch,
    content: str,
    fields: dict[str, str],
    status: int,
    pointer: str,
) -> None:
    small = config.get().model_copy(update={"payagency_upload_max_bytes": 4096})
    monkeypatch.setattr(config, "get", lambda: small)
    refused = _send(shop, content, **fields)
    assert (refused.status_code, refused.mimetype) == (status, "application/problem+json")
    if pointer:
        assert [each["pointer"] for each in refused.get_json()["errors"]] == [pointer]
    assert "4242" not in refused.text
    assert shop.get(PATH).get_json()["data"] == []


def test_a_body_that_is_no_form_or_has_no_file_is_refused(shop: Program) -> None:
    json = shop.post(PATH, {"kind": "payments"})
    assert (json.status_code, json.get_json()["code"]) == (415, "unsupported_media_type")
    assert "multipart/form-data" in json.get_json()["detail"]
    for form in ({"kind": "payments"}, {"kind": "payments", "file": "reference"}):
        answer = shop.send(PATH, **form)
        assert [each["pointer"] for each in answer.get_json()["errors"]] == ["/file"]


def test_uploads_are_listed_by_status_and_given_up(shop: Program) -> None:
    ready, other = _checked(shop, files.cards(1)), _checked(shop, files.cards(1, 2), "file-2")
    gone = shop.post(f"{PATH}/{other}/cancel")
    assert (gone.status_code, gone.get_json()["status"]) == (200, "canceled")
    listed = shop.get(PATH, status="ready").get_json()["data"]
    assert [(each["id"], each["rows"]) for each in listed] == [(ready, None)]
    page = shop.get(PATH, limit="1").get_json()
    assert ([each["id"] for each in page["data"]], page["next_cursor"]) == ([other], other)
    late = shop.post(f"{PATH}/{other}/confirm")
    assert (late.status_code, late.get_json()["code"]) == (409, "illegal_state")
    assert shop.get(f"{PATH}/{ready}/errors.csv").status_code == 404


def test_uploads_stay_with_their_merchant_book_and_scope(programs: Programs) -> None:
    world = programs.world
    upload = _checked(programs.of(world.owner()), files.text([files.card("a", "x")]))
    for actor in (world.stranger(), world.owner(livemode=True)):
        other = programs.of(actor)
        assert other.get(PATH).get_json()["data"] == []
        for path in (f"{PATH}/{upload}", f"{PATH}/{upload}/errors.csv"):
            assert other.get(path).status_code == 404
        for verb in ("confirm", "cancel"):
            assert other.post(f"{PATH}/{upload}/{verb}").status_code == 404
    reader = programs.of(world.owner(), frozenset({Scope.UPLOADS_READ}))
    assert reader.get(f"{PATH}/{upload}").status_code == 200
    assert _send(reader, files.cards(1)).status_code == 403
    assert reader.post(f"{PATH}/{upload}/cancel").status_code == 403
