from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

import pytest

from app.domain.bulk_header import REQUIRED_COLUMNS
from app.domain.bulk_rows import CellError
from app.views.upload_errors import grouped
from app.views.upload_example import COLUMNS, content
from tests.services.bulk import files

if TYPE_CHECKING:
    from pathlib import Path

    from werkzeug.test import TestResponse

    from tests.views.people import Browser, People

KEY = re.compile(r'name="form_key" value="([^"]+)"')
STEP = re.compile(r'class="step step-(\w+)"')


def send(browser: Browser, content: str | bytes, **fields: str) -> TestResponse:
    data = content.encode() if isinstance(content, str) else content
    form: dict[str, Any] = {"file": (io.BytesIO(data), "March payments.csv"), **fields}
    return browser.post("/uploads/new", form)


def uploaded(browser: Browser, content: str | bytes) -> str:
    answer = send(browser, content)
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def checked(browser: Browser, content: str | bytes) -> str:
    page = uploaded(browser, content)
    files.work()
    return page


def confirm(browser: Browser, page: str, **fields: str) -> TestResponse:
    found = KEY.search(browser.get(page).text)
    assert found
    return browser.post(f"{page}/confirm", {"form_key": found[1], **fields})


def steps(text: str) -> list[str]:
    """Return how each step of the way stands."""
    return STEP.findall(text)


def fail_all(people: People) -> None:
    with people.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE payment SET status = 'failed'")


def test_from_the_form_to_the_result(people: People) -> None:
    browser = people.browser("acme-owner")
    rows = [files.card("order-1"), files.card("order-2", "x"), files.card("order-3", "0.07")]
    page = uploaded(browser, files.text(rows))
    assert "Being checked" in browser.get(page).text
    files.work()
    text = browser.get(page).text
    for words in ("Ready to confirm", "March payments.csv", "10.57", "amount_invalid"):
        assert words in text
    assert steps(text) == ["done", "done", "now", "next", "next"]
    assert confirm(browser, page).status_code == 302
    assert "0</span> of <span" in browser.get(page).text
    files.work()
    text = browser.get(page).text
    assert "2 rows became payments." in text
    assert "1 row was rejected by the check and not loaded." in text
    assert steps(text) == ["done", "done", "done", "now", "next"]
    assert "March payments.csv" in browser.get("/uploads/").text


def test_the_confirm_form_sent_twice_starts_once(people: People) -> None:
    browser = people.browser("acme-owner")
    page = checked(browser, files.cards(2))
    key = KEY.search(browser.get(page).text)
    assert key
    for _ in range(2):
        answer = browser.post(f"{page}/confirm", {"form_key": key[1]})
        assert (answer.status_code, answer.location) == (302, page)
    assert files.work() == 1
    assert len(files.payments(people.world.owner())) == 2


def test_a_confirmation_without_a_key_of_ours_does_nothing(people: People) -> None:
    browser = people.browser("acme-owner")
    page = checked(browser, files.cards(1))
    answer = browser.post(f"{page}/confirm", {"form_key": "made-up"})
    assert answer.status_code == 422
    assert "Open the form again" in answer.text
    assert files.work() == 0


def test_a_clerk_uploads_and_cancels_but_an_owner_confirms(people: People) -> None:
    clerk = people.browser("acme-clerk")
    page = checked(clerk, files.cards(1))
    text = clerk.get(page).text
    assert "Confirm and charge" not in text
    assert "Somebody who may confirm uploads" in text
    assert clerk.post(f"{page}/confirm", {}).status_code == 403
    assert clerk.post(f"{page}/cancel", {}).status_code == 302
    assert "Canceled" in clerk.get(page).text


def test_staff_see_uploads_of_all_merchants_but_touch_none(people: People) -> None:
    page = checked(people.browser("acme-owner"), files.cards(1))
    staff = people.browser("operations")
    assert "Acme" in staff.get("/uploads/").text
    assert staff.get(page).status_code == 200
    for path in (f"{page}/confirm", f"{page}/cancel", "/uploads/new"):
        assert staff.post(path, {}).status_code == 403


def test_another_merchant_finds_nothing_of_it(people: People) -> None:
    page = checked(people.browser("acme-owner"), files.text([files.card("order-1", "x")]))
    stranger = people.browser("globex-owner")
    assert "March payments.csv" not in stranger.get("/uploads/").text
    for path in (page, f"{page}/progress", f"{page}/errors.csv"):
        assert stranger.get(path).status_code == 404
    assert stranger.post(f"{page}/cancel", {}).status_code == 404


