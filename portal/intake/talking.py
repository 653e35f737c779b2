"""Would rather talk: whom to call and where to go, from every page of a private form and back to it."""

from __future__ import annotations

from babel import Locale
from babel.dates import get_day_names
from flask import Blueprint, Response

from portal.checking import WEEKDAYS
from portal.intake.beforehand import private_form
from portal.intake.steps import next_place, open_draft, watched
from portal.pages import cookie, render, settings, spoken, state
from portal.questions import Form

blueprint = Blueprint("talking", __name__)


@blueprint.get("/<language>/<address>/talk")
def talk(language: str, address: str) -> Response:
    return talk_page(private_form(address), f"{address}/talk")


@blueprint.get("/<language>/<address>/talk/<int:number>")
def talk_from(language: str, address: str, number: int) -> Response:
    """From a page of questions: what was typed there is kept, and the way leads back to it."""
    return talk_page(private_form(address), f"{address}/talk/{number}", number)


def talk_page(form: Form, rest: str, number: int | None = None) -> Response:
    """The page, with the way back to where the person was."""
    draft = open_draft(form)
    start = f"/{spoken().language.code}/{form.address}"
    if draft is not None:
        back = f"{start}/{number}" if number and draft.device else next_place(form, draft)
    else:
        sent = state().ring.open_cookie("sent", cookie("sent"))
        back = f"{start}/sent" if sent and sent["form"] == form.key else start
    return render("intake/talk.html", rest, watch=watched(form, draft), back=back, hours=_hours())


def _hours() -> list[tuple[str, str]]:
    """The days on which somebody answers, named in the page's language, with their hours."""
    language = spoken().language
    names = get_day_names("wide", "stand-alone", locale=Locale.parse(language.locale or language.code))
    opening = settings().opening_hours
    return [
        (names[place], opening[day].replace("-", "–")) for place, day in enumerate(WEEKDAYS) if day in opening
    ]
