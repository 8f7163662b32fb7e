"""The static files: their addresses with a version, and how long a browser may keep them."""

from __future__ import annotations

import gzip
import hashlib
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response
from whitenoise import WhiteNoise

from app.security.requests import HEADERS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.headers import Headers
    from wsgiref.types import StartResponse, WSGIEnvironment

    from flask import Flask

VERSION_DIGITS = 10
PACKED = frozenset({"text/css", "text/javascript"})
"""Types that are sent packed where the file has no packed twin."""


@lru_cache(maxsize=256)
def _version(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:VERSION_DIGITS]


@lru_cache(maxsize=256)
def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def _packed(request: Request, response: Response) -> Response:
    """Pack a whole file for a browser that takes it so, and tell caches that it was asked."""
    if response.mimetype not in PACKED or response.content_encoding:
        return response
    response.vary.add("Accept-Encoding")
    whole = request.method == "GET" and response.status_code == HTTPStatus.OK
    if whole and request.accept_encodings.quality("gzip"):
        response.content_encoding = "gzip"
        response.set_data(_gzip(response.get_data()))
    return response


class Assets:
    """The files below `root`; while developing, a changed file is seen without a new start."""

    def __init__(self, root: Path, prefix: str, *, development: bool) -> None:
        self.root = root
        self.prefix = prefix
        self.development = development

    def address(self, name: str) -> str:
        """Return the address of a file's present content; a missing file is an error."""
        path = self.root / name
        changed = path.stat().st_mtime_ns if self.development else 0
        return f"{self.prefix}{name}?v={_version(path, changed)}"

    def serve(self, application: Any) -> Any:
        """Put the files in front of a WSGI application.

        A browser keeps for ever what it asks for by its version, and asks again for all else. The
        version is compared: while servers are replaced, one may be asked for another's file.
        """
        asked_again = self._noise(application, max_age=0)
        kept = self._noise(application, immutable_file_test=lambda _path, _url: True)
        versions = frozenset() if self.development else frozenset(self._addresses())

        def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            request = Request(environ)
            if not request.path.startswith(self.prefix):
                found: Iterable[bytes] = application(environ, start_response)
                return found
            asked = f"{request.path}?{request.query_string.decode('latin-1')}"
            response = Response.from_app(kept if asked in versions else asked_again, environ)
            return _packed(request, response)(environ, start_response)

        return answer

    def _addresses(self) -> Iterable[str]:
        files = (path for path in self.root.rglob("*") if path.is_file())
        return (self.address(path.relative_to(self.root).as_posix()) for path in files)

    def _noise(self, application: Any, **settings: Any) -> WhiteNoise:
        return WhiteNoise(
            application,
            self.root,
            self.prefix,
            autorefresh=self.development,
            allow_all_origins=False,
            add_headers_function=_add_headers,
            **settings,
        )


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    for name, value in HEADERS.items():
        headers[name] = value


def register(app: Flask, *, development: bool) -> None:
    """Serve the application's static folder, and give templates `asset(name)`."""
    assets = Assets(
        Path(app.static_folder or ""), f"{app.static_url_path}/", development=development
    )
    app.jinja_env.globals["asset"] = assets.address
    application: Any = app
    application.wsgi_app = assets.serve(application.wsgi_app)