def test_progress_tells_the_script_what_the_page_shows(people: People) -> None:
    browser = people.browser("acme-owner")
    page = checked(browser, files.cards(3))
    confirm(browser, page)
    files.work()
    assert browser.get(f"{page}/progress").json == {
        "status": "done",
        "checked": 3,
        "to_load": 3,
        "loaded": 3,
        "payments": {"processing": 3},
        "finished": False,
    }
    fail_all(people)
    assert (browser.get(f"{page}/progress").json or {})["finished"] is True


def test_failed_payments_are_offered_to_be_tried_again(people: People) -> None:
    browser = people.browser("acme-owner")
    confirm(browser, checked(browser, files.cards(2)))
    files.work()
    fail_all(people)
    page = checked(browser, files.cards(2))
    assert "Try the 2 failed payments again" in browser.get(page).text
    refused = confirm(browser, page)
    assert refused.status_code == 409
    assert "Choose to try the failed payments again" in refused.text
    assert confirm(browser, page, retry_failed="1").status_code == 302
    files.work()
    assert "2 rows were tried again with a new payment." in browser.get(page).text


def test_the_error_file_is_a_download(people: People) -> None:
    browser = people.browser("acme-owner")
    page = checked(browser, files.text([files.card("order-1", "x")]))
    with browser.get(f"{page}/errors.csv") as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=bu_")
        assert answer.mimetype == "text/csv"
        assert answer.data.decode("utf-8-sig").startswith("reference,amount")
    clean = checked(browser, files.cards(1))
    assert browser.get(f"{clean}/errors.csv").status_code == 404


