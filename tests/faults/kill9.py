"""kill -9 of the whole server, again and again, while people send what they filled in."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.crowd import DESKS, Crowd
from tests.faults.ledger import ANSWERERS, Folk, Verdict
from tests.faults.places import Place
from tests.faults.results import Figure, at_least, none, noted
from tests.faults.servers import Server
from tests.faults.waiting import until


@dataclass(slots=True)
class Killed:
    """What a run of kills left behind."""

    verdict: Verdict
    crowd: Crowd
    kills: int = 0
    under_way: int = 0
    """Sends that were begun and not acknowledged when a kill came, over all kills."""
    recoveries: list[float] = field(default_factory=list)
    """Seconds from a kill until the server was ready again."""
    unforeseen: list[str] = field(default_factory=list)


def killed(
    place: Place,
    seed: int | str,
    kills: int,
    least: int,
    *,
    module: str = "portal.cli",
    desks: int = DESKS,
    folk: Folk = ANSWERERS,
) -> Killed:
    """Kill the server this often while at least so many submissions are acknowledged; look them up."""
    dice = random.Random(f"{seed}/kills")
    server = Server(place, module)
    found = Killed(Verdict(), Crowd(server.port, seed, desks, invent=folk.invent))
    crowd = found.crowd
    with server:
        crowd.start()
        try:
            for number in range(1, kills + 1):
                wanted = least * number // kills
                until(lambda: crowd.acknowledged >= wanted or crowd.failures, f"{wanted} receipts", 600)  # noqa: B023
                await_moment(crowd, dice)
                began = time.monotonic()
                found.under_way += crowd.sending
                server.kill()
                found.kills += 1
                server.start()
                found.recoveries.append(time.monotonic() - began)
        finally:
            crowd.finish()
        server.stop()
        found.unforeseen = server.unforeseen
    with place.database() as database:
        found.verdict = folk.look_up(database, place.ring, crowd.people)
    return found


def await_moment(crowd: Crowd, dice: random.Random) -> None:
    """Wait for a moment when a kill can hurt: a receipt has just been seen, or somebody is sending."""
    if dice.random() < 0.5:
        seen = crowd.acknowledged
        until(lambda: crowd.acknowledged > seen or crowd.failures, "one more receipt")
    else:
        pressed = crowd.presses + dice.randint(1, 3)
        until(lambda: crowd.presses >= pressed or crowd.failures, "one more press on Send")
        time.sleep(dice.random() * 0.02)  # somewhere between the press and its answer


def run(
    place: Place,
    seed: int,
    kills: int,
    least: int,
    desks: int = DESKS,
    folk: Folk = ANSWERERS,
    name: str = "kill9",
) -> Iterator[Figure]:
    """The figures of a run on one database."""
    name = f"{name} {place.kind}"
    found = killed(place, seed, kills, least, desks=desks, folk=folk)
    yield at_least(name, "kills of the whole server", found.kills, kills)
    yield at_least(name, "sends under way at a kill", found.under_way, kills // 5)
    yield from found.verdict.figures(name, least)
    yield none(name, "people who had to begin again", sum(one.began_again for one in found.crowd.people))
    yield none(name, "error pages that are not ours", found.crowd.seen("page not ours"))
    yield none(name, "errors nobody foresaw", len(found.unforeseen))
    yield noted(name, "answers 503 seen", found.crowd.seen("503"))
    yield noted(name, "seconds to be back, half of the kills", statistics.median(found.recoveries))
    yield noted(name, "seconds to be back, longest", max(found.recoveries))


def run_twin(place: Place, seed: int, kills: int, least: int, desks: int = DESKS) -> Iterator[Figure]:
    """The same run on the early twin: it must find losses."""
    found = killed(place, seed, kills, least, module="tests.faults.early_ack", desks=desks)
    name = f"twin {place.kind}"
    yield at_least(name, "kills of the whole server", found.kills, kills)
    yield noted(name, "acknowledged submissions", found.verdict.acknowledged)
    yield at_least(name, "lost, and found out", found.verdict.lost, 1)
