"""`make bench`: every figure beside its goal. Leaves with 1 when a goal is missed."""

from __future__ import annotations

import argparse
import platform
import sys
from collections.abc import Iterable
from itertools import groupby

from tests.bench import journeys


def table(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Print a table: the first column to the left, numbers to the right."""
    lines = [heads, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    print(f"\n{title}\n")
    for line in lines:
        cells = [
            cell.ljust(width) if place < 2 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print(" ", "  ".join(cells).rstrip(), flush=True)


def verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def journey_table(rounds: int, journeys_each: int) -> bool:
    figures = list(journeys.measured(rounds, journeys_each))
    table(
        f"A journey: CPU milliseconds of the server; the portal as a multiple of plain Flask\n"
        f"(median of {rounds} rounds of {journeys_each} journeys, least and most)",
        ("database", "journey", "requests", "plain", "portal", "ratio", "least", "most", "goal", ""),
        (
            (
                figure.database,
                figure.journey,
                str(figure.requests),
                f"{figure.limit:.1f}",
                f"{figure.portal:.1f}",
                f"{figure.ratio:.2f}",
                f"{min(figure.ratios):.2f}",
                f"{max(figure.ratios):.2f}",
                f"{journeys.GOAL}",
                verdict(figure.met),
            )
            for figure in figures
        ),
    )
    return all(figure.met for figure in figures)


if __name__ == "__main__":
    print(journey_table(int(sys.argv[1]), int(sys.argv[2])))
