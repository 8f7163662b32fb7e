"""Frames in, Plotly figures out; amounts travel as exact text, never as a float.

This module loads pandas and Plotly: import it where a figure is drawn, never at the start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from plotly import graph_objects

from app.domain.payments import PaymentStatus

if TYPE_CHECKING:
    from pandas import DataFrame

# Okabe and Ito's palette, which colour-blind readers can tell apart; a status keeps its colour.
COLOURS: Final = {
    PaymentStatus.SUCCEEDED: "#009e73",
    PaymentStatus.FAILED: "#d55e00",
    PaymentStatus.PROCESSING: "#56b4e9",
    PaymentStatus.REQUIRES_ACTION: "#0072b2",
    PaymentStatus.AUTHORIZED: "#cc79a7",
    PaymentStatus.PARTIALLY_REFUNDED: "#e69f00",
    PaymentStatus.DISPUTED: "#f0e442",
    PaymentStatus.CHARGED_BACK: "#000000",
}
OTHER_COLOUR: Final = "#999999"
RATE_COLOUR: Final = "#0072b2"
_BAR_WIDTH = 0.4
_LAYOUT = {
    "template": "none",
    "margin": {"l": 64, "r": 16, "t": 16, "b": 48},
    "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"},
    "font": {"family": "system-ui, sans-serif", "size": 13},
    "bargap": 0.2,
    "height": 360,
}


def volume(frame: DataFrame, currency: str) -> str:
    """Draw the volume by day and status as stacked bars; answers the figure as JSON.

    Columns: `day` (2026-01-31), `status`, `word` (the status as shown), `amount` (major units,
    exact text), `count` and `link` (the payments behind the bar).
    """
    figure = graph_objects.Figure()
    for (status, word), part in frame.groupby(["status", "word"], sort=False):
        figure.add_bar(
            name=word,
            x=part["day"].tolist(),
            y=part["amount"].tolist(),
            customdata=part[["link", "count"]].to_numpy().tolist(),
            marker={"color": COLOURS.get(status, OTHER_COLOUR)},
            hovertemplate=f"%{{x}}<br>%{{y}} {currency}<br>%{{customdata[1]}} payments",
        )
    figure.update_layout(barmode="stack", **_LAYOUT)
    figure.update_xaxes(type="date", tickformat="%d %b", automargin=True, fixedrange=True)
    figure.update_yaxes(type="linear", title={"text": currency}, fixedrange=True)
    return str(figure.to_json())


def success(frame: DataFrame) -> str:
    """Draw the success rate by method; answers the figure as JSON.

    Columns: `method`, `rate` (percent, exact text), `paid`, `not_paid` and `link`.
    """
    figure = graph_objects.Figure()
    figure.add_bar(
        x=frame["method"].tolist(),
        y=frame["rate"].tolist(),
        text=[f"{rate} %" for rate in frame["rate"]],
        customdata=frame[["link", "paid", "not_paid"]].to_numpy().tolist(),
        marker={"color": RATE_COLOUR},
        width=[_BAR_WIDTH] * len(frame),
        hovertemplate="%{x}: %{y} %<br>%{customdata[1]} paid, %{customdata[2]} not<extra></extra>",
    )
    figure.update_layout(showlegend=False, **_LAYOUT)
    figure.update_xaxes(type="category", fixedrange=True)
    figure.update_yaxes(type="linear", range=[0, 100], title={"text": "%"}, fixedrange=True)
    return str(figure.to_json())