REFUSED = {
    "picture": (b"\x89PNG\r\n\x1a\n", 422, "is a picture"),
    "empty": (b"", 422, "is empty"),
    "unknown column": (b"reference,sum\n", 422, "unknown: sum"),
    "NUL": (files.cards(1).encode() + b"\0\n", 422, "line 3: contains a NUL byte"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_cannot_be_used_is_told_on_the_form(people: People, name: str) -> None:
    content, status, words = REFUSED[name]
    answer = send(people.browser("acme-owner"), content)
    assert answer.status_code == status
    assert words in answer.text
    assert "Upload and check" in answer.text


def test_no_file_and_another_decimal_mark_are_told_on_the_form(
    people: People, environment: Path
) -> None:
    browser = people.browser("acme-owner")
    before = files.kept(environment)
    answer = browser.post("/uploads/new", {})
    assert (answer.status_code, "Choose a CSV file" in answer.text) == (422, True)
    answer = send(browser, files.cards(1), decimal_mark="'")
    assert (answer.status_code, "neither a point nor a comma" in answer.text) == (422, True)
    assert files.kept(environment) == before


def test_five_gigabytes_are_refused_by_their_announced_length(people: People) -> None:
    class Untouched(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError(f"{size} bytes of the body were read")

    answer = people.browser("acme-owner").client.post(
        "/uploads/new",
        input_stream=Untouched(),
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(5 * 1024**3)},
    )
    assert answer.status_code == 413
    assert re.search(r"65,\d{3} KiB", answer.text)


def test_without_the_capability_the_form_says_so(people: People) -> None:
    with people.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM capability WHERE kind = 'bulk'")
    answer = send(people.browser("acme-owner"), files.cards(1))
    assert answer.status_code == 403
    assert "Uploads are not enabled" in answer.text


def test_names_of_a_windows_file_are_shown_to_be_looked_at(people: People) -> None:
    browser = people.browser("acme-owner")
    header = (*files.HEADER, "customer_name")
    content = files.text([[*files.card("order-1"), "Zoë Müller"]], header).encode("cp1252")
    text = browser.get(checked(browser, content)).text
    assert "Windows-1252" in text
    assert "<strong>Zoë Müller</strong>" in text


def test_a_refused_upload_says_why(people: People) -> None:
    browser = people.browser("acme-owner")
    page = checked(browser, files.cards(1) + '"order-2"x,1,EUR,card,t\n')
    text = browser.get(page).text
    assert "line 3: has quotation marks that do not match" in text
    assert "Confirm and charge" not in text


def test_cells_of_a_file_are_text_on_the_page(people: People) -> None:
    browser = people.browser("acme-owner")
    header = (*files.HEADER, "metadata.<script>alert(1)</script>")
    row = [*files.card("order-1", "x"), "\x01"]
    text = browser.get(checked(browser, files.text([row], header))).text
    assert "<script>alert(1)" not in text
    assert "metadata.&lt;script&gt;" in text


def test_an_unknown_upload_and_an_unknown_page_are_not_found(people: People) -> None:
    browser = people.browser("acme-owner")
    assert browser.get("/uploads/bu_nothing").status_code == 404
    assert browser.get("/uploads/?older=bu_nothing").status_code == 404


def test_the_way_of_a_file_ends_where_it_was_stopped(people: People) -> None:
    browser = people.browser("acme-owner")
    page = checked(browser, files.cards(1))
    browser.post(f"{page}/cancel", {})
    assert steps(browser.get(page).text) == ["done", "done", "stopped", "next", "next"]
    confirmed = checked(browser, files.cards(1))
    confirm(browser, confirmed)
    files.work()
    fail_all(people)
    assert steps(browser.get(confirmed).text) == ["done"] * 5


def test_confirming_says_what_is_charged_by_currency(people: People) -> None:
    browser = people.browser("acme-owner")
    rows = [files.card("order-1"), ["order-2", "900", "JPY", "card", "tok_approve"]]
    text = browser.get(checked(browser, files.text(rows))).text
    dialog = text.partition('<dialog id="confirm"')[2].partition("</dialog>")[0]
    assert "2 new payments are charged:" in dialog
    for amount, currency in (("10.50", "EUR"), ("900", "JPY")):
        assert f'{amount}</span> <span class="currency">{currency}' in dialog


def test_counts_lead_to_the_payments_behind_them(people: People) -> None:
    browser = people.browser("acme-owner")
    page = checked(browser, files.cards(2))
    confirm(browser, page)
    files.work()
    fail_all(people)
    upload = page.rpartition("/")[2]
    link = f"/payments/?upload={upload}&status=failed"
    assert f'href="{link.replace("&", "&amp;")}"' in browser.get(page).text
    assert "order-1" in browser.get(link).text


def test_the_same_problem_of_many_lines_is_one_row() -> None:
    errors = [CellError(line, "amount", "missing", "amount: is empty.") for line in range(3, 15)]
    errors.append(CellError(2, "", "too_few_cells", "the line: has fewer cells."))
    many, one = grouped(errors)
    assert (many.column, many.message, len(many.lines)) == ("amount", "is empty.", 12)
    assert (many.named, many.unnamed) == ([3, 4, 5, 6, 7, 8, 9, 10], 4)
    assert (one.lines, one.unnamed) == ([2], 0)


@pytest.mark.parametrize("language,mark", [("en", "."), ("de", ",")])
def test_the_example_file_passes_the_check_as_it_is(
    people: People, language: str, mark: str
) -> None:
    browser = people.browser("acme-owner")
    browser.client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
    answer = browser.get("/uploads/example.csv")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert f"10{mark}50" in answer.text
    page = str(send(browser, answer.data, decimal_mark=mark).location)
    files.work()
    upload = files.read(people.world.owner(), page.rpartition("/")[2])
    assert (upload.status, upload.rows_valid, upload.rows_invalid) == ("ready", 3, 0)
    assert people.browser("auditor").get("/uploads/example.csv").status_code == 403


def test_every_column_of_the_example_is_explained() -> None:
    header = content(".", livemode=False).decode("utf-8-sig").splitlines()[0].split(",")
    assert header == [column.name for column in COLUMNS if not column.name.startswith("metadata.")]
    assert {column.name for column in COLUMNS if column.is_required} == set(REQUIRED_COLUMNS)


def test_the_list_is_narrowed_and_handed_out_as_a_file(people: People) -> None:
    browser = people.browser("acme-owner")
    checked(browser, files.cards(1))
    assert "March payments.csv" in browser.get("/uploads/?status=ready").text
    assert "Nothing matches these filters" in browser.get("/uploads/?status=done").text
    assert browser.get("/uploads/?status=lost").status_code == 400
    staff = people.browser("operations")
    assert "March payments.csv" in staff.get("/uploads/?merchant=acme").text
    assert "March payments.csv" not in staff.get("/uploads/?merchant=globex").text
    answer = browser.post("/uploads/export.csv?status=ready")
    assert answer.data.decode("utf-8-sig").splitlines()[1].startswith("March payments.csv")
    stranger = people.browser("globex-owner").post("/uploads/export.csv")
    assert "March" not in stranger.data.decode("utf-8-sig")
