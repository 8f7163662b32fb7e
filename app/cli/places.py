"""Ports and the folder: whether they are free, checked before anything starts."""

from __future__ import annotations

import fcntl
import os
import socket
from typing import IO, TYPE_CHECKING

from app.cli.children import StartFailedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

LONGEST_SOCKET_PATH_BYTES = 100
"""Unix allows 104 to 108 bytes, by system."""
ANSWER_BYTES = 64
PROBE_SECONDS = 2


def is_free(port: int) -> bool:
    """Tell whether this machine's port can be listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def require_free(ports: Mapping[str, int]) -> None:
    """Raise StartFailedError naming every port that another program has, and the way out."""
    taken = [f"{port} ({what})" for what, port in ports.items() if not is_free(port)]
    if taken:
        raise StartFailedError(
            f"Taken by another program: port {', port '.join(taken)}.\n"
            "Stop that program, or choose other ports: make run PORT=9090 "
            "(the sandbox provider takes PORT+2)."
        )


def hold(home: Path) -> IO[str]:
    """Take the folder for this process alone; raises StartFailedError where that cannot be.

    The folder is held as long as the file that is returned stays open.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / "run.lock").open("a+")
    except OSError as error:
        raise StartFailedError(
            f"PAYAGENCY_HOME: {home} cannot be used: {error.strerror}.\n"
            "Name a folder that may be written: make run PAYAGENCY_HOME=/path"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        holder = lock.read().strip()
        lock.close()
        raise StartFailedError(
            f"PAYAGENCY_HOME: {home} is in use by process {holder}.\n"
            "Stop it first (Ctrl-C there), or name another folder and port: "
            "make run PAYAGENCY_HOME=/path PORT=9090"
        ) from error
    lock.seek(0)
    lock.truncate()
    lock.write(f"{os.getpid()}\n")
    lock.flush()
    return lock


def require_short(path: Path) -> None:
    """Raise StartFailedError where a unix socket's path would be cut off."""
    length = len(os.fsencode(path))
    if length > LONGEST_SOCKET_PATH_BYTES:
        raise StartFailedError(
            f"PAYAGENCY_HOME: {path} has {length} bytes; a socket's path may have "
            f"{LONGEST_SOCKET_PATH_BYTES}.\nName a shorter folder, or set REDIS_URL."
        )


def listens(path: Path) -> bool:
    """Tell whether a server listens on a unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def answers(port: int) -> bool:
    """Tell whether `GET /healthz` on this machine's port answers 200."""
    request = f"GET /healthz HTTP/1.0\r\nHost: localhost:{port}\r\n\r\n".encode()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PROBE_SECONDS) as probe:
            probe.sendall(request)
            reply = probe.recv(ANSWER_BYTES)
    except OSError:
        return False
    return reply.startswith((b"HTTP/1.0 200", b"HTTP/1.1 200"))
