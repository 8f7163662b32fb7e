"""The living style page: every base component in every state, while developing only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flask import abort, flash
from flask_appbuilder import expose
from flask_babel import gettext

import config
from app.adapters import clock
from app.domain.permissions import Permission
from app.views import lists, words
from app.views.base import needs
from app.views.show import Screen

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

COLOURS = [
    "ground",
    "surface",
    "raised",
    "sunken",
    "hover",
    "line",
    "line-strong",
    "ink",
    "ink-muted",
    "accent",
    "accent-soft",
    "info",
    "info-soft",
    "progress",
    "progress-soft",
    "success",
    "success-soft",
    "warning",
    "warning-soft",
    "danger",
    "danger-soft",
    "neutral",
    "neutral-soft",
    "chart-1",
    "chart-2",
    "chart-3",
    "chart-4",
    "chart-5",
    "chart-6",
    "chart-7",
    "chart-8",
]
ID = "pay_01K5ZSTYLEGUIDE0000000000"


@dataclass(frozen=True, slots=True)
class Sample:
    """A list with a page on both sides of it and two active filters."""

    chips: tuple[lists.Chip, ...]
    older: str = "#tables"
    newer: str = "#tables"
    all_rows: str = "#tables"


class StyleguideView(Screen):
    """`/styleguide/`; outside development it does not exist."""

    route_base = "/styleguide"
    class_permission_name = "home"
    default_view = "components"

    @expose("/")
    @needs(Permission.HOME_READ)
    def components(self) -> ResponseReturnValue:
        """Show the components."""
        if config.get().environment != "development":
            abort(404)
        now = clock.now()
        chips = (
            lists.Chip(gettext("Status"), gettext("Failed"), "#tables"),
            lists.Chip(gettext("Method"), gettext("Card"), "#tables"),
        )
        flash(gettext("A message after something was done."), "success")
        return self.render(
            "styleguide/index.html",
            title=gettext("Style page"),
            badges=list(words.PAYMENT_BADGES.values()),
            colours=COLOURS,
            moments=[now - timedelta(minutes=3), now - timedelta(hours=5), now - timedelta(40)],
            listed=Sample(chips),
            public_id=ID,
        )
