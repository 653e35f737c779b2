"""Walks of cases by thousands of steps: no case is lost and no clock is cheated, on either database."""

from __future__ import annotations

from collections.abc import Iterator

from tests.case_walks import FAR, STEPS_OF_A_WALK, walk
from tests.cases import Desk
from tests.faults.places import Place
from tests.faults.results import Figure, exactly, noted


def run(place: Place, seed: int, walks: int) -> Iterator[Figure]:
    """So many walks. What must not be breaks the run off, with the steps that led there."""
    name = f"walks {place.kind}"
    place.prepare()
    with place.database() as database:
        reached = walk(Desk(database, place.ring), walks, seed)
    yield noted(name, f"walks of {STEPS_OF_A_WALK} steps", walks)
    yield exactly(name, "states that walks must come to", len(reached & FAR), len(FAR))
    yield noted(name, "states that they came to", len(reached))
