from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = Path("app/static/css/tokens.css").read_text("utf-8")
THEMES = {
    theme: dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
    for theme, block in re.findall(r'\[data-bs-theme="(\w+)"\] \{(.*?)\n\}', TOKENS, re.DOTALL)
    if "#" in block
}
SOFT = ("info", "progress", "success", "warning", "danger", "neutral")
PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-muted", "accent", "danger", "warning", "success")
      for ground in ("ground", "surface", "raised", "sunken", "hover")),
    *((ink, f"{ink}-soft") for ink in SOFT),
    *((ink, f"{tone}-soft") for ink in ("ink", "accent") for tone in ("info", "warning", "danger")),
    ("accent", "accent-soft"),
    ("accent-ink", "accent"),
    ("accent-ink", "accent-hover"),
    ("surface", "danger"),
    ("surface", "danger-hover"),
]  # fmt: skip
CONTROLS = [("line-strong", "surface"), ("accent", "surface"), ("accent", "ground")]


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(theme: str, one: str, other: str) -> float:
    low, high = sorted(_luminance(THEMES[theme][name]) for name in (one, other))
    return (high + 0.05) / (low + 0.05)


def test_both_themes_give_values_to_the_same_names() -> None:
    assert THEMES.keys() == {"light", "dark"}
    assert THEMES["light"].keys() == THEMES["dark"].keys()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_its_ground(theme: str) -> None:
    weak = {pair: round(_contrast(theme, *pair), 2) for pair in PAIRS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_edges_of_controls_can_be_seen(theme: str) -> None:
    weak = {pair: round(_contrast(theme, *pair), 2) for pair in CONTROLS}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("number", range(1, 9))
def test_marks_of_figures_stand_out(theme: str, number: int) -> None:
    assert _contrast(theme, f"chart-{number}", "surface") >= 1.5
