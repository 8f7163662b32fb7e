"""What the parts of a generated screen know of it; `crud.RecordView` is the only one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.queries.interface import RecordInterface
    from app.views.lists import List
    from app.views.suggestions import Choices


class RecordScreen(Protocol):
    """A generated screen: its table, what it shows of it, and what it may be asked for."""

    appbuilder: Any
    datamodel: RecordInterface
    spec: List
    route_base: str
    page_size: int
    list_columns: list[str]
    show_columns: list[str]
    search_columns: list[str]
    order_columns: list[str]
    title_columns: Sequence[str]
    base_order: tuple[str, str]
    label_columns: Mapping[str, str]
    choices: Mapping[str, Choices]
    beside: Sequence[Any]

    @property
    def name(self) -> str:
        """Return the name under which arguments and addresses know the screen."""
        ...

    @property
    def filters(self) -> Any:
        """Return the filters that the screen offers."""
        ...

    @property
    def base_rows(self) -> Any:
        """Return the filters that every reading of the screen has."""
        ...

    def may(self, method: str) -> bool:
        """Answer whether the screen has this route and the reader may use it."""
        ...
