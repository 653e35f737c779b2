"""The page on which coordinators say which language it is that people named in their own words."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request

from portal import registers
from portal.accounts.guard import open_to, visit
from portal.accounts.roles import Role
from portal.audit import Did, note_alone
from portal.forms.speech import SPOKEN_OPTIONS, SPOKEN_REGISTER
from portal.interpreting import coding, panels
from portal.interpreting.coding import Named
from portal.pages import redirect, render, said, state
from portal.questions.messages import Message, _staff
from portal.registers import Unfit

blueprint = Blueprint("other_languages", __name__)

NEW = "_new"
"""What is chosen for a language that the list does not have yet."""
CHOOSE = _staff("Choose which language it is")


@blueprint.get("/staff/other-languages")
@open_to(Role.COORDINATOR, label=_staff("Other languages"))
def everything() -> Response:
    return _everything(None)


def _everything(problem: Message | None, status: int = 200) -> Response:
    found = _named()
    with state().database.read() as connection:
        offered = [(option.code, option.text.english) for option in panels.languages(connection)]
    names = dict(offered)
    choices = [
        ("", said(CHOOSE)),
        *offered,
        (NEW, said(_staff("A language that is not in the list: add it"))),
    ]
    return render(
        "interpreting/other_languages.html",
        "staff/other-languages",
        status,
        error=said(problem) if problem else "",
        waiting=[one for one in found if not one.code],
        coded=[(one, names.get(one.code, one.code)) for one in found if one.code],
        choices=[{"value": code, "text": text, "selected": not code} for code, text in choices],
    )


def _named() -> list[Named]:
    """The words, noted in the audit log before they are opened."""
    portal = state()
    note_alone(
        portal.database, portal.ring, by=visit().person.reference, did=Did.VIEWED, what="other languages"
    )
    return coding.named(portal.database, portal.ring, portal.known_forms)


@blueprint.post("/staff/other-languages")
@open_to(Role.COORDINATOR)
def code() -> Response:
    """Which language it is; "undo" takes a code back."""
    portal, who = state(), visit().person.reference
    one = next((one for one in _named() if one.digest.hex() == request.form.get("words")), None) or abort(404)
    language = request.form.get("language", "")
    if language == NEW:
        also = portal.following.also.get(SPOKEN_REGISTER, ())
        try:
            language = registers.add(
                portal.database, portal.ring, SPOKEN_REGISTER, SPOKEN_OPTIONS, one.words, who, also
            )
        except Unfit as error:
            return _everything(error.why, 422)
        portal.following.look_again()
    elif request.form.get("go") != "undo":
        with portal.database.read() as connection:
            offered = {option.code for option in panels.languages(connection)}
        if language not in offered:
            return _everything(CHOOSE, 422)
    coding.code(portal.database, portal.ring, one.digest, language, who)
    return redirect("/staff/other-languages")
