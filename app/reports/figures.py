"""Frames in, Plotly figures out; amounts travel as exact text, never as a float.

Figures name no colours: `meta.colour` is the name of a CSS variable, which the page's script
reads in the theme of the moment. All words and numbers on them come in the reader's language.
This module loads pandas and Plotly: import it where a figure is drawn, never at the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from plotly import graph_objects

from app.reports import colours

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pandas import DataFrame

_DAY_MILLISECONDS: Final = 24 * 60 * 60 * 1000
_BAR_MILLISECONDS: Final = _DAY_MILLISECONDS * 7 // 10
_LAYOUT: Final = {
    "template": "none",
    "margin": {"l": 8, "r": 28, "t": 8, "b": 8},
    "font": {"size": 12},
    "showlegend": False,
    "height": 280,
}


@dataclass(frozen=True, slots=True)
class Marks:
    """The marks of an axis: where they stand (exact text, or a day), and what is read there."""

    places: Sequence[str]
    words: Sequence[str]


@dataclass(frozen=True, slots=True)
class Days:
    """The axis of days, from the first to the last."""

    first: date
    last: date
    marks: Marks


def volume(frame: DataFrame, days: Days, height: Marks) -> str:
    """Draw the volume by day and part as stacked bars; answers the figure as JSON.

    Columns: `day` (2026-01-31), `part` (a status or method), `word` (as shown), `amount` (major
    units or a number, exact text), `text` (what is told of the bar) and `link` (the payments
    behind it).
    """
    figure = graph_objects.Figure()
    groups = list(frame.groupby(["part", "word"], sort=False))
    for (part, word), rows in sorted(groups, key=lambda group: colours.rank(group[0][0])):
        figure.add_bar(
            name=word,
            x=rows["day"].tolist(),
            y=rows["amount"].tolist(),
            width=_BAR_MILLISECONDS,
            customdata=rows[["link", "text"]].to_numpy().tolist(),
            meta={"colour": colours.of(part)},
            hovertemplate="%{customdata[1]}<extra></extra>",
        )
    figure.update_layout(barmode="stack", **_LAYOUT)
    figure.update_yaxes(range=[height.places[0], height.places[-1]])
    return _drawn(figure, days, height)


def success(frame: DataFrame, days: Days, height: Marks) -> str:
    """Draw the success rate by day as a line; answers the figure as JSON.

    Columns: `day`, `rate` (percent, exact text), `label` (the last one only), `text` and `link`.
    """
    figure = graph_objects.Figure()
    figure.add_scatter(
        x=frame["day"].tolist(),
        y=frame["rate"].tolist(),
        mode="lines+markers+text",
        text=frame["label"].tolist(),
        textposition="top left",
        cliponaxis=False,
        customdata=frame[["link", "text"]].to_numpy().tolist(),
        meta={"colour": colours.RATE},
        marker={"size": 7},
        hovertemplate="%{customdata[1]}<extra></extra>",
    )
    figure.update_layout({**_LAYOUT, "height": 220})
    figure.update_yaxes(range=[0, 108])
    return _drawn(figure, days, height)


def _drawn(figure: graph_objects.Figure, days: Days, height: Marks) -> str:
    begins = f"{days.first - timedelta(days=1)} 12:00"
    figure.update_xaxes(
        type="date",
        range=[begins, f"{days.last} 12:00"],
        tickvals=list(days.marks.places),
        ticktext=list(days.marks.words),
        automargin=True,
        fixedrange=True,
        showgrid=False,
    )
    figure.update_yaxes(
        type="linear",
        tickvals=list(height.places),
        ticktext=list(height.words),
        automargin=True,
        fixedrange=True,
    )
    return str(figure.to_json())
