from __future__ import annotations

import gzip
import hashlib
import os
import re
from typing import TYPE_CHECKING, Final

import pytest
from flask import Flask

from app.security.requests import HEADERS
from app.views import assets
from tests.architecture.tree import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from flask.testing import FlaskClient

BODY: Final = b"p { color: red; }" * 100
VERSION: Final = hashlib.sha256(BODY).hexdigest()[:10]
ADDRESS: Final = f"/static/css/app.css?v={VERSION}"
FOR_EVER: Final = "max-age=315360000, public, immutable"
ASKED_AGAIN: Final = "max-age=0, public"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a static folder with a file and its packed twin."""
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "app.css").write_bytes(BODY)
    (tmp_path / "css" / "app.css.gz").write_bytes(gzip.compress(BODY))
    return tmp_path


def _app(folder: Path, *, development: bool = False) -> Flask:
    app = Flask("test", static_folder=str(folder), static_url_path="/static")
    assets.register(app, development=development)
    return app


def _address(app: Flask, name: str = "css/app.css") -> str:
    return app.jinja_env.from_string("{{ asset(name) }}").render(name=name)


@pytest.fixture
def client(folder: Path) -> FlaskClient:
    """Return a client of an application that is not being developed."""
    return _app(folder).test_client()


@pytest.mark.parametrize("development", [True, False])
def test_an_address_carries_the_version_of_the_content(folder: Path, development: bool) -> None:
    assert _address(_app(folder, development=development)) == ADDRESS


@pytest.mark.parametrize("development", [True, False])
def test_a_file_that_is_not_there_is_an_error(folder: Path, development: bool) -> None:
    with pytest.raises(FileNotFoundError, match="css/other.css"):
        _address(_app(folder, development=development), "css/other.css")


@pytest.mark.parametrize("development", [True, False])
def test_a_changed_file_is_seen_at_once_only_while_developing(
    folder: Path, development: bool
) -> None:
    app = _app(folder, development=development)
    assert _address(app) == ADDRESS
    path = folder / "css" / "app.css"
    path.write_bytes(b"new")
    os.utime(path, ns=(1, 1))
    assert (_address(app) != ADDRESS) is development


def test_a_file_is_kept_for_ever_under_its_version_only(client: FlaskClient) -> None:
    for address, kept in (
        (ADDRESS, FOR_EVER),
        ("/static/css/app.css", ASKED_AGAIN),
        ("/static/css/app.css?v=0123456789", ASKED_AGAIN),
        (f"{ADDRESS}&more=1", ASKED_AGAIN),
    ):
        with client.get(address) as answer:
            assert (answer.status_code, answer.data) == (200, BODY)
            assert answer.headers["Cache-Control"] == kept
            assert {name: answer.headers[name] for name in HEADERS} == HEADERS
            assert "Access-Control-Allow-Origin" not in answer.headers


def test_while_developing_nothing_is_kept(folder: Path) -> None:
    client = _app(folder, development=True).test_client()
    with client.get(ADDRESS) as answer:
        assert answer.headers["Cache-Control"] == ASKED_AGAIN


def test_the_packed_twin_is_sent_to_who_takes_it(client: FlaskClient) -> None:
    with client.get(ADDRESS, headers={"Accept-Encoding": "gzip"}) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Cache-Control"] == FOR_EVER
        assert gzip.decompress(answer.data) == BODY


@pytest.mark.parametrize("development", [True, False])
def test_a_file_without_a_twin_is_packed_on_the_way(folder: Path, development: bool) -> None:
    (folder / "css" / "app.css.gz").unlink()
    client = _app(folder, development=development).test_client()
    with client.get(ADDRESS, headers={"Accept-Encoding": "br, gzip"}) as answer:
        assert gzip.decompress(answer.data) == BODY
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Content-Length"] == str(len(answer.data))
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert {name: answer.headers[name] for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    "more", [{}, {"Accept-Encoding": "gzip;q=0, br"}, {"Range": "bytes=0-9"}], ids=str
)
def test_it_is_not_packed_for_who_cannot_take_it(folder: Path, more: dict[str, str]) -> None:
    (folder / "css" / "app.css.gz").unlink()
    with _app(folder).test_client().get(ADDRESS, headers=more) as answer:
        assert "Content-Encoding" not in answer.headers
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.data == (BODY[:10] if more.get("Range") else BODY)


def test_what_is_only_asked_about_tells_the_length_of_the_file(folder: Path) -> None:
    (folder / "css" / "app.css.gz").unlink()
    headers = {"Accept-Encoding": "gzip"}
    with _app(folder).test_client().head(ADDRESS, headers=headers) as answer:
        assert answer.data == b""
        assert answer.headers["Content-Length"] == str(len(BODY))


def test_a_file_that_has_not_changed_is_not_sent_again(client: FlaskClient) -> None:
    with client.get(ADDRESS) as answer:
        tag = answer.headers["ETag"]
    with client.get(ADDRESS, headers={"If-None-Match": tag}) as answer:
        assert (answer.status_code, answer.data) == (304, b"")


@pytest.mark.parametrize(
    "path", ["css/other.css", "../secret", "%2e%2e/secret", "css/../../secret", "css", "css/"]
)
@pytest.mark.parametrize("development", [True, False])
def test_nothing_else_is_served(folder: Path, path: str, development: bool) -> None:
    (folder.parent / "secret").write_text("secret")
    client = _app(folder, development=development).test_client()
    with client.get(f"/static/{path}?v={VERSION}") as answer:
        assert answer.status_code == 404
        assert b"secret" not in answer.data


def test_a_file_is_asked_for_only(client: FlaskClient) -> None:
    with client.post(ADDRESS) as answer:
        assert answer.status_code == 405


def test_what_styles_load_is_ours_and_named_by_its_version() -> None:
    own = ROOT / "app" / "static" / "css"
    files = assets.Assets(own.parent, "/static/", development=False)
    for path in own.glob("*.css"):
        for named in re.findall(r"url\(\"?([^\")]*)", path.read_text(encoding="utf-8")):
            if not named.startswith("data:"):
                name = named.removeprefix("../").partition("?")[0]
                assert files.address(name) == f"/static/{named.removeprefix('../')}", path.name
