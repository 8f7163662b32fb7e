from __future__ import annotations

import pytest

from app.security.addresses import local

OURS = {
    "/payments/?status=failed": "/payments/?status=failed",
    "http://localhost/users/": "/users/",
    "https://127.0.0.1:8443/a?b=c": "/a?b=c",
}
FOREIGN = [
    "",
    "users/",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "http://evil.example/",
    "http://localhost.evil.example/",
    "http://localhost@evil.example/",
    "http://localhost//evil.example",
    "javascript:alert(1)",
    "ftp://localhost/x",
    "/a\r\nSet-Cookie: b=c",
    "http://[::1",
]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("text", OURS)
def test_an_address_of_our_own_is_kept_as_path(text: str) -> None:
    assert local(text) == OURS[text]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("text", FOREIGN)
def test_any_other_address_is_refused(text: str) -> None:
    assert local(text) is None
