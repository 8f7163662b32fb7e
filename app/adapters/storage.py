"""The door to files: a folder named by STORAGE_URL."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING
from urllib.parse import urlsplit

import config
from app.errors import ConfigurationError, NotFoundError, UnavailableError, said

if TYPE_CHECKING:
    from collections.abc import Callable


def _folder() -> Path:
    parts = urlsplit(config.get().storage)
    if parts.scheme != "file":
        raise ConfigurationError(
            [f"STORAGE_URL: {parts.scheme}:// is not supported. Use file:///folder."]
        )
    return Path(parts.path)


def _path(name: str) -> Path:
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts:
        raise NotFoundError(said("No such file."))
    return _folder() / pure


def write(name: str, fill: Callable[[IO[bytes]], object]) -> None:
    """Write a file whole or not at all: `fill` writes to a partial file that is then renamed."""
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            fill(file)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        raise UnavailableError(
            said("The file could not be kept: {reason}.", reason=error.strerror)
        ) from error
    finally:
        partial.unlink(missing_ok=True)


def open_read(name: str) -> IO[bytes]:
    """Open a file for reading; raises NotFoundError."""
    try:
        return _path(name).open("rb")
    except FileNotFoundError as error:
        raise NotFoundError(said("The file is no longer kept.")) from error


def delete(name: str) -> None:
    """Remove a file; nothing happens when it is gone already."""
    _path(name).unlink(missing_ok=True)


def check() -> None:
    """Raise unless a file can be written, read and removed."""
    write("doctor/probe", lambda file: file.write(b"ok"))
    with open_read("doctor/probe") as file:
        file.read()
    delete("doctor/probe")
