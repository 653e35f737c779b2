"""An interpreter's own pages: what comes next, what is offered, and the answer to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal import clock, references
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.intake.asking import fields_of
from portal.interpreting import disclosure, jobs, offers
from portal.interpreting.disclosure import Field
from portal.interpreting.jobs import SHOWN, STATES, WAITING, Names
from portal.interpreting.offers import DECLINED_WHY, Answer
from portal.interpreting.purposes import told
from portal.languages import months
from portal.pages import redirect, render, said, state
from portal.questions import Answer as Given
from portal.questions import Choice, Option, Problem, Question, Reader, read_all
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import Typed

blueprint = Blueprint("own", __name__)

WHY = Choice(
    key="reason",
    text=_staff("Why you cannot do it"),
    required=_staff("Choose why you cannot do it"),
    options=tuple(Option(code, words) for code, words in DECLINED_WHY.items()),
)
ANSWERS: dict[Answer, tuple[int, Message, Message]] = {
    Answer.WILLING: (
        200,
        _staff("The coordinator knows that you can"),
        _staff("You hear from us whether it is yours. Until then you are not booked."),
    ),
    Answer.FILLED: (
        409,
        _staff("This job has just been filled"),
        _staff("Somebody else was faster. Thank you for answering. Nothing more is needed of you."),
    ),
    Answer.OVERLAP: (
        409,
        _staff("You are booked at that time"),
        _staff("With the way there and back it overlaps another booking of yours. Nothing was changed."),
    ),
    Answer.EXPIRED: (
        410,
        _staff("The time to accept this is over"),
        _staff("If you can still come, call the coordinator: perhaps nobody else was found."),
    ),
    Answer.WITHDRAWN: (
        409,
        _staff("This is not offered any more"),
        _staff("It was changed or cancelled. Nothing more is needed of you."),
    ),
    Answer.DECLINED: (
        409,
        _staff("You have declined this"),
        _staff("If you can come after all, call the coordinator."),
    ),
}
"""What accepting comes to, where no booking page says it: status, heading, words."""
PURPOSES = frozenset({Field.PURPOSE, Field.WHOLE_PURPOSE})
CLOSED = {
    "accepted": Answer.ALREADY,
    "declined": Answer.DECLINED,
    "expired": Answer.EXPIRED,
    "filled": Answer.FILLED,
    "withdrawn": Answer.WITHDRAWN,
}


def me() -> Row[Any]:
    """The interpreter who is signed in. 404 for somebody who is none."""
    with state().database.read() as connection:
        return jobs.interpreter_of(connection, visit().person.reference) or abort(404)


def reference_of(typed: str) -> str:
    """The reference in an address. 404 for what cannot be one."""
    return typed if references.read(typed) == typed else abort(404)


def typed_for(questions: Iterable[Question]) -> dict[str, list[str]]:
    """What was typed into the fields of these questions."""
    return {name: request.form.getlist(name) for question in questions for name in question.fields}


def read(
    questions: Sequence[Question], typed: Typed
) -> tuple[dict[str, Given], dict[str, Problem], list[tuple[str, str]]]:
    """Answers, problems, and the lines of the error summary."""
    reader = Reader(months("en"), clock.today(), office=True, moment=clock.moment_of)
    answers, problems = read_all(questions, typed, {}, reader)
    return answers, problems, errors_of(problems)


def errors_of(problems: dict[str, Problem]) -> list[tuple[str, str]]:
    return [(f"#{problem.field}", said(problem.message)) for problem in problems.values()]


def message(status: int, title: Message, *texts: Message) -> Response:
    """A page that only says something."""
    return render("interpreting/own/said.html", "interpreters", status, title=title, texts=texts)


def line(job: Row[Any], known: Names, state: str | None) -> dict[str, Any]:
    """A job as a list shows it: nothing of the person's. `state` is the assignment's, None for an offer."""
    fields = disclosure.visible(state, job, clock.seconds())
    return {
        "reference": job.reference,
        "when": jobs.when(job),
        "minutes": jobs.minutes(job),
        "language": jobs.language(job, known),
        "mode": jobs.mode(job),
        "place": jobs.place(job, known),
        "about": None if fields.isdisjoint(PURPOSES) else told(job.purpose),
        "needs": [one for one in (jobs.wish(job), jobs.TWO if job.seats > 1 else None) if one],
        "state": None if state is None else STATES[state],
    }


@blueprint.get("/interpreters")
@open_to(Role.INTERPRETER, label=_staff("My work"))
def home() -> Response:
    """The next job, what is offered, and what else is booked."""
    now = clock.seconds()
    with state().database.read() as connection:
        person = jobs.interpreter_of(connection, visit().person.reference)
        if person is None:
            return render("interpreting/own/nobody.html", "interpreters")
        offered = jobs.open_offers(connection, person.id)
        booked = jobs.listed(connection, person.id, now - SHOWN)
        known = jobs.names(connection)
    coming = [job for job in booked if job.state in WAITING]
    done = [job for job in booked if job.state == "finished"]
    others = [job for job in reversed(booked) if job.state not in WAITING | {"finished"}]
    return render(
        "interpreting/own/home.html",
        "interpreters",
        next=[line(job, known, job.state) for job in coming[:1]],
        offers=[line(job, known, None) for job in offered],
        coming=[line(job, known, job.state) for job in coming[1:]],
        done=[line(job, known, job.state) for job in done],
        others=[line(job, known, job.state) for job in others[:20]],
    )


@blueprint.get("/interpreters/offers/<reference>")
@open_to(Role.INTERPRETER)
def offer(reference: str) -> Response:
    """One offer. Looking at it notes that it was seen, and accepts nothing."""
    person = me()
    offers.seen(state().database, reference_of(reference), person.id)
    return _offer(person, reference, {}, {})


def _offer(
    person: Row[Any],
    reference: str,
    typed: dict[str, list[str]],
    problems: dict[str, Problem],
    status: int = 200,
) -> Response:
    with state().database.read() as connection:
        found = jobs.offer(connection, person.id, reference) or abort(404)
        known = jobs.names(connection)
        seat = jobs.seat_in(connection, person.id, found.booking)
    closed = CLOSED.get(found.state)
    if closed is None and (found.expires <= clock.seconds() or not found.live):
        closed = Answer.WITHDRAWN if not found.live else Answer.EXPIRED
    if closed is not None:
        return answered(closed, seat)
    fields = disclosure.visible(None, found, clock.seconds())
    return render(
        "interpreting/own/offer.html",
        f"interpreters/offers/{reference}",
        status,
        offer=found,
        rows=_said(jobs.rows(found, fields, known)),
        until=f"{jobs.day_in_words(found.expires)}, {jobs.time_in_words(found.expires)}",
        why=fields_of((WHY,), {}, typed, problems, heading=False),
        errors=errors_of(problems),
        visits=found.mode in disclosure.VISITED,
    )


def _said(rows: list[tuple[Message, list[Message]]]) -> list[dict[str, Any]]:
    """The rows of a sheet as the summary list takes them."""
    return [{"key": said(key), "values": [said(one) for one in words], "href": ""} for key, words in rows]


def answered(answer: Answer, seat: str | None) -> Response:
    """What accepting came to: the page of the booking, or kind words with the right status."""
    if answer in (Answer.WON, Answer.ALREADY) and seat:
        first = "" if answer is Answer.WON else "?already=yes"
        return redirect(f"/interpreters/bookings/{seat}{first}")
    if answer not in ANSWERS:
        abort(404)
    status, title, words = ANSWERS[answer]
    return message(status, title, words)


@blueprint.post("/interpreters/offers/<reference>/accept")
@open_to(Role.INTERPRETER)
def accept(reference: str) -> Response:
    """Accept an offer. Of those who press at once one wins."""
    person, portal = me(), state()
    answer = offers.accept(
        portal.database, portal.ring, reference_of(reference), person.id, visit().person.reference
    )
    with portal.database.read() as connection:
        found = jobs.offer(connection, person.id, reference)
        seat = jobs.seat_in(connection, person.id, found.booking) if found else None
    return answered(answer, seat)


@blueprint.post("/interpreters/offers/<reference>/decline")
@open_to(Role.INTERPRETER)
def decline(reference: str) -> Response:
    """Decline it, with a reason. The coordinator sees the reason, and nobody else."""
    person, portal = me(), state()
    typed = typed_for((WHY,))
    answers, problems, _errors = read((WHY,), typed)
    if problems:
        return _offer(person, reference_of(reference), typed, problems, 422)
    answer = offers.decline(
        portal.database,
        portal.ring,
        reference_of(reference),
        person.id,
        answers["reason"][0],
        visit().person.reference,
    )
    if answer is Answer.DECLINED:
        return redirect("/interpreters")
    return answered(answer, None)
