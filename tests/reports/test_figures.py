from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pandas as pd

from app.reports import colours, figures
from app.reports.figures import Days, Marks

CSS = Path(__file__).parents[2] / "app" / "static" / "css"
DAYS = Days(
    date(2026, 3, 1), date(2026, 3, 2), Marks(["2026-03-01", "2026-03-02"], ["1 Mar", "2 Mar"])
)
HEIGHT = Marks(["0", "5000.00"], ["0", "5,000"])
VOLUME = pd.DataFrame(
    [
        ("2026-03-02", "failed", "Failed", "2.50", "told c", "/payments/?c"),
        ("2026-03-01", "canceled", "Canceled", "1.00", "told b", "/payments/?b"),
        ("2026-03-01", "succeeded", "Succeeded", "9007199254740993.01", "told a", "/payments/?a"),
        ("2026-03-02", "succeeded", "Succeeded", "2.50", "told d", "/payments/?d"),
    ],
    columns=["day", "part", "word", "amount", "text", "link"],
)


def test_volume_stacks_a_bar_per_part_from_what_was_paid_up_to_what_failed() -> None:
    figure = json.loads(figures.volume(VOLUME, DAYS, HEIGHT))
    assert figure["layout"]["barmode"] == "stack"
    assert [bar["name"] for bar in figure["data"]] == ["Succeeded", "Failed", "Canceled"]
    first = figure["data"][0]
    assert first["x"] == ["2026-03-01", "2026-03-02"]
    assert first["customdata"] == [["/payments/?a", "told a"], ["/payments/?d", "told d"]]


def test_amounts_beyond_a_float_stay_exact() -> None:
    figure = json.loads(figures.volume(VOLUME, DAYS, HEIGHT))
    assert figure["data"][0]["y"] == ["9007199254740993.01", "2.50"]


def test_the_axes_are_written_by_the_reader() -> None:
    layout = json.loads(figures.volume(VOLUME, DAYS, HEIGHT))["layout"]
    across, up = layout["xaxis"], layout["yaxis"]
    assert (across["tickvals"], across["ticktext"]) == (DAYS.marks.places, DAYS.marks.words)
    assert across["range"] == ["2026-02-28 12:00", "2026-03-02 12:00"]
    assert (up["tickvals"], up["ticktext"]) == (HEIGHT.places, HEIGHT.words)
    assert up["range"] == ["0", "5000.00"], "up to the last mark"


def test_colours_are_variables_of_the_theme() -> None:
    known = set(re.findall(r"--[a-z0-9-]+(?=:)", (CSS / "tokens.css").read_text()))
    named = {*colours.COLOURS.values(), colours.OTHER, colours.RATE}
    assert named <= known
    keys = (CSS / "home.css").read_text()
    assert all(f"background: var({name});" in keys for name in named)
    drawn = json.loads(figures.volume(VOLUME, DAYS, HEIGHT))["data"]
    assert [bar["meta"]["colour"] for bar in drawn] == ["--chart-3", "--chart-5", "--chart-8"]
    assert all("color" not in bar.get("marker", {}) for bar in drawn)


def test_success_is_a_line_that_says_its_last_value() -> None:
    frame = pd.DataFrame(
        [
            ("2026-03-01", "97.5", "", "told a", "/payments/?a"),
            ("2026-03-02", "50.0", "50.0%", "told b", "/payments/?b"),
        ],
        columns=["day", "rate", "label", "text", "link"],
    )
    (line,) = json.loads(figures.success(frame, DAYS, HEIGHT))["data"]
    assert (line["x"], line["y"]) == (["2026-03-01", "2026-03-02"], ["97.5", "50.0"])
    assert line["text"] == ["", "50.0%"]
    assert line["customdata"] == [["/payments/?a", "told a"], ["/payments/?b", "told b"]]


def test_no_rows_make_an_empty_figure() -> None:
    assert json.loads(figures.volume(VOLUME.head(0), DAYS, HEIGHT))["data"] == []
