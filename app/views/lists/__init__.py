"""Lists: columns, filters in the address, pages by keyset, and the same rows as a file."""

from app.views.lists.arguments import (
    address,
    amounts,
    back,
    day,
    digits,
    ids,
    link,
    many_of,
    moments,
    one_of,
    text,
)
from app.views.lists.chips import AMOUNTS, Chip, Filter
from app.views.lists.columns import (
    Column,
    Sheet,
    exact,
    field,
    iso,
    merchant,
    moment,
    money,
    shown,
    with_currency,
)
from app.views.lists.download import download, keep_columns, stream
from app.views.lists.pages import List, Listed, page, read

__all__ = [
    "AMOUNTS",
    "Chip",
    "Column",
    "Filter",
    "List",
    "Listed",
    "Sheet",
    "address",
    "amounts",
    "back",
    "day",
    "digits",
    "download",
    "exact",
    "field",
    "ids",
    "iso",
    "keep_columns",
    "link",
    "many_of",
    "merchant",
    "moment",
    "moments",
    "money",
    "one_of",
    "page",
    "read",
    "shown",
    "stream",
    "text",
    "with_currency",
]
