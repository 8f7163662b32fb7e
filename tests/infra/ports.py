"""Free ports for test servers, safe between xdist workers and between test runs."""

from __future__ import annotations

import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path
from typing import IO

# Below the range from which systems take ports for outgoing connections.
LOWEST = 20_000
HIGHEST = 32_000

_held: dict[int, IO[str]] = {}


def free_port() -> int:
    """Reserve a port for the life of this process; a lock file keeps other processes off it."""
    candidates = list(range(LOWEST, HIGHEST))
    random.SystemRandom().shuffle(candidates)
    for port in candidates:
        if _lock(port) and _can_bind(port):
            return port
    raise RuntimeError(f"no free port between {LOWEST} and {HIGHEST}")


def _lock(port: int) -> bool:
    folder = Path(tempfile.gettempdir()) / f"payagency-ports-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    file = (folder / str(port)).open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        return False
    _held[port] = file
    return True


def _can_bind(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as candidate:
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
