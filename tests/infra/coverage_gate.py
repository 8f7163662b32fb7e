"""Judges what the tests covered: `python -m tests.infra.coverage_gate .cache/coverage.json`.

Lines and branches count alike; 1 where the domain or everything together is covered by too little.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

DOMAIN: Final = "app/domain/"
LEAST_PERCENT: Final = {"": 92.0, DOMAIN: 100.0}
"""Where a file's path begins → how much has to be covered there."""

_MOST_NAMED: Final = 12


@dataclass(frozen=True, slots=True)
class Covered:
    """How many lines and branches there are below a place, and which are missing, by file."""

    count: int
    missing: dict[str, list[str]]

    @property
    def percent(self) -> float:
        """How much is covered."""
        missed = sum(len(each) for each in self.missing.values())
        return 100.0 * (self.count - missed) / self.count if self.count else 0.0


def covered(report: Mapping[str, Any], place: str) -> Covered:
    """Add up a report of slipcover for the files whose path begins with `place`."""
    count, missing = 0, {}
    for path, found in sorted(report["files"].items()):
        if not path.startswith(place):
            continue
        missed = [
            *(f"{line}" for line in found["missing_lines"]),
            *(f"{start}->{end or 'exit'}" for start, end in found["missing_branches"]),
        ]
        count += len(found["executed_lines"]) + len(found["executed_branches"]) + len(missed)
        if missed:
            missing[path] = missed
    return Covered(count, missing)


def main() -> int:
    """Print what is covered, and the gaps of each place that is covered by too little."""
    given = argparse.ArgumentParser(prog="coverage_gate", description=__doc__)
    given.add_argument("report", type=Path)
    report = json.loads(given.parse_args().report.read_bytes())
    failed = False
    for place, least in LEAST_PERCENT.items():
        found = covered(report, place)
        print(f"Coverage of {place or 'everything'}: {found.percent:.2f} % ({least:g} % wanted)")
        if found.percent < least:
            failed = True
            for path, missed in found.missing.items():
                more = f" and {len(missed) - _MOST_NAMED} more" if len(missed) > _MOST_NAMED else ""
                print(f"  {path}: {', '.join(missed[:_MOST_NAMED])}{more}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
