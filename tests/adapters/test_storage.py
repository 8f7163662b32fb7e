"""Files: whole or not at all, and nowhere else than in the folder."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING

import pytest

import config
from app.adapters import storage
from app.errors import ConfigurationError, NotFoundError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """Keep files in a folder of this test."""
    monkeypatch.setenv("STORAGE_URL", f"file://{tmp_path}")
    config.get.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    config.get.cache_clear()


def _fill(file: IO[bytes]) -> None:
    file.write(b"line,code\n")


def test_what_was_written_is_read_and_removed(folder: Path) -> None:
    storage.write("a/b.csv", _fill)
    with storage.open_read("a/b.csv") as file:
        assert file.read() == b"line,code\n"
    storage.delete("a/b.csv")
    assert list((folder / "a").iterdir()) == []
    storage.delete("a/b.csv")


def test_a_write_that_fails_leaves_the_old_file_and_no_remains(folder: Path) -> None:
    storage.write("a.csv", _fill)

    def broken(file: IO[bytes]) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    with pytest.raises(UnavailableError, match="No space left"):
        storage.write("a.csv", broken)
    assert [path.name for path in folder.iterdir()] == ["a.csv"]
    assert (folder / "a.csv").read_bytes() == b"line,code\n"


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/../../b"])
@pytest.mark.usefixtures("folder")
def test_names_do_not_lead_out_of_the_folder(name: str) -> None:
    with pytest.raises(NotFoundError):
        storage.open_read(name)
    with pytest.raises(NotFoundError):
        storage.write(name, _fill)


@pytest.mark.usefixtures("folder")
def test_a_missing_file_is_said_plainly() -> None:
    with pytest.raises(NotFoundError, match="no longer kept"):
        storage.open_read("nothing.csv")


def test_an_unknown_kind_of_storage_is_a_configuration_fault(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert folder.exists()
    monkeypatch.setenv("STORAGE_URL", "ftp://files")
    config.get.cache_clear()
    with pytest.raises(ConfigurationError, match="ftp:// is not supported"):
        storage.check()
