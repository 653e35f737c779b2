"""Cases of a demonstration: invented reports in several states, told and dealt with as real ones are.

One is late because nobody has read it, one waits for an answer to a message, one for a second person. All
their words begin with "Synthetic". What happened to them happened today: nothing here sets a clock back.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from portal import clock
from portal.accounts import people
from portal.accounts.roles import Role
from portal.database import Database
from portal.demo import PLACES
from portal.demo_people import email_of
from portal.forms.incident import INCIDENT
from portal.incidents import actions, exchange, moving, reports, watching, words
from portal.incidents.exchange import Kind
from portal.incidents.models import IncidentCase
from portal.incidents.states import Event, Who
from portal.intake.receipts import code_for, digest_of
from portal.intake.submissions import Arrival, Channel, submit
from portal.questions import Answer
from portal.receiving import RECEIVERS
from portal.sealing import KeyRing

E = Event
SEED = 2027
SYNTHETIC = "Synthetic: "
"""Begins all that people of these cases say and write."""
ANY_CASE = select(IncidentCase.reference).limit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody tells us, and how far it has come."""

    kind: tuple[str, ...]
    words: str
    acts: tuple[str, ...] = ()
    motive: tuple[str, ...] = ("not_because_of_this",)
    more: dict[str, Answer] = field(default_factory=dict)
    """Other answers, by key."""
    name: str = ""
    """Nothing for somebody who does not say it."""
    language: str = "en"
    channel: Channel = "web"
    days: int = 0
    """Working days ago that it came in."""
    then: tuple[Callable[[Desk], None], ...] = ()
    """What was done about it, in this order."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One of the cases, and who deals with it."""

    database: Database
    ring: KeyRing
    case: str
    receipt: bytes
    officer: str
    manager: str

    def step(self, event: Event, *, second: bool = False, **more: Any) -> None:
        """The officer lets an event happen, or the manager."""
        by, who = (self.manager, Who.MANAGER) if second else (self.officer, Who.OFFICER)
        with self.database.write() as connection:
            case = moving.locked(connection, self.case)
            after = moving.move(connection, case, event, by=by, who=who, **more)
            moving.noted(connection, self.ring, after, event, by)


def taken_on(desk: Desk) -> None:
    """The officer has read it."""
    desk.step(E.TRIAGE, officer=desk.officer)


def acknowledged(desk: Desk) -> None:
    """And the person knows that somebody deals with it."""
    taken_on(desk)
    desk.step(E.ACKNOWLEDGE)


def talked(desk: Desk) -> None:
    """The officer has talked with the person, and wrote down what was decided."""
    acknowledged(desk)
    desk.step(E.ARRANGE, interpreter="not_needed")
    desk.step(E.INTERVIEWED)
    with desk.database.write() as connection:
        moving.locked(connection, desk.case)
        decided = f"{SYNTHETIC}we look at the stairs with the caretaker on Monday"
        words.add_note(connection, desk.ring, desk.case, "decision", decided, by=desk.officer)


def dealt_with(desk: Desk) -> None:
    """A camera was put up, and the officer asks for a second person."""
    talked(desk)
    desk.step(E.PLAN)
    with desk.database.write() as connection:
        case = moving.locked(connection, desk.case)
        actions.note_action(connection, case, "cctv", day=clock.today(), told="yes", by=desk.officer)
    desk.step(E.ACT)
    desk.step(E.REVIEW)


def closed(desk: Desk) -> None:
    """The manager has looked at it, and closed it."""
    dealt_with(desk)
    desk.step(E.CLOSE, second=True, reason="action_done", spoken="yes", outcome_told="message")


def waiting_for_police(desk: Desk) -> None:
    """Some of its time limits stand still."""
    talked(desk)
    desk.step(E.AWAIT_AGENCY, reason="police")


def written_to(desk: Desk) -> None:
    """The officer writes, and the person answers."""
    with desk.database.write() as connection:
        case = moving.locked(connection, desk.case)
        [report] = reports.of_case(connection, desk.case)
        asked = f"{SYNTHETIC}thank you. Can we call you on Tuesday morning?"
        exchange.add(connection, desk.ring, case, report.reference, Kind.WORDS, desk.officer, "en", asked)
    with desk.database.write() as connection:
        said = f"{SYNTHETIC}yes, but not before ten. It happened again last night."
        exchange.take_words(connection, desk.ring, desk.receipt, said, "en")


def complaint_accepted(desk: Desk) -> None:
    """The officer answers it at stage 1."""
    taken_on(desk)
    desk.step(E.ACCEPT_ONE, stage_one=desk.officer)


