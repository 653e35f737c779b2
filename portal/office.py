"""The first page of people who work here: what waits for them, and one box that finds any reference."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, request
from sqlalchemy import Connection, select

from portal import message_states, messages, references
from portal.accounts import people
from portal.accounts.guard import may, open_to, places, visit
from portal.accounts.people import Person
from portal.accounts.roles import OFFICE, Role
from portal.audit import Did, note_alone
from portal.equality import profiles
from portal.incidents import access, emergencies, erasures, escalating, unseen
from portal.incidents import queue as case_queue
from portal.interpreting import moving, panels, queue, signing_off, timesheets
from portal.keying import batches
from portal.keying.models import Sheet
from portal.keying.views import KEYERS
from portal.keying.waiting import waiting
from portal.pages import redirect, render, said, state
from portal.paper.models import Paper, PrintRun
from portal.questions.messages import Message, _staff
from portal.waiting import Waiting

blueprint = Blueprint("office", __name__)

NO_REFERENCE = _staff("Type a reference: 9 letters and digits, as they stand on the paper or the screen")
NOTHING_FOUND = _staff("Nothing with this reference is open to you")
URGENCIES = (
    ("late", _staff("Late")),
    ("due", _staff("Next")),
    ("new", _staff("New")),
)


@blueprint.get("/staff")
@open_to(*Role, label=_staff("Home"))
def home() -> Response:
    """The office's first page; who does not work there is led to the first of their own."""
    if not may(*OFFICE):
        return redirect(next((place for place, _name in places() if place != "/staff"), "/staff/me"))
    return _home("", None)


def _home(typed: str, problem: Message | None, status: int = 200) -> Response:
    with state().database.read() as connection:
        who = visit().person
        found = [
            *waiting(connection, who),
            *case_queue.waiting(connection, who),
            *escalating.waiting(connection, who),
            *queue.waiting(connection, who),
            *_messages(connection),
            *signing_off.to_sign(connection, who),
            *profiles.waiting(connection, who),
            *emergencies.waiting(connection, who),
            *erasures.waiting(connection, who),
            *unseen.waiting(connection, who),
        ]
        spoken = [(option.code, option.text.english) for option in panels.languages(connection)]
    return render(
        "staff/home.html",
        "staff",
        status,
        typed=typed,
        error=said(problem) if problem else "",
        lists=[(code, said(word), [one for one in found if one.urgency == code]) for code, word in URGENCIES],
        nothing=not found,
        deals=may(Role.CASE_OFFICER, Role.CASE_MANAGER),
        manages=may(Role.CASE_MANAGER),
        spoken=spoken,
    )


MESSAGES = "/staff/messages"
DEAD = _staff("Messages that did not reach their people")
BY_PHONE = _staff("Calls to make")


def _messages(connection: Connection) -> Iterator[Waiting]:
    """What did not reach its person, for those who may open the page of it."""
    if MESSAGES not in dict(places()):
        return
    numbers = messages.number_for_staff(connection)
    if dead := numbers.get(message_states.State.DEAD):
        yield Waiting("late", DEAD, dead, MESSAGES)
    if by_phone := numbers.get(message_states.State.BY_PHONE):
        yield Waiting("due", BY_PHONE, by_phone, MESSAGES)


@blueprint.get("/staff/find")
@open_to(*OFFICE)
def find() -> Response:
    """Go to whatever has this reference."""
    typed = request.args.get("reference", "")
    reference = references.read(typed.rpartition("|")[2])
    if reference is None:
        return _home(typed, NO_REFERENCE, 422)
    person, portal = visit().person, state()
    with portal.database.read() as connection:
        place = _place_of(connection, reference, person)
        hidden = access.of_reference(connection, reference) is not None
    if hidden and not place:
        by = person.reference
        note_alone(portal.database, portal.ring, by=by, did=Did.REFUSED, what=f"case {reference}")
    return redirect(place) if place else _home(typed, NOTHING_FOUND, 404)


def _place_of(connection: Connection, reference: str, person: Person) -> str | None:
    """The page of what has this reference, if this person may see it."""
    if person.roles & set(KEYERS):
        if batches.find(connection, reference):
            return f"/staff/paper-in/{reference}"
        batch = connection.execute(select(Sheet.batch).where(Sheet.reference == reference)).scalar()
        if batch:
            return f"/staff/paper-in/{batch}"
        run = connection.execute(select(PrintRun.reference).where(PrintRun.reference == reference)).scalar()
        run = run or connection.execute(select(Paper.run).where(Paper.reference == reference)).scalar()
        if run:
            return f"/staff/paper-out/{run}"
    if person.roles & set(signing_off.WHO) and timesheets.find(connection, reference):
        return f"/staff/timesheets/{reference}"
    if profiles.find_in(connection, reference, person.roles):
        return f"/staff/needs/{reference}"
    if Role.COORDINATOR in person.roles and moving.find(connection, reference):
        return f"{queue.DESK}/{reference}"
    case = access.find_in(connection, reference, person)
    if case:
        return f"/staff/cases/{case}"
    if Role.ADMINISTRATOR in person.roles and people.find(connection, reference):
        return f"/staff/people/{reference}"
    return None
