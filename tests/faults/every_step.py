"""A report is sent, and its process is killed at each step of it in turn: nothing is there by halves.

A step is a moment before or after a statement, before the commit, or after it. Whoever had not seen a code
has a draft and presses again, or has sent it already and is told so.
"""

from __future__ import annotations

import os
import random
import signal
import warnings
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

from sqlalchemy import Engine, event, select

from portal import files
from portal.blobs import Folder
from portal.database import Database
from portal.files import File
from portal.incidents import evidence
from portal.incidents.evidence import IncidentEvidence
from portal.intake import drafts
from portal.intake.drafts import OWN, Drafts
from portal.intake.receipts import code_for
from portal.intake.submissions import Arrival, Result, submit
from portal.receiving import RECEIVERS
from portal.sealing import KeyRing
from tests.attachments import picture
from tests.faults.people import Person
from tests.faults.places import Place
from tests.faults.reports import FORM, REPORTERS, reporter
from tests.faults.results import Figure, at_least, exactly, none, noted

ASKED = {
    "kind": ("domestic_abuse", "hate_incident"),
    "safe_tonight": ("no",),
    "anonymity": ("named",),
    "name": ("Parveen (synthetic)",),
    "postcode": ("ZZ1 9ZZ",),
    "reach": ("phone",),
    "phone": ("07700 900123",),
    "need": ("interpreter",),
    "speak": ("urd",),
    "keep_original": ("yes",),
}
"""What starts the most: a case, its limits, a place of safety, a contact rule, an interpreter, consents."""
PHOTO = "evidence"
"""Key of the question that is answered by photos."""


def run(place: Place, seed: int, apart: int) -> Iterator[Figure]:
    """Die at every step, or at every so many-th and the last ones."""
    name = f"steps {place.kind}"
    place.prepare()
    ring, dice = place.ring, random.Random(f"{seed}/steps")
    people: list[Person] = []
    halves = kept = stored = again = 0
    first = somebody(dice)
    last = steps_of(place, ring, replace(first))
    for step in sorted({*range(1 + seed % apart, last + 1, apart), last - 1, last}):
        person = replace(first, secrets=[])  # the same answers have the same steps
        secret = begun(place, ring, person)
        died = dies_at(place, ring, person, secret, step)
        with place.database() as database:
            found = REPORTERS.look_up(database, ring, [*people, person])
            halves += sum(found.wrong.values()) + (not died)
            there = Drafts(database, ring).load(secret) is not None
            kept += there
            stored += found.stored > len(people)
            halves += there is (found.stored > len(people))
            halves += not has_its_photo(place, database, ring, person, "draft" if there else "report")
            again += submit(database, ring, arrival_of(database, ring, person, secret), RECEIVERS) is not (
                Result.STORED
            )
            person.code = code_for(ring, Drafts(database, ring).token(secret))
        people.append(person)
    with place.database() as database:
        verdict = REPORTERS.look_up(database, ring, people)
        photos = sum(has_its_photo(place, database, ring, one, "report") for one in people)
    yield noted(name, "steps of sending a report", last)
    yield at_least(name, "steps at which it was killed", len(people), 10)
    yield none(name, "things left by halves", halves)
    yield at_least(name, "deaths after which the draft was there", kept, len(people) // 2)
    yield at_least(name, "deaths after which the report was there", stored, 1)
    yield none(name, "presses again that did not store", again)
    yield exactly(name, "photos there with their reports in the end", photos, len(people))
    yield from verdict.figures(name, len(people))


def somebody(dice: random.Random) -> Person:
    person = reporter(dice, 0)
    person.answers = FORM.kept({**person.answers, "talk": ("no",), **ASKED})
    return person


def begun(place: Place, ring: KeyRing, person: Person) -> str:
    """A draft with a photo and all of their answers; gives its secret."""
    draft, store = drafts.new(FORM.key, FORM.edition, device=OWN), Folder(place.settings.files)
    with place.database() as database:
        made = Drafts(database, ring)
        owner = made.owner(draft.secret)
        photo = BytesIO(picture())
        kept = files.keep(database, ring, store, photo, "a.jpg", files.PICTURES, owner, original=True)
        assert isinstance(kept, files.Kept)
        person.answers = {**person.answers, PHOTO: (kept.id,)}
        draft.answers.update(person.answers)
        made.add(draft, FORM.draft_idle)
    person.secrets = [draft.secret]
    return draft.secret


def has_its_photo(place: Place, database: Database, ring: KeyRing, person: Person, of: str) -> bool:
    """Whether the photo belongs to what it should, as it was too, and can be opened."""
    [photo] = person.answers[PHOTO]
    owned = select(File.owner).where(File.id == photo)
    there = select(IncidentEvidence.report).where(IncidentEvidence.file == photo)
    with database.read() as connection:
        owner = connection.execute(owned).scalar() or ""
        report = connection.execute(there).scalar()
        original = files.original_of(connection, photo)
    right = owner == (evidence.owner(report) if report else Drafts(database, ring).owner(person.secrets[0]))
    store = Folder(place.settings.files)
    opens = [b"".join(files.read(database, ring, store, one)) for one in (photo, original) if one]
    return right and owner.startswith(f"{of} ") and len(opens) == 2 and all(opens)


def arrival_of(database: Database, ring: KeyRing, person: Person, secret: str) -> Arrival:
    """What a press on Send hands in."""
    made = Drafts(database, ring)
    return Arrival(
        form=FORM,
        answers=person.answers,
        token=made.token(secret),
        language=person.language,
        channel="web",
        draft=(made.row(secret), 0),
        files_of=made.owner(secret),
    )


def steps_of(place: Place, ring: KeyRing, person: Person) -> int:
    """How many steps sending has: by sending one, and putting it back."""
    counted = 0

    def step(*anything: Any) -> None:
        nonlocal counted
        counted += 1

    class PutBack(Exception):
        pass

    def undo(*given: Any) -> None:
        RECEIVERS[FORM.key](*given)
        raise PutBack

    secret = begun(place, ring, person)
    with place.database() as database:
        arrival = arrival_of(database, ring, person, secret)
        listen(database.engine, step)
        try:
            submit(database, ring, arrival, {FORM.key: undo})
        except PutBack:
            found = counted + 2  # the commit, and the moment after it
        Drafts(database, ring).drop(secret)
    return found


def listen(engine: Engine, step: Any) -> None:
    for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
        event.listen(engine, name, step)


def dies_at(place: Place, ring: KeyRing, person: Person, secret: str, number: int) -> bool:
    """Send it in a process of its own, which is killed at that step; whether it died of that."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # from Python 3.12 on: a fork beside threads
        child = os.fork()
    if child == 0:
        _die(place, ring, person, secret, number)
    _child, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _die(place: Place, ring: KeyRing, person: Person, secret: str, number: int) -> None:
    """Never comes back: it is another process."""
    left = number

    def step(*anything: Any) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    try:
        database = Database(place.url, pool=1)
        listen(database.engine, step)
        submit(database, ring, arrival_of(database, ring, person, secret), RECEIVERS)
        step()
    finally:
        os._exit(1)
