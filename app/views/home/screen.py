"""The home page: first what waits for the reader, then figures with the rows behind each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Response
from flask_appbuilder import expose
from flask_babel import gettext

from app.domain.permissions import Permission
from app.views.base import current_actor, needs, read_session
from app.views.home import choice, drawing, numbers, sections, tables
from app.views.home.board import Board
from app.views.home.choice import DIVISIONS, EVERY_CURRENCY, PERIODS
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue


class HomeView(Screen):
    """`/`."""

    route_base = ""
    class_permission_name = "home"
    default_view = "index"

    @expose("/")
    @needs(Permission.HOME_READ)
    def index(self) -> ResponseReturnValue:
        """Show what waits and the figures of the chosen days."""
        board = _board()
        parts = sections.parts(board)
        page = self.render(
            "home/index.html",
            title=gettext("Home"),
            board=board,
            parts=parts,
            stats=numbers.stats(board) if _has_figures(board) else [],
            periods=list(PERIODS.items()),
            divisions=list(DIVISIONS.items()),
            currencies=_currencies(board),
        )
        return page, 422 if board.choice.fault else 200

    @expose("/figures/volume.json")
    @needs(Permission.PAYMENTS_READ)
    def volume(self) -> ResponseReturnValue:
        """Return the figure of the volume by day."""
        board = _board()
        return _json(drawing.volume(board, tables.volume(board)))

    @expose("/figures/success.json")
    @needs(Permission.PAYMENTS_READ)
    def success(self) -> ResponseReturnValue:
        """Return the figure of the success rate by day."""
        board = _board()
        return _json(drawing.success(board, tables.by_day(board)))


def _board() -> Board:
    return Board(current_actor(), read_session(), choice.read())


def _has_figures(board: Board) -> bool:
    return board.actor.may(Permission.PAYMENTS_READ)


def _currencies(board: Board) -> list[tuple[str, str]]:
    """Return those of these days, the chosen one even where it has none, and all of them."""
    codes = sorted({*board.currencies, board.currency} - {""})
    return [*((code, code) for code in codes), (EVERY_CURRENCY, gettext("All (numbers only)"))]


def _json(text: str) -> Response:
    return Response(text, mimetype="application/json")
