"""Key rotation that is killed at each of its steps, or from outside at any moment, or started twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import islice

from portal.sealing import KeyRing
from tests.faults.ledger import opened, rows
from tests.faults.people import send_directly, somebody
from tests.faults.places import ROOT, Place
from tests.faults.results import Figure, at_least, exactly, none, noted
from tests.faults.waiting import until

ROTATE = ("keys", "rotate", "equality")
BATCH = 5


def run(place: Place, seed: int, sealed: int, steps: int | None, kills: int) -> Iterator[Figure]:
    """Rotation of so many sealed rows dies at these many random steps (None: at every one), then by kills."""
    name = f"rotation {place.kind}"
    dice = random.Random(f"{seed}/rotation")
    place.prepare()
    wanted = fill(place, dice, sealed)
    died = unfinished = wrong = 0
    for step in range(1, 1000) if steps is None else sorted(dice.sample(range(1, 25), steps)):
        if not place.dying(step, *ROTATE, FAULTS_BATCH=str(max(BATCH, sealed // 4))):
            break
        died += 1
        wrong += words(place) != wanted
        unfinished += not finished(place)
        wrong += words(place) != wanted
    halfway = 0
    for _kill in range(kills):
        halfway += killed_from_outside(place, dice)
        wrong += words(place) != wanted
        unfinished += not finished(place)
    at_once(place)
    wrong += words(place) != wanted
    place.portal("keys", "forget", "equality")
    wrong += words(place) != wanted
    names = {key for key in place.ring.names() if key.startswith("equality:")}
    yield exactly(name, "rows with sealed words", len(wanted), sealed)
    yield at_least(name, "deaths at a step", died, steps or 10)
    yield noted(name, "kills from outside", kills)
    yield noted(name, "of these, between the first and the last row", halfway)
    yield none(name, "times that words did not open, or changed", wrong)
    yield none(name, "rotations that did not finish when run again", unfinished)
    yield exactly(name, "keys left after `keys forget`", len(names), 1)


def fill(place: Place, dice: random.Random, sealed: int) -> dict[str, object]:
    """Store this many submissions with sealed words; what they say, by row."""
    talkative = (person for person in iter(lambda: somebody(dice, 0), None) if person.personal)
    send_directly(place, islice(talkative, sealed), dice)
    return words(place)


def words(place: Place) -> dict[str, object]:
    """The sealed words of every row, opened with the keys on disk."""
    ring = place.ring
    with place.database() as database:
        return {row.id: opened(ring, row) for row in rows(database)}


def finished(place: Place) -> bool:
    """Run it again, to its end: every row is under the newest key."""
    place.portal(*ROTATE)
    current = place.ring.current("equality")
    with place.database() as database:
        return all(row.key_name == current for row in rows(database))


def at_once(place: Place) -> None:
    """Two operators rotate at the same moment."""
    for started in [started_rotation(place, "portal.cli") for _operator in range(2)]:
        assert started.wait(60) == 0


def started_rotation(place: Place, *module: str, **more: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *module, *ROTATE],
        cwd=ROOT,
        env={**place.environment, **more},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def killed_from_outside(place: Place, dice: random.Random) -> bool:
    """kill -9 at a moment after the first row has moved; whether it was before the last one."""
    before = place.ring.current("equality")
    started = started_rotation(place, "tests.faults.dying", "0", FAULTS_BATCH="10")
    try:
        until(lambda: KeyRing.load(place.settings.key_file).current("equality") != before, "a new key")
        time.sleep(dice.random() * 0.1)
    finally:
        if started.poll() is None:
            os.killpg(started.pid, signal.SIGKILL)
        started.wait(30)
    with place.database() as database:
        moved = [row.key_name != before for row in rows(database)]
    return any(moved) and not all(moved)
