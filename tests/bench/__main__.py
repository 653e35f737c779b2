"""`make bench`: every figure beside its goal. Leaves with 1 when a goal is missed.

ARGS="--rounds 3 --journeys 5" is quick; ARGS="weights kernel" leaves the rest out.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from portal import create_app
from portal.database import Database
from portal.languages import LANGUAGES
from portal.migrating import migrate
from portal.sealing import KeyRing
from portal.settings import Settings
from tests.bench import journeys, kernel, paper, photos, sending, weights

PARTS = ("journeys", "weights", "kernel", "paper", "sending", "photos")


def table(title: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]], words: int = 2) -> None:
    """Print a table: its first columns are words, the others numbers."""
    lines = [heads, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(heads))]
    print(f"\n{title}\n")
    for line in lines:
        cells = [
            cell.ljust(width) if place < words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        print("  " + "  ".join(cells).rstrip(), flush=True)


def verdict(met: bool) -> str:
    return "met" if met else "MISSED"


def journeys_cost(rounds: int, each: int) -> bool:
    print(
        f"Walking {rounds} rounds of {each} journeys on {' and '.join(journeys.databases())} ...", flush=True
    )
    figures = list(journeys.measured(rounds, each))
    table(
        "Server CPU of a journey through the equality form, in ms: plain Flask (tests/bench/limit_app.py),\n"
        "the portal, and the portal as a multiple of it: median, least and most of the rounds",
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
                f"{journeys.GOAL:.2f}",
                verdict(figure.met),
            )
            for figure in figures
        ),
    )
    return all(figure.met for figure in figures)


def pages_weight() -> bool:
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        place = Path(folder)
        database = Database(f"sqlite:///{place / 'portal.sqlite'}")
        migrate(database)
        app = create_app(Settings(data=place), database, KeyRing.new())
        found = list(weights.weigh(app, LANGUAGES))
        database.close()
    table(
        "Bytes of HTML and css as the portal sends them, heads included; of the questions and of the other\n"
        "pages the heaviest. Beside it the HTML alone, plain and compressed",
        ("language", "page", "html", "gzip -6", "br 5", "css", "sent", "goal", ""),
        (
            (
                one.language,
                one.page,
                f"{one.html:,}",
                f"{one.gzip:,}",
                f"{one.br:,}",
                f"{one.css:,}",
                f"{one.total:,}",
                f"{one.goal:,}",
                verdict(one.met),
            )
            for one in weights.heaviest(found)
        ),
    )
    return all(one.met for one in found)


def kernel_work() -> bool:
    found = list(kernel.work())
    table(
        "The kernel's own work, CPU time",
        ("work", "value", "unit", "goal", ""),
        (
            (
                one.name,
                f"{one.value:,.0f}",
                one.unit,
                f"{'at least' if one.at_least else 'at most'} {one.goal:,.0f}",
                verdict(one.met),
            )
            for one in found
        ),
        words=1,
    )
    return all(one.met for one in found)


def paper_bundles() -> bool:
    found = list(paper.bundles(LANGUAGES))
    table(
        f"A bundle of {paper.COPIES} equality forms on paper, in CPU seconds",
        ("language", "pages", "setting", "stamping", "together", "goal", ""),
        (
            (
                one.language,
                str(one.pages),
                f"{one.setting:.2f}",
                f"{one.stamping:.2f}",
                f"{one.total:.2f}",
                f"at most {paper.GOAL:.1f}",
                verdict(one.met),
            )
            for one in found
        ),
        words=1,
    )
    return all(one.met for one in found)


def sending_cost(rounds: int, each: int) -> bool:
    found = list(sending.measured(rounds, each))
    table(
        "Server CPU of one press on Send, in ms: an equality form, a report with as many answers, and the\n"
        "report as a multiple of it: median, least and most of the rounds",
        ("database", "answers", "equality", "report", "ratio", "least", "most", "goal", ""),
        (
            (
                figure.database,
                str(figure.answers),
                f"{figure.equality:.1f}",
                f"{figure.report:.1f}",
                f"{figure.ratio:.2f}",
                f"{min(figure.ratios):.2f}",
                f"{max(figure.ratios):.2f}",
                f"{sending.GOAL:.2f}",
                verdict(figure.met),
            )
            for figure in found
        ),
        words=1,
    )
    return all(figure.met for figure in found)


def photos_memory() -> bool:
    found = list(photos.measured())
    table(
        f"Memory of a report with {photos.PHOTOS} photos, in MB: the whole of its web process and of the\n"
        "child that opens the pictures, and files in memory; before the photos, and at the peak",
        ("photos", "size of each", "before", "peak", "goal", ""),
        (
            (
                figure.how,
                f"{figure.each:.1f}",
                f"{figure.before:.0f}",
                f"{figure.most:.0f}",
                f"under {photos.GOAL}",
                verdict(figure.met),
            )
            for figure in found
        ),
        words=1,
    )
    return all(figure.met for figure in found)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="|".join(PARTS), help="what to measure (default: all)")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--journeys", type=int, default=25, help="in each round, on each database")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    if not Path("/proc/self/stat").exists():
        parser.error("the CPU of other processes is read from /proc: run this on Linux")
    results = {
        "kernel": kernel_work,
        "weights": pages_weight,
        "paper": paper_bundles,
        "photos": photos_memory,
        "sending": lambda: sending_cost(given.rounds, given.journeys),
        "journeys": lambda: journeys_cost(given.rounds, given.journeys),
    }
    met = [measure() for name, measure in results.items() if name in (given.parts or PARTS)]
    print("\nAll goals are met." if all(met) else "\nA goal is missed.")
    return 0 if all(met) else 1


if __name__ == "__main__":
    sys.exit(main())
