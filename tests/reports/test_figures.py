from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pandas as pd
import plotly.offline

from app.reports import figures

VENDOR = Path(__file__).parents[2] / "app" / "static" / "vendor"
VOLUME = pd.DataFrame(
    [
        ("2026-03-01", "succeeded", "Succeeded", "9007199254740993.01", 2, "/payments/?a"),
        ("2026-03-01", "canceled", "Canceled", "1.00", 1, "/payments/?b"),
        ("2026-03-02", "succeeded", "Succeeded", "2.50", 1, "/payments/?c"),
    ],
    columns=["day", "status", "word", "amount", "count", "link"],
)


def test_volume_stacks_a_bar_per_status_with_its_links() -> None:
    figure = json.loads(figures.volume(VOLUME, "EUR"))
    assert figure["layout"]["barmode"] == "stack"
    first, second = figure["data"]
    assert (first["name"], second["name"]) == ("Succeeded", "Canceled")
    assert (first["marker"], second["marker"]) == ({"color": "#009e73"}, {"color": "#999999"})
    assert first["x"] == ["2026-03-01", "2026-03-02"]
    assert first["customdata"] == [["/payments/?a", 2], ["/payments/?c", 1]]


def test_amounts_beyond_a_float_stay_exact() -> None:
    figure = json.loads(figures.volume(VOLUME, "EUR"))
    assert figure["data"][0]["y"] == ["9007199254740993.01", "2.50"]


def test_success_shows_the_rate_beside_the_bar() -> None:
    frame = pd.DataFrame(
        [("card", "97.5", 39, 1, "/payments/?m")],
        columns=["method", "rate", "paid", "not_paid", "link"],
    )
    (bar,) = json.loads(figures.success(frame))["data"]
    assert (bar["x"], bar["y"], bar["text"]) == (["card"], ["97.5"], ["97.5 %"])
    assert bar["customdata"] == [["/payments/?m", 39, 1]]


def test_no_rows_make_an_empty_figure() -> None:
    assert json.loads(figures.volume(VOLUME.head(0), "EUR"))["data"] == []


def test_the_vendored_script_is_the_one_that_is_written_down() -> None:
    for name, facts in json.loads((VENDOR / "VERSIONS.json").read_text()).items():
        content = (VENDOR / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == facts["sha256"]
        assert f"v{facts['version']}".encode() in content[:200]


def test_the_script_fits_the_library() -> None:
    facts = json.loads((VENDOR / "VERSIONS.json").read_text())["plotly-basic.min.js"]
    assert facts["version"] == plotly.offline.get_plotlyjs_version()
