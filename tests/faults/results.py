"""What a run found: figures, each beside its goal where it has one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

HEAD = ("run", "figure", "found", "goal", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a run. Without a goal it only informs."""

    run: str
    what: str
    found: float | str
    goal: str = ""
    met: bool = True

    @property
    def cells(self) -> tuple[str, ...]:
        found = f"{self.found:.2f}" if isinstance(self.found, float) else str(self.found)
        return self.run, self.what, found, self.goal, "" if self.met else "MISSED"


def noted(run: str, what: str, found: float | str) -> Figure:
    return Figure(run, what, found)


def exactly(run: str, what: str, found: float, goal: float) -> Figure:
    return Figure(run, what, found, str(goal), found == goal)


def none(run: str, what: str, found: float) -> Figure:
    return exactly(run, what, found, 0)


def at_least(run: str, what: str, found: float, goal: float) -> Figure:
    return Figure(run, what, found, f"{goal} or more", found >= goal)


def at_most(run: str, what: str, found: float, goal: float) -> Figure:
    return Figure(run, what, found, f"{goal} or less", found <= goal)


def table(figures: Iterable[Figure]) -> str:
    """The figures in columns, for a terminal."""
    rows = [HEAD, *(figure.cells for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
