"""Doing the jobs: what `portal worker` does until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from portal import anchors, dispatch, logs, messages, outbox
from portal.blobs import Folder
from portal.clock import closed_on, seconds
from portal.database import Database
from portal.incidents import destroying_packs, emergencies, escalating, scanning, surveys, watching
from portal.interpreting import moving, notices, offers
from portal.keeping import delete_what_has_had_its_time
from portal.paper import runs
from portal.sealing import KeyRing
from portal.settings import Settings

REST = 1.0
"""Seconds between looks for something to do."""
REST_AFTER_TROUBLE = 5.0
HOUR, MINUTE = 3600, 60
END_OFFERS, WATCH_CLOCKS = "end offers", "watch clocks"
SCAN, SURVEYS, PACKS = "scan evidence", "offer surveys", "destroy packs"
STOPS = (signal.SIGTERM, signal.SIGINT)

log = logging.getLogger("portal")


@dataclass(frozen=True, slots=True)
class Work:
    """What a handler works with."""

    settings: Settings
    database: Database
    ring: KeyRing
    lease: outbox.Lease
    """Call lease.progress(done, of) at least twice a minute, or another worker takes the job."""


Handler = Callable[[Work, Mapping[str, Any]], None]
"""Does a job. It may be called twice for the same one. Raises Hopeless when trying again will not help."""


class Stop(Protocol):
    """What says when to stop; a threading.Event does."""

    def is_set(self) -> bool: ...

    def wait(self, timeout: float) -> bool: ...


def anchor_the_audit_log(work: Work, payload: Mapping[str, Any]) -> None:
    anchors.anchor(work.database, work.ring, work.settings.audit_anchors)


def tidy(work: Work, payload: Mapping[str, Any]) -> None:
    delete_what_has_had_its_time(work.database, work.ring, work.settings)


def make_papers(work: Work, payload: Mapping[str, Any]) -> None:
    """The PDF of a print run. The page that waits for it sees how far it is, once a second."""
    told = 0

    def tell(done: int, of: int) -> None:
        nonlocal told
        now = seconds()
        if now != told or done == of:
            told = now
            work.lease.progress(done, of)

    runs.make(work.database, work.settings, payload["run"], work.settings.papers, tell)


def send_message(work: Work, payload: Mapping[str, Any]) -> None:
    lease = work.lease
    given = (work.database, work.ring, work.settings, payload["message"], lease.job.since)
    dispatch.send(*given, lambda: lease.progress(1, 2))


def ask_what_arrived(work: Work, payload: Mapping[str, Any]) -> None:
    dispatch.ask_what_arrived(work.database, work.settings, work.lease.progress)


def tell_of_a_request(work: Work, payload: Mapping[str, Any]) -> None:
    notices.tell(work.database, work.ring, work.settings, payload)


def tell_of_an_emergency(work: Work, payload: Mapping[str, Any]) -> None:
    emergencies.tell(work.database, work.ring, work.settings, payload)


def tell_of_a_time_limit(work: Work, payload: Mapping[str, Any]) -> None:
    escalating.tell(work.database, work.ring, work.settings, payload)


def watch_clocks(work: Work, payload: Mapping[str, Any]) -> None:
    watching.watch(work.database, work.ring, work.lease.progress)


def scan_evidence(work: Work, payload: Mapping[str, Any]) -> None:
    settings = work.settings
    store, progress = Folder(settings.files), work.lease.progress
    scanning.scan_waiting(work.database, work.ring, store, settings.clamd, progress)


def offer_surveys(work: Work, payload: Mapping[str, Any]) -> None:
    surveys.offer_due(work.database, work.ring, work.settings)


def destroy_packs(work: Work, payload: Mapping[str, Any]) -> None:
    destroying_packs.destroy_over(work.database, work.ring)


def end_offers(work: Work, payload: Mapping[str, Any]) -> None:
    offers.run_out(work.database, work.ring)


HANDLERS: Mapping[str, Handler] = {
    "audit anchor": anchor_the_audit_log,
    "tidy": tidy,
    runs.BUNDLE: make_papers,
    moving.TELL: tell_of_a_request,
    END_OFFERS: end_offers,
    emergencies.TELL: tell_of_an_emergency,
    escalating.TELL: tell_of_a_time_limit,
    WATCH_CLOCKS: watch_clocks,
    SCAN: scan_evidence,
    SURVEYS: offer_surveys,
    PACKS: destroy_packs,
    messages.SEND: send_message,
    "what arrived": ask_what_arrived,
}
"""Kind of job -> what does it."""
PERIODIC: Mapping[str, int] = {
    "audit anchor": HOUR,
    "tidy": HOUR,
    "what arrived": HOUR // 6,
    END_OFFERS: MINUTE,
    WATCH_CLOCKS: MINUTE,
    SCAN: MINUTE,
    SURVEYS: HOUR,
    PACKS: HOUR // 6,
}
"""Kind of job -> every how many seconds it is done."""


def work(
    settings: Settings,
    stop: Stop,
    handlers: Mapping[str, Handler] = HANDLERS,
    periodic: Mapping[str, int] = PERIODIC,
) -> None:
    """Do what is due until `stop` is set, finishing the job under way. Trouble is logged, and outlived."""
    ring: KeyRing | None = None
    database = Database(settings.database_url, pool=2)
    try:
        while not stop.is_set():
            try:
                ring = ring or KeyRing.load(settings.key_file)
                outbox.put_periodic(database, periodic)
                while not stop.is_set() and do_one(settings, database, ring, handlers):
                    pass
                stop.wait(REST)
            except Exception as error:  # whatever it is, a worker must live to try again
                log.error("worker in trouble", extra={"kind": type(error).__name__})
                stop.wait(REST_AFTER_TROUBLE)
    finally:
        database.close()


def do_one(settings: Settings, database: Database, ring: KeyRing, handlers: Mapping[str, Handler]) -> bool:
    """Do the job that is due longest; False when there is none."""
    job = outbox.claim(database, handlers)
    if job is None:
        return False
    lease = outbox.Lease(database, job)
    try:
        with closed_on(settings.closed):
            _try(Work(settings, database, ring, lease), handlers[job.kind])
    except outbox.LostLease:
        log.warning("another worker took the job", extra={"job": job.kind, "count": job.tries})
    return True


def _try(work: Work, handler: Handler) -> None:
    job = work.lease.job
    try:
        handler(work, job.payload)
    except outbox.LostLease:
        raise
    except Exception as error:  # its words may quote somebody: the log gets its kind and its place
        given_up = work.lease.fail(error)
        log.error(
            "job given up" if given_up else "job failed",
            extra={
                "job": job.kind,
                "count": job.tries,
                "kind": type(error).__name__,
                "places": logs.places(error),
            },
        )
    else:
        work.lease.finish()


def until_told(settings: Settings, beside_server: bool) -> None:
    """Work until SIGTERM or SIGINT; beside a server also until it ends, which closes our stdin."""
    stop = threading.Event()
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)  # a handler could come while the event is being locked

    def wait_for_signal() -> None:
        signal.sigwait(STOPS)
        stop.set()

    def wait_for_server() -> None:
        os.read(sys.stdin.fileno(), 1)  # not by its buffer, whose lock Python wants when it ends
        stop.set()

    for wait in (wait_for_signal, *((wait_for_server,) if beside_server else ())):
        threading.Thread(target=wait, daemon=True).start()
    work(settings, stop)
