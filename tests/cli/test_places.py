from __future__ import annotations

import os
import socket
import threading
from typing import TYPE_CHECKING

import pytest

from app.cli import places
from app.cli.children import StartFailedError
from tests.infra.ports import free_port

if TYPE_CHECKING:
    from pathlib import Path


def test_every_taken_port_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as first:
        port = first.getsockname()[1]
        with pytest.raises(StartFailedError) as caught:
            places.require_free({"web": port, "sandbox provider": port, "other": free_port()})
    assert f"port {port} (web), port {port} (sandbox provider)." in caught.value.detail
    assert "make run PORT=9090" in caught.value.detail


def test_free_ports_are_left_free() -> None:
    port = free_port()
    places.require_free({"web": port})
    assert places.is_free(port)


def test_a_folder_is_held_by_one_process_at_a_time(tmp_path: Path) -> None:
    with (
        places.hold(tmp_path / "home"),
        pytest.raises(StartFailedError) as caught,
        places.hold(tmp_path / "home"),
    ):
        pass
    assert f"in use by process {os.getpid()}" in caught.value.detail
    assert "PAYAGENCY_HOME=/path" in caught.value.detail
    with places.hold(tmp_path / "home"):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StartFailedError) as caught:
        places.hold(tmp_path / "file" / "home")
    assert caught.value.detail.startswith(f"PAYAGENCY_HOME: {tmp_path}/file/home cannot be used")


def test_a_path_too_long_for_a_socket_is_refused_with_the_way_out(tmp_path: Path) -> None:
    places.require_short(tmp_path)
    with pytest.raises(StartFailedError, match="Name a shorter folder, or set REDIS_URL"):
        places.require_short(tmp_path / ("x" * 100))


def test_nobody_listens_where_no_server_is(tmp_path: Path) -> None:
    assert not places.listens(tmp_path / "socket")
    assert not places.answers(free_port())


def test_a_server_that_answers_something_else_is_not_ready() -> None:
    with socket.create_server(("127.0.0.1", free_port())) as server:
        port = server.getsockname()[1]
        server.settimeout(5)

        def reply() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\n\r\n")

        thread = threading.Thread(target=reply)
        thread.start()
        assert not places.answers(port)
        thread.join()
