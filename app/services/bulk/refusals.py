"""Why a whole file cannot be used: the place, the reason and the way out."""

from __future__ import annotations

from app.errors import BadInputError, said

SAVE_AS_CSV = said("In Excel choose File, Save As, and the type CSV UTF-8 (comma delimited).")
SAVE_AS_UTF_8 = said(
    "Save it as UTF-8: in Excel choose File, Save As, and the type CSV UTF-8; in LibreOffice "
    "choose Save As with the character set Unicode (UTF-8)."
)


class FileRefusedError(BadInputError):
    """The file is no table of rows that can be read; nothing of it was used."""

    code = "file_refused"


class FileTooLargeError(FileRefusedError):
    """The file passes the cap; it was not read any further."""

    code = "file_too_large"
    status = 413

    def __init__(self, most_bytes: int) -> None:
        """Name the cap."""
        super().__init__(
            "file",
            said("is larger than {most} KiB, the most that is taken.", most=most_bytes // 1024),
            said("Split it into smaller files."),
        )
        self.most_bytes = most_bytes


class NothingToRunError(FileRefusedError):
    """A confirmation would start no payment at all."""

    code = "nothing_to_run"
    status = 409
