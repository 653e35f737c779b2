"""PostgreSQL is stopped at once and started again while people send."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Iterator

from tests.faults.crowd import Crowd
from tests.faults.ledger import look_up
from tests.faults.places import Machine
from tests.faults.results import Figure, exactly, none, noted
from tests.faults.servers import Server
from tests.faults.waiting import until


def run(machine: Machine, seed: int, restarts: int, between: int) -> Iterator[Figure]:
    """So many restarts, with so many receipts between them; the portal itself is not touched."""
    name = "restart postgres"
    if machine.postgres.server is None:
        yield noted(name, "not run: PORTAL_TEST_POSTGRES names a server that is not ours to stop", "")
        return
    dice = random.Random(f"{seed}/restart")
    place = machine.place("postgres")
    recoveries: list[float] = []
    with Server(place) as server:
        workers = server.workers
        crowd = Crowd(server.port, f"{seed}/restart")
        crowd.start()
        try:
            for _restart in range(restarts):
                wanted = crowd.acknowledged + between + dice.randrange(10)
                until(lambda: crowd.acknowledged >= wanted or crowd.failures, "more receipts")  # noqa: B023
                machine.postgres.stop_at_once()
                machine.postgres.start_again()
                began, seen = time.monotonic(), crowd.acknowledged
                until(lambda: crowd.acknowledged > seen or crowd.failures, "a receipt after it")  # noqa: B023
                recoveries.append(time.monotonic() - began)
        finally:
            crowd.finish()
        unforeseen = server.unforeseen
        same = server.workers == workers
        server.stop()
    with place.database() as database:
        verdict = look_up(database, place.ring, crowd.people)
    yield exactly(name, "restarts of PostgreSQL", len(recoveries), restarts)
    yield from verdict.figures(name, restarts * between)
    yield none(name, "people who had to begin again", sum(one.began_again for one in crowd.people))
    yield noted(name, "answers 503", crowd.seen("503"))
    yield none(name, "answers 500", crowd.seen("500"))
    yield none(name, "pages that are not ours", crowd.seen("page not ours"))
    yield none(name, "workers that died", int(not same))
    yield none(name, "errors nobody foresaw", len(unforeseen))
    yield noted(name, "seconds to the next receipt, half of them", statistics.median(recoveries))
    yield noted(name, "seconds to the next receipt, longest", max(recoveries))
