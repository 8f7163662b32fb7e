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
    from benchmarks.money.crews import Series, Spent
    from benchmarks.peers.serving import Cost
    from benchmarks.steady import Drift


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
    """A figure with its spread, for the screen; `rough` where the clock could not be trusted."""

    figure: Figure
    least: float
    most: float
    rough: bool = False


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
    yield from _drift(run.name, run.drift)


def series(done: Series) -> Iterator[Line]:
    """Yield the figures of what was done many times over."""
    yield _spent(done, "time", lambda spent: spent.wall, rough=not done.drift.by_clock)
    yield _spent(done, "processor", lambda spent: spent.client)
    yield _spent(done, "processor of the database", lambda spent: spent.database)
    yield _spent(done, "processor in all", lambda spent: spent.effort.cpu)
    for name, (value, floor) in done.facts.items():
        figure = Figure(f"{done.name}: {name}", value, "", floor, _ratio(floor, value))
        yield Line(figure, value, value)
    yield from _drift(done.name, done.drift)


def _spent(done: Series, name: str, take: Callable[[Spent], float], *, rough: bool = False) -> Line:
    ours, floor, peer = (
        [1_000 * take(spent) for spent in each] for each in (done.ours, done.floor, done.peer)
    )
    value, lowest = median(ours), median(floor)
    other = median(peer) if peer else None
    figure = Figure(
        f"{done.name}: {name}",
        _short(value),
        "ms",
        _short(lowest),
        _ratio(lowest, value),
        None if other is None else _short(other),
        _ratio(other, value),
    )
    return Line(figure, min(ours), max(ours), rough)


def _drift(name: str, drift: Drift) -> Iterator[Line]:
    for by, value in (("clock", drift.wall), ("processor", drift.cpu)):
        figure = Figure(f"{name}: floors differ, {by}", _short(100 * value), "%")
        yield Line(figure, 0, 0)
    yield Line(Figure(f"{name}: tries", drift.tries, ""), 0, 0)


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
    rough = unit == "ms" and name.endswith(("SQL", "answer")) and not run.drift.by_clock
    return Line(figure, min(ours), max(ours), rough)


def _ratio(other: float | None, value: float) -> float | None:
    return None if other is None or not value else round(other / value, 3)


def _short(number: float) -> float:
    return round(number, 3)


def table(measured: Sequence[Line]) -> str:
    """Return the lines for a terminal, and below them how quiet the machine was."""
    head = (
        f"{'':66}{'median':>9}   {'least':>9} {'most':>9}{'floor':>10}{'×':>8}{'peer':>11}{'×':>9}"
    )
    quiet = [line for line in measured if _is_of_floors(line)]
    shown = [line for line in measured if not _is_of_floors(line)]
    rough = "\n~ by a clock that could not be trusted: only the processors' time agreed"
    return "\n".join(
        [
            head,
            *map(_row, shown),
            *([rough] if any(line.rough for line in shown) else []),
            "",
            *(
                f"{line.figure.name:<66}{line.figure.value:>9.0f} {line.figure.unit}"
                for line in quiet
            ),
        ]
    )


def _is_of_floors(line: Line) -> bool:
    return line.figure.name.endswith((": tries", "differ, clock", "differ, processor"))


def _row(line: Line) -> str:
    figure = line.figure
    return (
        f"{figure.name:<66}{'~' if line.rough else '':1}{figure.value:>8.1f}{figure.unit:>3}"
        f"{line.least:>9.1f} {line.most:>9.1f}"
        f"{_cell(figure.floor):>10}{_times(figure.ratio_to_floor):>8}"
        f"{_cell(figure.peer):>11}{_times(figure.ratio_to_peer):>9}"
    )


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:,.2f}"


def _cell(number: float | None) -> str:
    return "" if number is None else f"{number:,.1f}"


def write(path: Path, measured: Iterable[Line]) -> None:
    """Write the figures as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(line.figure) for line in measured], indent=1) + "\n")
