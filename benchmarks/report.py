"""What was measured, as lines of a table and as a list for machines."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from benchmarks.measure import Run
    from benchmarks.peers.serving import Cost


@dataclass(frozen=True, slots=True)
class Figure:
    """A median; the ratios say how many times the floor's, or the peer's, is larger than ours."""

    name: str
    value: float
    unit: str
    floor: float | None = None
    ratio_to_floor: float | None = None
    peer: float | None = None
    ratio_to_peer: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with its spread, for the screen."""

    figure: Figure
    least: float
    most: float


def lines(run: Run) -> Iterator[Line]:
    """Yield the figures of a run."""
    floor = [1_000 * each for each in run.floor]
    yield _line(f"{run.name}: SQL", "ms", run, lambda cost: 1_000 * cost.sql, floor)
    yield _line(f"{run.name}: whole answer", "ms", run, lambda cost: 1_000 * cost.wall)
    yield _line(f"{run.name}: processor", "ms", run, lambda cost: 1_000 * cost.cpu)
    database = [1_000 * each for each in run.database]
    figure = Figure(f"{run.name}: processor of the database", _short(median(database)), "ms")
    yield Line(figure, min(database), max(database))
    yield _line(f"{run.name}: statements", "", run, lambda cost: cost.statements)
    yield _line(f"{run.name}: size", "kB", run, lambda cost: cost.size / 1_000)


def _line(
    name: str, unit: str, run: Run, take: Callable[[Cost], float], floor: Sequence[float] = ()
) -> Line:
    ours = [take(cost) for cost in run.ours]
    value = median(ours)
    lowest = median(floor) if floor else None
    peer = median(take(cost) for cost in run.peer) if run.peer else None
    figure = Figure(
        name,
        _short(value),
        unit,
        None if lowest is None else _short(lowest),
        _ratio(lowest, value),
        None if peer is None else _short(peer),
        _ratio(peer, value),
    )
    return Line(figure, min(ours), max(ours))


def _ratio(other: float | None, value: float) -> float | None:
    return None if other is None or not value else round(other / value, 3)


def _short(number: float) -> float:
    return round(number, 3)


def table(measured: Iterable[Line]) -> str:
    """Return the lines for a terminal."""
    head = f"{'':62}{'median':>10}  {'least':>9} {'most':>9}{'floor':>9}{'peer':>11}{'× peer':>8}"
    return "\n".join([head, *map(_row, measured)])


def _row(line: Line) -> str:
    figure = line.figure
    return (
        f"{figure.name:<62}{figure.value:>10.1f}{figure.unit:>3}"
        f"{line.least:>9.1f} {line.most:>9.1f}"
        f"{_cell(figure.floor):>9}{_cell(figure.peer):>11}{_cell(figure.ratio_to_peer):>8}"
    )


def _cell(number: float | None) -> str:
    return "" if number is None else f"{number:,.1f}"


def write(path: Path, measured: Iterable[Line]) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(line.figure) for line in measured], indent=1) + "\n")
