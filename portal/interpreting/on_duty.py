"""Pages of the rota: who is on duty when, who can interpret a language now, and when nobody is there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Row, select

from portal import audit, clock, references, registers
from portal.accounts.guard import may, open_to, visit
from portal.accounts.roles import OFFICE, Role
from portal.audit import Did
from portal.intake.asking import fields_of
from portal.interpreting import on_now, panels, picking, rota
from portal.interpreting.models import Interpreter
from portal.interpreting.panels import PANELS
from portal.interpreting.rota import NewSlot, NotFit
from portal.pages import redirect, render, said, settings, state
from portal.questions import Choice, Date, Option, Problem, Question, Time
from portal.questions.messages import Message, _staff

blueprint = Blueprint("on_duty", __name__)

CALLERS = (Role.FRONTLINE, Role.SUPERVISOR, Role.COORDINATOR, Role.CASE_OFFICER, Role.CASE_MANAGER)
"""Who calls the phone provider: they see our access code when they ask for it."""
DAYS: tuple[Message, ...] = (
    _staff("Monday"),
    _staff("Tuesday"),
    _staff("Wednesday"),
    _staff("Thursday"),
    _staff("Friday"),
    _staff("Saturday"),
    _staff("Sunday"),
)
ALL_OFFICES = _staff("by phone, from every office")
NO_SUCH = _staff("No language begins like this. Type the first letters of its name")
SEVERAL = _staff("Several languages begin like this. Choose one")
WEEK = 7


# The rota


def slot_questions(connection: Connection) -> tuple[Question, ...]:
    """What a coordinator is asked of a new slot."""
    people = select(Interpreter.reference, Interpreter.name, Interpreter.badge).where(Interpreter.active)
    names = {
        row.reference.lower(): f"{row.name} ({row.badge or references.grouped(row.reference)})"
        for row in connection.execute(people.order_by(Interpreter.name, Interpreter.reference))
    }
    days = tuple(Option(str(number), day) for number, day in enumerate(DAYS, start=1))
    return (
        picking.which_language(connection),
        *picking.which_office(connection, _staff("None: they can be reached by phone from every office")),
        Choice(
            key="weekday", text=_staff("Day"), required=_staff("Choose the day of the week"), options=days
        ),
        Time(key="begins", text=_staff("From"), required=_staff("Type the time at which it begins")),
        Time(
            key="ends",
            text=_staff("Until"),
            required=_staff("Type the time at which it ends"),
            after="begins",
        ),
        Choice(
            key="person",
            text=_staff("Who"),
            required=_staff("Choose who is on duty"),
            options=picking.options(names),
        ),
        Date(key="first", text=_staff("First day"), required=_staff("Type the day from which it holds")),
        Date(key="last", text=_staff("Last day, if it is known"), after="first"),
    )


@blueprint.get("/staff/rota")
@open_to(*OFFICE, label=_staff("Rota"))
def week() -> Response:
    """The rota as it is published: everybody in the office reads it."""
    return _week(None, {})


def _week(typed: dict[str, list[str]] | None, problems: dict[str, Problem], status: int = 200) -> Response:
    with state().database.read() as connection:
        found = rota.slots(connection, clock.today())
        names, offices = picking.languages(connection), picking.offices(connection, every=True)
        asked = slot_questions(connection) if may(Role.COORDINATOR) else ()
        spoken = [(option.code, option.text.english) for option in panels.languages(connection)]
    answers = {"first": (clock.today().isoformat(),)}
    lines = [
        {
            "language": names.get(language, language),
            "office": offices.get(office, office) if office else said(ALL_OFFICES),
            "days": [[_shown(slot) for slot in days[number]] for number in range(1, WEEK + 1)],
        }
        for (language, office), days in rota.grid(found).items()
    ]
    return render(
        "interpreting/rota.html",
        "staff/rota",
        status,
        days=[said(day) for day in DAYS],
        lines=sorted(lines, key=lambda line: (str(line["language"]), str(line["office"]))),
        fields=fields_of(asked, answers, typed, problems, heading=False),
        errors=picking.errors_of(problems),
        coordinator=may(Role.COORDINATOR),
        spoken=spoken,
    )


def _shown(slot: Row[Any]) -> dict[str, Any]:
    later = slot.first > clock.today()
    return {
        "reference": slot.reference,
        "from": rota.as_time(slot.begins),
        "to": rota.as_time(slot.ends),
        "name": slot.name,
        "first": slot.first if later else None,
        "last": slot.last,
    }


@blueprint.post("/staff/rota")
@open_to(Role.COORDINATOR)
def add() -> Response:
    with state().database.read() as connection:
        asked = slot_questions(connection)
        typed = picking.sent(asked)
        found = picking.read(asked, typed)
        named = Interpreter.reference == found.one("person").upper()
        person = connection.execute(select(Interpreter.id).where(named)).scalar()
    if found.problems or person is None:
        return _week(typed, dict(found.problems), 422)
    slot = NewSlot(
        language=found.one("language"),
        office=found.one("office") or None,
        weekday=int(found.one("weekday")),
        begins=_minutes(found.one("begins")),
        ends=_minutes(found.one("ends")),
        interpreter=person,
        first=clock.day(found.one("first")),
        last=clock.day(found.one("last")) if found.one("last") else None,
    )
    try:
        rota.add(state().database, state().ring, slot, visit().person.reference)
    except NotFit as error:
        return _week(typed, {"person": Problem("person", error.why)}, 422)
    return redirect("/staff/rota")


def _minutes(time: str) -> int:
    return int(time[:2]) * 60 + int(time[3:])


LAST = Date(
    key="last",
    text=_staff("Last day on which it holds"),
    required=_staff("Type the last day, or take it out"),
)


@blueprint.get("/staff/rota/<reference>")
@open_to(Role.COORDINATOR)
def slot(reference: str) -> Response:
    return _slot(_found(reference), None, {})


def _found(reference: str) -> Row[Any]:
    with state().database.read() as connection:
        return rota.find(connection, reference) or abort(404)


def _slot(
    found: Row[Any], typed: dict[str, list[str]] | None, problems: dict[str, Problem], status: int = 200
) -> Response:
    with state().database.read() as connection:
        names, offices = picking.languages(connection), picking.offices(connection, every=True)
    answers = {"last": ((found.last or clock.today()).isoformat(),)}
    return render(
        "interpreting/slot.html",
        f"staff/rota/{found.reference}",
        status,
        slot=_shown(found),
        language_name=names.get(found.language, found.language),
        office=offices.get(found.office, found.office) if found.office else said(ALL_OFFICES),
        day=said(DAYS[found.weekday - 1]),
        fields=fields_of((LAST,), answers, typed, problems, heading=False),
        errors=picking.errors_of(problems),
    )


@blueprint.post("/staff/rota/<reference>")
@open_to(Role.COORDINATOR)
def change(reference: str) -> Response:
    """End a slot, or take it out."""
    found, who = _found(reference), visit().person.reference
    if request.form.get("go") == "remove":
        rota.remove(state().database, state().ring, reference, who)
        return redirect("/staff/rota")
    typed = picking.sent((LAST,))
    picked = picking.read((LAST,), typed)
    if picked.problems:
        return _slot(found, typed, dict(picked.problems), 422)
    rota.end(state().database, state().ring, reference, clock.day(picked.one("last")), who)
    return redirect("/staff/rota")


# Now


@dataclass(frozen=True, slots=True)
class Line:
    """The phone provider's line, as staff may see it."""

    name: str
    number: str
    has_code: bool
    code: str = ""


