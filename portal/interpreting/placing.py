"""A request placed by hand with a company that sends interpreters: which, under which number, the price."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, abort, request
from sqlalchemy import Row

from portal import references
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.intake.asking import fields_of
from portal.interpreting import acting, planning, steps
from portal.interpreting.desk import FASTER, back_to, found, seen
from portal.interpreting.moving import NotNow
from portal.interpreting.planning import SEATS, TIME
from portal.interpreting.queue import DESK
from portal.interpreting.states import Event
from portal.interpreting.steps import one
from portal.pages import render, said, state
from portal.questions import Answer, Choice, Option, Problem, Question, Text
from portal.questions.messages import Message, _staff
from portal.questions.typing_in import western_digits

blueprint = Blueprint("placing", __name__)

NO_PRICE = _staff("Type a price in pounds, such as 45 or 45.50")
POUNDS = re.compile(r"£? ?([0-9]{1,5})(?:[.,]([0-9]{2}))?")


def questions(providers: tuple[Option, ...]) -> tuple[Question, ...]:
    """What is asked of a provider's booking: whose it is, and when who they send arrives."""
    return (
        Choice(
            key="provider",
            text=_staff("Provider"),
            required=_staff("Choose the provider"),
            options=providers,
        ),
        Text(key="number", text=_staff("Their number for it"), most=60),
        Text(key="price", text=_staff("Price in pounds"), hint=_staff("For example 45.50"), most=12),
        *TIME,
        SEATS,
    )


def pence(typed: str) -> int | None:
    """The pence of a price in pounds; None for what is none."""
    found = POUNDS.fullmatch(western_digits(typed).strip())
    return int(found[1]) * 100 + int(found[2] or 0) if found else None


@blueprint.get(f"{DESK}/<reference>/provider")
@open_to(Role.COORDINATOR)
def ask(reference: str) -> Response:
    row = found(reference)
    if Event.PLACE not in acting.possible(row):
        abort(404)
    with state().database.read() as connection:
        answers = planning.suggested(connection, row) | planning.offering(row)
    return _page(row, answers, None, {})


def _asked() -> tuple[Question, ...]:
    with state().database.read() as connection:
        return questions(planning.providers(connection))


def _page(
    row: Row[Any],
    answers: dict[str, Answer],
    typed: dict[str, list[str]] | None,
    problems: dict[str, Problem],
    status: int = 200,
    notice: Message | None = None,
) -> Response:
    asked = _asked()
    return render(
        "interpreting/provider.html",
        f"{DESK[1:]}/{row.reference}/provider",
        status,
        row=row,
        grouped=references.grouped,
        fields=fields_of(asked, answers, typed, problems, heading=False),
        some=isinstance(asked[0], Choice) and bool(asked[0].known),
        errors=[(f"#{problem.field}", said(problem.message)) for problem in problems.values()],
        notice=said(notice) if notice else "",
    )


@blueprint.post(f"{DESK}/<reference>/provider")
@open_to(Role.COORDINATOR)
def place(reference: str) -> Response:
    row, version, asked = found(reference), seen(), _asked()
    typed = {name: request.form.getlist(name) for question in asked for name in question.fields}
    answers, problems = steps.read(asked, typed)
    price = pence(one(answers, "price")) if one(answers, "price") else None
    if one(answers, "price") and price is None:
        problems["price"] = Problem("price", NO_PRICE)
    if problems:
        return _page(row, answers, typed, problems, 422)
    placed = {
        "provider": one(answers, "provider"),
        "provider_number": one(answers, "number") or None,
        "price": price,
    }
    plan = planning.plan_of(answers, int(one(answers, "seats")))
    try:
        acting.place(
            state().database, state().ring, reference, version, plan, visit().person.reference, **placed
        )
    except NotNow:
        return _page(found(reference), answers, typed, {}, 409, FASTER)
    return back_to(reference)
