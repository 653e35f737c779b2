"""The times that would suit the person who asked."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, bindparam, delete, insert, select

from portal import clock
from portal.forms.interpreter import WINDOWS
from portal.interpreting.models import Window
from portal.questions import Answers
from portal.questions.answers import said

Times = list[tuple[int, int]]
"""From when until when, in seconds since 1970."""
OPENS, SHUTS, MIDNIGHT = "09:00", "17:00", "23:59"
"""What a day without hours means, and an evening without an end."""

OF = select(Window.starts, Window.ends).where(Window.request == bindparam("of")).order_by(Window.number)


def of_answers(answers: Answers) -> Iterator[tuple[int, int]]:
    """The times that a form offers."""
    for number in range(1, WINDOWS + 1):
        parts = (answers.get(f"window.{number}.{part}", ()) for part in ("day", "from", "to"))
        day, begins, ends = (next(iter(said(answer)), None) for answer in parts)
        if day is None:
            continue
        starts = clock.at(clock.day(day), begins or OPENS)
        latest = clock.at(clock.day(day), ends or SHUTS)
        if latest <= starts:
            latest = clock.at(clock.day(day), MIDNIGHT)
        yield int(starts.timestamp()), int(latest.timestamp())


def of_request(connection: Connection, request: str) -> Times:
    """The times that a request offers, as the person ordered them."""
    return [(row.starts, row.ends) for row in connection.execute(OF, {"of": request})]


def put(connection: Connection, request: str, times: Times) -> None:
    """Replace them."""
    connection.execute(delete(Window).where(Window.request == request))
    if times:
        rows = [
            {"request": request, "number": number, "starts": starts, "ends": ends}
            for number, (starts, ends) in enumerate(times, start=1)
        ]
        connection.execute(insert(Window), rows)