def _line(code: str = "") -> Line | None:
    found = settings()
    has_code = bool(found.phone_interpreter_code) and may(*CALLERS)
    name = found.phone_interpreter
    return Line(name, found.phone_interpreter_number, has_code, code) if name else None


@blueprint.get("/staff/rota/now")
@open_to(*OFFICE, label=_staff("Who can interpret now?"))
def now() -> Response:
    return _now(request.args.get("language", ""))


@blueprint.post("/staff/rota/now")
@open_to(*CALLERS)
def show_code() -> Response:
    """The provider's access code, after it was noted who wanted to see it."""
    code = settings().phone_interpreter_code or abort(404)
    who = visit().person.reference
    audit.note_alone(state().database, state().ring, by=who, did=Did.VIEWED, what="interpreter access code")
    return _now(request.form.get("language", ""), code)


def _now(typed: str, code: str = "") -> Response:
    second = clock.seconds()
    with state().database.read() as connection:
        offered = panels.languages(connection)
        offices = picking.offices(connection, every=True)
        found = on_now.meant(offered, typed)
        answer = on_now.who_can(connection, found[0].code, second) if len(found) == 1 else None
        duty = rota.on_duty(connection, second) if not typed else []
    names = {option.code: option.text.english for option in offered}
    problem = NO_SUCH if not found else SEVERAL if len(found) > 1 else None
    problem = problem if typed else None
    signed = len(found) == 1 and on_now.is_signed(found[0].code)
    return render(
        "interpreting/now.html",
        "staff/rota/now",
        422 if problem else 200,
        typed=typed,
        error=said(problem) if problem else "",
        suggestions=sorted(names.values()),
        found=found,
        language_name=found[0].text.english if len(found) == 1 else "",
        chosen=found[0].code if len(found) == 1 else "",
        answer=answer,
        levels={level: said(words) for level, words in on_now.LEVELS.items()},
        place=lambda slot: offices.get(slot.office, slot.office) if slot.office else said(ALL_OFFICES),
        at=f"{clock.in_london(clock.moment(second)):%H:%M}",
        duty=sorted({(names.get(slot.language, slot.language), slot.language) for slot in duty}),
        line=None if signed else _line(code),
        signed=signed,
        caller=may(*CALLERS),
    )


# Gaps


@blueprint.get("/staff/rota/gaps")
@open_to(*OFFICE)
def gaps() -> Response:
    """When, in the next seven days, nobody of the rota is there for a language of a panel."""
    days = clock.days_from(clock.today(), WEEK)
    with state().database.read() as connection:
        known = panels.panels(connection)
        called = {code: name for code, name, _active in registers.every(connection, PANELS, ())}
        panel = request.args.get("panel", "") or next(iter(known), "")
        if panel and panel not in known:
            abort(404)
        names = picking.languages(connection)
        wanted = sorted(known.get(panel, ()), key=lambda code: names.get(code, code))
        found = rota.gaps(connection, wanted, settings().opening, days)
    return render(
        "interpreting/gaps.html",
        "staff/rota/gaps",
        panels=[{"value": code, "text": called[code], "selected": code == panel} for code in known],
        panel=called.get(panel, ""),
        days=[(day, said(DAYS[day.isoweekday() - 1])) for day in days],
        lines=[
            (names.get(code, code), [_gap(found.get(code, {}).get(day)) for day in days]) for code in wanted
        ],
    )


def _gap(spans: list[rota.Span] | None) -> tuple[str, list[str]]:
    if spans is None:
        return "closed", []
    return "gap" if spans else "covered", [f"{rota.as_time(a)}–{rota.as_time(b)}" for a, b in spans]
