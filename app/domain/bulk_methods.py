"""The columns of a row that tell one method of a family from the others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app.domain.currencies import MAX_CODE_LENGTH
from app.domain.methods import crypto, upi
from app.errors import BadInputError, said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.domain.bulk_cells import Cells

METHODS: Final = ("card", "upi", "crypto", "apm")
MAX_APM_NAME: Final = 32

_Named = tuple[str, dict[str, str]]
_NOTHING: Final[_Named] = ("", {})


def read_method(row: Cells, family: str | None) -> _Named:
    """Return the method's name and its details; what is wrong is held against its column.

    Columns of another family are passed over.
    """
    reader = _READERS.get(family or "")
    return reader(row) if reader else _NOTHING


def _upi(row: Cells) -> _Named:
    """A payer whose address stands in the row is asked; without one the payer scans a code."""
    text = row.optional("vpa", upi.MAX_VPA)
    if text is None:
        return upi.QR, {}
    try:
        return upi.COLLECT, {"vpa": upi.parse_vpa(text)}
    except BadInputError as error:
        row.fail("vpa", "vpa_invalid", error.without_place)
        return _NOTHING


def _crypto(row: Cells) -> _Named:
    text = row.optional("asset", MAX_CODE_LENGTH, too_long="asset_unknown")
    if text is None:
        if not row.is_bad("asset"):
            reason = said("is empty. Write the asset, such as BTC or USDC@ethereum.")
            row.fail("asset", "asset_missing", reason)
        return _NOTHING
    try:
        return crypto.parse_asset(text), {}
    except BadInputError as error:
        row.fail("asset", "asset_unknown", error.without_place)
        return _NOTHING


def _apm(row: Cells) -> _Named:
    text = row.optional("apm_name", MAX_APM_NAME)
    if text is None:
        if not row.is_bad("apm_name"):
            reason = said("is empty. Write the method's name, such as ideal.")
            row.fail("apm_name", "apm_name_missing", reason)
        return _NOTHING
    return text.lower(), {}


_READERS: Final[Mapping[str, Callable[[Cells], _Named]]] = {
    "upi": _upi,
    "crypto": _crypto,
    "apm": _apm,
}