RACE, FAITH = "race_colour_nationality_ethnic", "religion_belief_none"
CASES: tuple[Told, ...] = (
    Told(
        kind=("hate_incident",),
        acts=("verbal_abuse", "spitting_gesture"),
        motive=(RACE, FAITH),
        words="وہ سیڑھیوں میں ہم پر چلاتے ہیں۔",
        name="Parveen (synthetic)",
        language="ur",
    ),
    Told(
        kind=("asb",),
        acts=("noise",),
        words="loud music every night from the flat above.",
        name="Dawn (synthetic)",
        channel="paper",
        days=6,
    ),
    Told(
        kind=("racial_harassment",),
        acts=("letters_posters",),
        motive=(RACE,),
        words="a letter without a name was under our door.",
        name="Ewa (synthetic)",
        language="pl",
        channel="phone",
        days=1,
        then=(acknowledged, written_to),
    ),
    Told(
        kind=("hate_incident",),
        acts=("graffiti",),
        motive=("disability_health_hiv",),
        words="somebody painted a word on the wall beside my ramp.",
        more={"repairs_urgent": ("graffiti_offensive",)},
        name="Kamal (synthetic)",
        language="bn",
        then=(talked,),
    ),
    Told(
        kind=("asb",),
        acts=("damage_property", "threats"),
        words="the lock of the bicycle shed was broken, and they threaten whoever says so.",
        channel="outreach",
        days=2,
        then=(waiting_for_police,),
    ),
    Told(
        kind=("hate_incident",),
        acts=("verbal_abuse",),
        motive=("sexual_orientation",),
        words="they shout names from the balcony.",
        name="Robin (synthetic)",
        days=1,
        then=(dealt_with,),
    ),
    Told(
        kind=("asb",),
        acts=("dumping",),
        words="rubbish is left in front of our door on purpose.",
        name="Yusuf (synthetic)",
        language="ar",
        days=1,
        then=(closed,),
    ),
    Told(
        kind=("complaint_about_handling",),
        words="nobody told me what became of my report of last spring.",
        name="Rojin (synthetic)",
        days=1,
        then=(complaint_accepted,),
    ),
)
SEALED: tuple[Told, ...] = (
    Told(
        kind=("domestic_abuse",),
        acts=("coercive_control",),
        motive=("not_sure",),
        words="he keeps my bank card and reads my telephone.",
        more={"safe_tonight": ("not_sure",)},
        channel="phone",
        then=(acknowledged,),
    ),
)
"""Of domestic abuse: whoever is not let into such cases sees nothing of it."""


def make(database: Database, ring: KeyRing, progress: Callable[[int, int], None]) -> int:
    """Make the cases, unless there are some; how many. The people of the demonstration must be there."""
    with database.read() as connection:
        if connection.execute(ANY_CASE).first() is not None:
            return 0
        found = {role: people.by_email(connection, email_of(role)) for role in Role}
    of = {role: who.reference for role, who in found.items() if who is not None}
    dice = random.Random(SEED)
    told = [(one, of[Role.CASE_OFFICER]) for one in CASES]
    told += [(one, of[Role.DOMESTIC_ABUSE]) for one in SEALED]
    for done, (one, officer) in enumerate(told, 1):
        _make(database, ring, one, officer, of[Role.CASE_MANAGER], dice.randbytes(32))
        progress(done, len(told))
    watching.watch(database, ring, lambda done, all_of: None)
    return len(told)


def _make(database: Database, ring: KeyRing, told: Told, officer: str, manager: str, token: bytes) -> None:
    arrival = Arrival(
        form=INCIDENT.here(),
        answers=_answers(told),
        token=token,
        language=told.language,
        channel=told.channel,
        collection=PLACES[0].code,
        helper=officer if told.channel in ("phone", "outreach") else None,
        received=clock.working_days_before(clock.today(), told.days) if told.days else None,
    )
    submit(database, ring, arrival, RECEIVERS)
    receipt = digest_of(ring, code_for(ring, token))
    with database.read() as connection:
        report = reports.of_receipt(connection, receipt)
    assert report is not None, "it was stored just now"
    desk = Desk(database, ring, report.case, receipt, officer, manager)
    for deed in told.then:
        deed(desk)


def _answers(told: Told) -> dict[str, Answer]:
    """What the person ticked and wrote."""
    answers: dict[str, Answer] = {
        "danger_now": ("no",),
        "journey": ("victim",),
        "kind": told.kind,
        "motive": told.motive,
        "acts": told.acts,
        "narrative": (SYNTHETIC + told.words,),
        "narrative_lang": ("page",),
        "safe_tonight": ("yes",),
        "anonymity": ("named",) if told.name else ("anonymous_with_code",),
        "reach": ("phone",) if told.name else ("code",),
        **told.more,
    }
    if told.name:
        number = 450 + (CASES + SEALED).index(told)  # Ofcom keeps these for stories
        answers |= {"name": (told.name,), "phone": (f"07700 900{number}",)}
    return answers
